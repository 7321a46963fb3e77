"""Scenarios of a ReconnectingClientFactory: the twin of reconnecting/play.go."""
from twisted.internet import protocol
from twisted.internet.error import NotConnectingError
from twisted.internet.task import Clock

from stage import Boom, Stage


class Random(object):
    """Stands in for the module random, with the generator of reconnecting/play.go."""

    state = 0

    def normalvariate(self, mu, sigma):
        self.state = (self.state * 1103515245 + 12345) & 0x7FFFFFFF
        return mu + ((self.state >> 8) % 2001 - 1000) / 500.0 * sigma


class Factory(protocol.ReconnectingClientFactory):
    noisy = False
    jitter = 0.11962656472  # as in 13.2.0; later versions have another last digit

    def startedConnecting(self, connector):
        self.connector = connector  # as ours does: see RC11 in docs/twisted.md


class Connector(object):
    state = "disconnected"

    def __init__(self, stage, factory, name):
        self.stage = stage
        self.factory = factory
        self.name = name

    def connect(self):
        if self.state != "disconnected":
            self.stage.note("busy", self.name)
            return
        self.state = "connecting"
        self.stage.note("connect", self.name)
        self.factory.startedConnecting(self)
        self.stage.enter("connect")

    def stopConnecting(self):
        if self.state != "connecting":
            raise NotConnectingError()
        self.stage.note("stopConnecting", self.name)
        self.state = "disconnected"
        self.factory.clientConnectionFailed(self, None)


class Player(object):
    def __init__(self, stage):
        self.stage = stage
        self.clock = Clock()
        self.factory = Factory()
        self.factory.clock = self.clock
        self.connectors = dict((name, Connector(stage, self.factory, name)) for name in "ab")
        self.random = protocol.random = Random()

    def do(self, w):
        what, f, c = w.word(0), self.factory, self.connectors.get(w.word(1))
        if what == "maxDelay":
            f.maxDelay = w.ticks(1) or 3600
        elif what == "initialDelay":
            if f.delay == f.initialDelay and f.retries == 0:
                f.delay = w.ticks(1) or 1.0  # as ours does: see RC13
            f.initialDelay = w.ticks(1) or 1.0
        elif what == "factor":
            f.factor = float(w.word(1)) or 2.7182818284590451
        elif what == "jitter":
            f.jitter = max(float(w.word(1)), 0) if float(w.word(1)) else Factory.jitter
        elif what == "maxRetries":
            f.maxRetries = w.int(1) or None
        elif what == "random":
            self.random.state = w.int(1)
        elif what == "connect":
            if c is not None:
                c.connect()
        elif what in ("made", "failed", "lost"):
            if c is not None:
                self.happen(what, c)
        elif what == "retry":
            try:
                f.retry(c)
            except ValueError:
                self.stage.note("refused")
        elif what == "stopTrying":
            f.stopTrying()
        elif what == "resetDelay":
            f.resetDelay()
        elif what == "advance":
            self.clock.advance(w.ticks(1))
        elif what == "look":
            self.stage.note("state", f.retries, int(f.delay * 10 + 0.3183),
                            "true" if f.continueTrying else "false", len(self.clock.getDelayedCalls()))
        elif what == "raise":
            raise Boom()

    def happen(self, what, c):
        if what == "made" and c.state == "connecting":
            c.state = "connected"
        elif what == "failed" and c.state == "connecting":
            c.state = "disconnected"
            self.factory.clientConnectionFailed(c, None)
        elif what == "lost" and c.state == "connected":
            c.state = "disconnected"
            self.factory.clientConnectionLost(c, None)


def play(script):
    stage = Stage()
    return stage.play(script, Player(stage).do)
