"""Links to neighbours, dialled and accepted."""

from twisted.internet import error, interfaces, protocol
from twisted.protocols import basic
from zope.interface import implementer

from pyherd import handshake, wire

HEALTHY = 10.0  # seconds after which a link's end begins the waits anew


@implementer(interfaces.IPushProducer)
class Outbox(object):
    """What a neighbour is to know. While it takes what it gets, lines go straight
    through; else we note whose records changed, and not each of their lines, so
    that a neighbour that is slow costs bounded memory."""

    # -- flood --
    def __init__(self, transport, write, records):
        self._transport, self._write, self._records = transport, write, records
        self._full = False
        self._changed = set(records)  # a new link begins with everything
        transport.registerProducer(self, True)

    def put(self, record):
        if self._full:
            self._changed.add(record.id)
        else:
            self._write(record.line)

    def pauseProducing(self):
        self._full = True

    def resumeProducing(self):
        self._full = False
        self.pump()

    def pump(self):
        while self._changed and not self._full:
            self._write(self._records[self._changed.pop()].line)

    def stopProducing(self):
        self._full = True

    def idle(self):
        return not self._changed and not self._full


class Link(basic.LineReceiver):
    """A connection with a neighbour. Until the handshake is done it is nobody's."""

    # -- framing --
    delimiter = b"\n"
    MAX_LENGTH = wire.MAX_HANDSHAKE_LINE

    def __init__(self, links, role, to=None):
        self._links, self.role = links, role
        self._handshake = handshake.Handshake(links.identity, role, to)
        self.peer, self.boot, self.outbox = to, None, None
        self._losing, self._timeout = None, None

    def lineReceived(self, line):
        self._links.server.log.came(self._conn, line)
        if self._losing:
            return
        if line.endswith(b"\r"):
            line = line[:-1]
        if self.outbox is None:
            self._shake(line)
        else:
            self._update(line)

    def lineLengthExceeded(self, line):
        self.lose("line_too_long")

    # -- handshake --
    def connectionMade(self):
        self._conn = self._links.server.log.opened("peer", "%s:%s" % (self.transport.getPeer().host, self.transport.getPeer().port))
        self.transport.setTcpNoDelay(True)
        self.transport.setTcpKeepAlive(True)
        self._timeout = self._links.reactor.callLater(handshake.TIMEOUT, self.lose, "handshake_timeout")
        self._write(self._handshake.start())

    def _shake(self, line):
        try:
            send, done = self._handshake.receive(line)
        except handshake.Refused as e:
            self._write(e.send)
            self.lose(e.reason)
            return
        self._write(send)
        if done:
            self._timeout.cancel()
            self.MAX_LENGTH = wire.MAX_PEER_LINE + 1
            self.peer, self.boot = self._handshake.peer, self._handshake.boot
            self._conn = self._links.server.log.named(self._conn, self.peer)
            self._links.opened(self)

    # -- flood --
    def begin(self):
        """Send everything, and from now on what is new."""
        self.outbox = Outbox(self.transport, self._write, self._links.server.node.records)
        self._links.reactor.callLater(0, self.outbox.pump)

    def _update(self, line):
        try:
            record = self._links.server.node.receive_peer(line)
        except ValueError as e:
            self._links.server.log.event("warn", "line dropped", peer=self.peer, error=e)
            return
        if record is not None:
            self._links.flood(record, self)

    # -- reconnection --
    def _write(self, data):
        if data:
            self._links.server.log.went(self._conn, data)
            self.transport.write(data)

    def lose(self, why):
        """End the link for a reason of ours; what was written is sent still."""
        if self._losing is None:
            self._losing = why
            self.transport.unregisterProducer()
            self.transport.loseConnection()

    def connectionLost(self, reason=protocol.connectionDone):
        if self._timeout.active():
            self._timeout.cancel()
        why = self._losing or ("done" if reason.check(error.ConnectionDone) else reason.getErrorMessage())
        self._links.server.log.closed(self._conn, why)
        self._links.lost(self, why)


