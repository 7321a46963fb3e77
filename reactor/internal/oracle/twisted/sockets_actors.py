"""Who acts in a socket scenario: the twin of sockets/end.go, ofend.go and
factory.go. Each has the statements about itself.
"""
from twisted.internet import error, interfaces, protocol
from zope.interface import implementer

ALPHABET = "abcdefghijklmnopqrstuvwxyz"


class Boom(Exception):
    """What the statement "raise" raises."""


class End(protocol.Protocol):
    """One end of a connection. name is what statements call the latest of its
    kind, label what its events do."""

    half_closeable = False

    def __init__(self, world, name, label, stream):
        self.world, self.name, self.label, self.stream = world, name, label, stream
        self.made = self.gone = self.paused = self.losing = False
        self.read_lost = self.half_closed = False
        self.accepting = False  # inside a server's connectionMade
        self.writes = self.sent = self.got = 0
        self.result = None

    def reading(self):
        return self.made and not (self.gone or self.paused or self.losing or self.read_lost)

    def peer(self):
        return self.world.ends.get({"c": "s", "s": "c"}[self.name[0]] + self.name[1:])

    def connectionMade(self):
        self.made = True
        self.accepting = self.name[0] == "s"
        self.world.happen(self, "made")
        self.accepting = False

    def dataReceived(self, data):
        self.got += len(data)
        self.world.received(self, data)
        self.world.enter("received " + self.name)
        result, self.result = self.result, None
        return result

    def connectionLost(self, reason):
        self.gone = True
        self.world.happen(self, "lost", reason.type.__name__)

    # The statements about an end.

    def may_write(self):
        """Whether what the peer makes of it does not depend on when it comes,
        and will be noticed."""
        peer = self.peer()
        if self.gone or peer is None:
            return True
        if peer.losing or peer.gone:
            return self.reading() and not self.half_closeable
        return self.half_closeable or not peer.half_closed

    def peer_ends(self):
        """Whether the end of the peer's stream is on its way, or here."""
        peer = self.peer()
        return peer is not None and (peer.half_closed or peer.losing or peer.gone)

    def reset_is_noticed(self):
        """Whether the peer hears of an abort."""
        peer = self.peer()
        if self.gone:
            return True  # nothing comes of it
        if peer is None or not peer.made:
            return not self.half_closed or not self.peer_goes_on()  # it hears of either end once it is there
        if peer.gone:
            return True
        return peer.reading() and not (self.half_closed and self.peer_goes_on())

    def peer_goes_on(self):
        """Whether the other end is, or will be, half-closeable."""
        half = {"c": "shalf", "s": "chalf"}[self.name[0]]
        return half in self.world.options[self.name[1:]]

    def register(self, size, count, streaming):
        self.transport.registerProducer(Producer(self, int(size), int(count)), streaming)

    def close(self, lose):
        """End the connection by one of the ways that send everything first, but
        not where input left unread spoils that."""
        peer = self.peer()
        if peer is not None and peer.sent > self.got and (peer.half_closeable or self.sent > peer.got):
            return
        self.losing = True
        lose()

    def pattern(self, size):
        """The bytes of the next write: each begins with another letter."""
        turned = ALPHABET[self.writes % 26:] + ALPHABET[:self.writes % 26]
        self.writes += 1
        self.sent += size
        return (turned * (size // 26 + 1))[:size].encode("ascii")

    def do_write(self, size=0):
        if self.may_write():
            self.transport.write(self.pattern(int(size)))

    def do_writeseq(self, *sizes):
        if self.may_write():
            self.transport.writeSequence([self.pattern(int(size)) for size in sizes])

    def do_lose(self):
        self.close(self.transport.loseConnection)

    def do_stopproducing(self):
        self.close(self.transport.stopProducing)

    def do_losewrite(self):
        if not self.gone and not self.half_closed and (self.read_lost or not self.peer_ends()):
            self.half_closed = True
            self.transport.loseWriteConnection()

    def do_abort(self):
        if self.reset_is_noticed():
            self.losing = True
            self.transport.abortConnection()

    def do_pause(self):
        self.paused = True
        self.transport.pauseProducing()

    def do_resume(self):
        if not self.read_lost:
            self.paused = False
            self.transport.resumeProducing()

    def do_push(self, size=0, count=0):
        self.register(size, count, True)

    def do_pull(self, size=0, count=0):
        self.register(size, count, False)

    def do_unregister(self):
        self.transport.unregisterProducer()

    def do_give(self, kind):
        if not (self.half_closeable and kind == "ConnectionDone"):
            self.result = getattr(error, kind)()

    def do_raise(self):
        if self.world.inside and not self.accepting:
            raise Boom()


@implementer(interfaces.IHalfCloseableProtocol)
class HalfCloseableEnd(End):
    half_closeable = True

    def readConnectionLost(self):
        self.read_lost = True
        self.world.happen(self, "readlost")

    def writeConnectionLost(self):
        self.world.happen(self, "writelost")


class Producer(object):
    """Writes a piece, as often as it has some left, whenever it is resumed, and
    then unregisters."""

    def __init__(self, end, size, left):
        self.end, self.size, self.left = end, size, left

    def pauseProducing(self):
        self.end.world.happen(self.end, "paused")

    def resumeProducing(self):
        self.end.world.happen(self.end, "resumed")
        if self.left > 0:
            self.left -= 1
            self.end.do_write(self.size)
            if self.left == 0:
                self.end.transport.unregisterProducer()

    def stopProducing(self):
        self.end.world.happen(self.end, "stopped")


class Noted(object):
    """The part of a factory whose calls are events."""

    def doStart(self):
        self.world.note(self.stream, "doStart", self.name)
        self.kind.doStart(self)

    def startFactory(self):
        self.world.happen(self, "startFactory")

    def doStop(self):
        self.world.note(self.stream, "doStop", self.name)
        self.kind.doStop(self)

    def stopFactory(self):
        self.world.stopped += 1
        self.world.happen(self, "stopFactory")


class PortFactory(Noted, protocol.ServerFactory):
    kind = protocol.ServerFactory
    noisy = False

    def __init__(self, world, name):
        self.world, self.name, self.label, self.stream = world, name, name, name

    def buildProtocol(self, address):
        # Client n connects from 127.0.0.(10+n), so a server knows whose it is.
        number = str(int(address.host.split(".")[-1]) - 10)
        options = self.world.options.get(number, ())
        return self.world.build("s" + number, "refuse" in options, "shalf" in options)


class Connecting(Noted):
    noisy = False

    def __init__(self, world, number):
        self.world, self.number = world, number
        self.name = self.label = "f" + number
        self.stream = "c" + number
        self.connector, self.failures = None, 0
        self.giving_up = False  # inside stopConnecting
        self.telling = False  # inside a hook that tells of an end

    def startedConnecting(self, connector):
        self.connector = connector
        self.world.happen(self, "started", connector.state)

    def buildProtocol(self, address):
        return self.world.build("c" + self.number, False, "chalf" in self.world.options[self.number])

    def clientConnectionFailed(self, connector, reason):
        self.tell("failed", reason)
        self.kind.clientConnectionFailed(self, connector, reason)

    def clientConnectionLost(self, connector, reason):
        self.tell("lost", reason)
        self.kind.clientConnectionLost(self, connector, reason)

    def tell(self, kind, reason):
        """The event that an attempt failed, or its connection was lost."""
        self.failures += 1
        self.telling = True
        self.world.happen(self, kind, reason.type.__name__, self.connector.state)
        self.telling = False

    def attempt_of_hook(self):
        """Whether a hook that tells of the last attempt, or of its connection,
        has started the one under way."""
        return self.telling and self.connector.state == "connecting"

    # The statements about a client's factory and its connector.

    def do_reconnect(self):
        if self.retries is None and not self.giving_up:
            self.connector.connect()

    def do_stopconnecting(self):
        if self.attempt_of_hook():
            return
        self.giving_up = True
        try:
            self.connector.stopConnecting()
        finally:
            self.giving_up = False

    def do_disconnect(self):
        end = self.world.ends.get("c" + self.number)
        if end is not None and self.connector.state == "connected":
            end.close(self.connector.disconnect)
            return
        if self.attempt_of_hook():
            return
        self.giving_up = True
        try:
            self.connector.disconnect()
        finally:
            self.giving_up = False

    def do_stoptrying(self):
        if self.retries is not None and self.failures:
            self.stopTrying()

    def do_resetdelay(self):
        if self.retries is not None:
            self.resetDelay()


class PlainClient(Connecting, protocol.ClientFactory):
    kind = protocol.ClientFactory
    retries = None


class RetryingClient(Connecting, protocol.ReconnectingClientFactory):
    kind = protocol.ReconnectingClientFactory
    delay = initialDelay = 0.004
    factor, maxDelay, jitter = 1.5, 0.02, None
