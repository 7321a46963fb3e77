"""Clients' connections."""

import collections
import time

from twisted.internet import defer, error, interfaces, protocol, reactor
from twisted.protocols import basic
from zope.interface import implementer

from pyherd import jsontext, wire

CLOSE_TIMEOUT = 10.0  # seconds from our goodbye to the end of the connection


class Answer(object):
    """One place in the order of a client's answers."""

    def __init__(self, text, ready):
        self.text, self.ready = text, ready


@implementer(interfaces.IHalfCloseableProtocol)
class Session(basic.LineReceiver):
    # -- framing --
    delimiter = b"\n"
    MAX_LENGTH = wire.MAX_CLIENT_LINE + 1  # and the CR of a CRLF

    def __init__(self, server):
        self._server = server
        self._answers = collections.deque()  # behind a WHATSAT that waits
        self._waiting = 0  # WHATSATs among them
        self._holds = set()  # why we do not read
        self._first, self._closing, self._ended = True, False, False
        self._cut = None  # cuts who does not hang up

    def connectionMade(self):
        self._conn = self._server.log.opened("client", "%s:%s" % (self.transport.getPeer().host, self.transport.getPeer().port))
        self._server.clients.sessions.add(self)
        self.transport.setTcpNoDelay(True)
        # Whoever does not take the answers is not read any further.
        self.transport.registerProducer(self, True)

    def lineReceived(self, line):
        self._server.log.came(self._conn, line)
        if self._closing:
            return
        if line.endswith(b"\r"):
            line = line[:-1]
        if len(line) > wire.MAX_CLIENT_LINE:
            self.lineLengthExceeded(line)
            return
        first, self._first = self._first, False
        self._carry_out(line)
        if first and wire.is_http(line) or self._server.settings.close_after_reply:
            self.close()

    def lineLengthExceeded(self, line):
        if not self._closing:
            self._answer(wire.TOO_LONG)
            self.close()

    def readConnectionLost(self):
        """The client has said everything: what is left without an end is a line."""
        if not self._closing:
            rest = self.clearLineBuffer()
            if rest:
                self.lineReceived(rest)
        self._ended = True
        self._end_if_answered()

    def writeConnectionLost(self):
        """Our last line is out."""

    # What the transport calls when the client does not take its answers, and then does.
    def pauseProducing(self):
        self._hold("output")

    def resumeProducing(self):
        self._release("output")

    def _hold(self, why):
        if not self._holds:
            basic.LineReceiver.pauseProducing(self)
        self._holds.add(why)

    def _release(self, why):
        if why in self._holds:
            self._holds.remove(why)
            if not self._holds:
                basic.LineReceiver.resumeProducing(self)

    # -- commands --
    def _carry_out(self, line):
        """A command takes effect now; its answer waits for its turn."""
        if self._server.settings.faults and line.startswith(b"FAULT "):
            self._fault(line[6:])
            return
        result = self._server.node.receive(line, wire.now())
        if result.flood is not None:
            self._server.links.flood(result.flood, None)
        if result.query is None:
            self._answer(result.answer)
        else:
            self._ask(result)

    def _ask(self, result):
        answer = Answer(result.answer, ready=False)
        self._answers.append(answer)
        self._waiting += 1
        if self._waiting >= self._server.settings.whatsats_per_client:
            self._hold("whatsats")
        d = self._server.upstream.ask(result.query)
        d.addCallback(self._answered, answer)
        d.addErrback(self._failed, answer)

    def _failed(self, failure, answer):
        """A mistake of ours: the client still gets its answer, and the log a traceback."""
        self._server.log.event("error", "upstream failed", error=failure.getTraceback())
        self._answered(jsontext.error("This server could not ask. Its log says why."), answer)

    def _answered(self, json, answer):
        answer.text += json + b"\n"
        answer.ready = True
        self._waiting -= 1
        if self._conn is None:
            return  # the client has gone meanwhile
        while self._answers and self._answers[0].ready:
            self._write(self._answers.popleft().text)
        self._release("whatsats")
        if self._closing or self._ended:
            self._end_if_answered()

    def _answer(self, text):
        if self._answers:
            self._answers.append(Answer(text, ready=True))
        else:
            self._write(text)

    def _write(self, text):
        self._server.log.went(self._conn, text)
        self.transport.write(text)

    def close(self):
        """Say goodbye once everything is answered, and read no further command."""
        self._closing = True
        self.clearLineBuffer()
        if self._holds:
            self._holds.clear()
            basic.LineReceiver.resumeProducing(self)  # to drop what comes
        self._end_if_answered()

    def finish(self):
        """The server stops."""
        self._ended = True
        self.close()

    def _end_if_answered(self):
        if self._answers or self._cut:
            return
        self.transport.unregisterProducer()  # a paused one would hold the end back
        self._cut = reactor.callLater(CLOSE_TIMEOUT, self.transport.abortConnection)
        if self._ended:
            self.transport.loseConnection()
        else:
            # Closed with something unread, the connection would be reset, and the
            # reset might overtake our last line.
            self.transport.loseWriteConnection()

    def connectionLost(self, reason=protocol.connectionDone):
        self._server.clients.sessions.discard(self)
        self._closing = True
        self._answers.clear()
        if self._cut and self._cut.active():
            self._cut.cancel()
        self._server.log.closed(self._conn, "done" if reason.check(error.ConnectionDone) else reason.getErrorMessage())
        self._conn = None

    # -- faults --
    def _fault(self, what):
        """Do what a mistake in this program would do: for the experiments alone."""
        if what == b"type":
            self.transport.write(u"a text where bytes belong\n")
        elif what == b"block":
            time.sleep(3)
        elif what == b"error":
            {}["no such key"]
        elif what == b"lost error":
            d = defer.Deferred()
            d.addCallback(lambda key: {}[key])
            d.addCallback(self._answer)
            reactor.callLater(0, d.callback, "no such key")
            return
        self._answer(b"done\n")


class Cyclic(Session):
    """Refers to itself, and so outlives its connection until the collector comes by."""

    def connectionMade(self):
        self._itself = self
        Session.connectionMade(self)


# -- commands --
class ClientFactory(protocol.ServerFactory):
    noisy = False

    def __init__(self, server):
        self._server = server
        self._kind = Cyclic if server.settings.cycles else Session
        self.sessions = set()

    def buildProtocol(self, addr):
        return self._kind(self._server)

    def finish(self):
        for session in list(self.sessions):
            session.finish()