class PeerFactory(protocol.ServerFactory):
    noisy = False

    def __init__(self, links):
        self._links = links

    def buildProtocol(self, addr):
        return Link(self._links, b"acceptor")


class Neighbour(protocol.ReconnectingClientFactory):
    """Dials one neighbour, again and again, unless it has dialled us."""

    noisy = False
    initialDelay, maxDelay = 0.2, 5.0  # factor and jitter are Twisted's own: e, 12 %

    def __init__(self, links, name, address):
        self.links, self.name, self.link = links, name, None
        self.delay = self.initialDelay
        self._resting, self._healthy = False, None
        self._connector = links.reactor.connectTCP(address[0], address[1], self, timeout=5)

    def buildProtocol(self, addr):
        return Link(self.links, b"dialler", self.name)

    def clientConnectionFailed(self, connector, reason):
        if not self._rest():
            protocol.ReconnectingClientFactory.clientConnectionFailed(self, connector, reason)

    def clientConnectionLost(self, connector, reason):
        if not self._rest():
            protocol.ReconnectingClientFactory.clientConnectionLost(self, connector, reason)

    def _rest(self):
        """Do not dial while a link is open: what was lost was its duplicate."""
        self._resting = self.link is not None
        return self._resting

    def up(self, link):
        self.link = link
        if link.role == b"acceptor":
            self._resting = True
            self.stopTrying()
        else:
            self._resting, self.continueTrying = False, 1
        self._not_healthy()
        self._healthy = self.links.reactor.callLater(HEALTHY, self.resetDelay)

    def down(self):
        self.link = None
        self._not_healthy()
        if self._resting and not self.links.stopping:
            self._resting, self.continueTrying = False, 1
            self.retry(self._connector)

    def _not_healthy(self):
        if self._healthy and self._healthy.active():
            self._healthy.cancel()


class Links(object):
    """All neighbours, and which link to each of them stays."""

    def __init__(self, reactor, server):
        settings = server.settings
        self.reactor, self.server = reactor, server
        self.identity = handshake.Identity(settings.herd, settings.server.name, settings.server.talks_to,
                                           settings.future, settings.keys)
        self.neighbours = {}  # by name
        self.onlookers = []  # called with each record that is passed on  # -- fence --
        self.stopping = False

    def dial(self):
        settings = self.server.settings
        for name in settings.server.talks_to:
            self.neighbours[name] = Neighbour(self, name, settings.servers[name].peers)

    def opened(self, link):
        neighbour = self.neighbours[link.peer]
        old = neighbour.link
        if old is not None:
            stays, why = handshake.stays(self.identity.name, old, link)
            if stays is old:
                link.lose(why)
                return
            neighbour.link = None
            old.lose(why)
        self.server.log.event("info", "peer connected", peer=link.peer, role=link.role, boot=link.boot)
        neighbour.up(link)
        link.begin()

    def lost(self, link, why):
        neighbour = self.neighbours.get(link.peer)
        if neighbour is not None and neighbour.link is link:
            self.server.log.event("info", "peer disconnected", peer=link.peer, reason=why)
            neighbour.down()
        elif link.outbox is None and why != "duplicate_link":
            self.server.log.event("warn", "link refused", peer=link.peer or b"nobody", reason=why)

    @property
    def open(self):
        return [n.link for n in self.neighbours.values() if n.link is not None]

    # -- flood --
    def flood(self, record, source):
        """Tell every neighbour but the one that it came from."""
        for onlooker in self.onlookers:  # -- fence --
            onlooker(record)  # -- fence --
        for neighbour in self.neighbours.values():
            if neighbour.link is not None and neighbour.link is not source:
                neighbour.link.outbox.put(record)

    # -- reconnection --
    def stop_dialling(self):
        self.stopping = True
        for neighbour in self.neighbours.values():
            neighbour.stopTrying()

    def finish(self):
        """The server stops: each link ends once its neighbour has everything."""
        for link in self.open:
            if link.outbox.idle():
                link.lose("server_stopping")
        if self.open:
            self.reactor.callLater(0.01, self.finish)
