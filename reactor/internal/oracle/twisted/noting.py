"""A transport that notes on a stage what it is asked for: the twin of
noting/transport.go."""
from twisted.internet import error
from twisted.python.failure import Failure
from twisted.test.proto_helpers import StringTransport

from stage import quote


class Transport(StringTransport):
    """Pausing, resuming and stopping have no other effect: which of them a
    StringTransport refuses differs between the versions of Twisted."""

    protocol = None
    registered = None

    @property
    def producer(self):
        # StringTransport, like a real transport, has this attribute, and a
        # ThrottlingProtocol takes it for its own: with None in it, TH4's pause
        # of the producer is an AttributeError.
        raise AttributeError("producer")

    def registerProducer(self, producer, streaming):
        if self.registered is not None:
            raise RuntimeError("two producers")
        self.registered = producer

    def unregisterProducer(self):
        self.registered = None

    def __init__(self, stage, label=""):
        StringTransport.__init__(self)
        self.stage = stage
        self.label = label
        self.lost = False

    def note(self, event, *words):
        head = [event, self.label] if self.label else [event]
        self.stage.note(*(head + list(words)))

    def write(self, data):
        self.note("write", quote(data))

    def writeSequence(self, data):
        self.note("writeSequence", *[quote(part) for part in data])

    def loseConnection(self):
        self.note("lose")
        if self.protocol is None:
            self.disconnecting = True
        elif not self.lost:
            self.lost = True
            self.protocol.connectionLost(Failure(error.ConnectionDone()))

    def abortConnection(self):
        self.note("abort")

    def pauseProducing(self):
        self.note("pause")

    def resumeProducing(self):
        self.note("resume")

    def stopProducing(self):
        self.note("stop")
