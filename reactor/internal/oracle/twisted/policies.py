"""Scenarios of the wrapping factories and of TimeoutMixin: the twin of
policies/play.go and policies/cast.go."""
import ast
from collections import OrderedDict

from twisted.internet import error
from twisted.internet.protocol import ClientFactory, Protocol
from twisted.internet.task import Clock
from twisted.protocols import policies
from twisted.python.failure import Failure

from noting import Transport
from stage import Boom, Stage, in_ticks, quote


class Connection(object):
    outer = None
    gone = False

    def __init__(self, inner):
        self.inner = inner


class Inner(Protocol, policies.TimeoutMixin):
    """The protocol inside."""

    def __init__(self, player, part):
        self.stage = player.stage
        self.callLater = player.clock.callLater
        self.name = player.building
        self.part = part
        self.registered = False
        player.connections[self.name] = Connection(self)

    def connectionMade(self):
        self.stage.note("made", self.name, self.part)
        self.stage.enter("made")

    def dataReceived(self, data):
        self.stage.note("received", self.name, quote(data))
        self.stage.enter("received")

    def connectionLost(self, reason):
        self.stage.note("lost", self.name, reason.type.__name__)
        self.stage.enter("lost")

    def timeoutConnection(self):
        self.stage.note("timeout", self.name)
        self.stage.enter("timeout")
        self.transport.loseConnection()


class Producer(object):
    def __init__(self, inner):
        self.inner = inner

    def pauseProducing(self):
        self.inner.stage.note("producer", self.inner.name, "paused")

    def resumeProducing(self):
        self.inner.stage.note("producer", self.inner.name, "resumed")

    def stopProducing(self):
        self.inner.stage.note("producer", self.inner.name, "stopped")


class InnerFactory(ClientFactory):
    noisy = False

    def __init__(self, player):
        self.player = player

    def buildProtocol(self, addr):
        return Inner(self.player, "ordinary")

    def startFactory(self):
        self.player.stage.note("factory", "started")

    def stopFactory(self):
        self.player.stage.note("factory", "stopped")

    def startedConnecting(self, connector):
        self.player.stage.note("factory", "connecting")

    def clientConnectionFailed(self, connector, reason):
        self.player.stage.note("factory", "failed", reason.type.__name__)

    def clientConnectionLost(self, connector, reason):
        self.player.stage.note("factory", "ended", reason.type.__name__)


class LogFile(object):
    """Notes the lines of a traffic log, with quotes as in scripts."""

    def __init__(self, stage):
        self.stage = stage

    def write(self, line):
        where, found, what = line.rstrip("\n").partition(": ")
        words = [what]
        if found and what != "*":
            if where.startswith("C") and what.startswith("[Failure") or what.startswith("<"):
                words = ["reason"]
            else:
                data = ast.literal_eval(what)
                words = [quote(part) for part in (data if isinstance(data, list) else [data])]
        self.stage.note("logged", where, *words)

    def flush(self):
        pass


class TrafficLoggingFactory(policies.TrafficLoggingFactory):
    def open(self, name):
        self.stage.note("opened", name)
        return LogFile(self.stage)


class Player(object):
    def __init__(self, stage):
        self.stage = stage
        self.clock = Clock()
        self.factory = None
        self.kind = ""
        self.limits = [0, 0]
        self.moved = [[], []]
        self.connections = {}
        self.building = ""

    def do(self, w):
        if self.factory is None:
            self.choose(w)
        what, c = w.word(0), self.connections.get(w.word(1))
        if what == "build":
            if c is None:
                self.build(w.word(1))
        elif what == "advance":
            self.clock.advance(w.ticks(1))
            self.stage.note("now", in_ticks(self.clock.seconds()))
        elif what == "count":
            live = len(getattr(self.factory, "protocols", ()))
            self.stage.note("counted", self.counted(), live, len(self.clock.getDelayedCalls()))
        elif what == "start":
            self.factory.doStart()
        elif what == "stop":
            self.factory.doStop()
        elif what in ("connecting", "failed", "ended"):
            self.tell_client(what)
        elif what == "raise":
            raise Boom()
        elif c is not None and not c.gone:
            self.happen(w, c)

    def choose(self, w):
        inner = InnerFactory(self)
        if w.word(0) == "factory":
            self.kind = w.word(1)
        if self.kind == "throttle":
            self.limits = [w.int(3), w.int(4)]
            f = policies.ThrottlingFactory(inner, w.int(2) or 1 << 30, w.int(3) or None, w.int(4) or None)
            f.callLater = self.clock.callLater
        elif self.kind == "timeout":
            f = policies.TimeoutFactory(inner, w.ticks(2) or 1800)
            f.callLater = self.clock.callLater
        elif self.kind == "limit":
            f = policies.LimitTotalConnectionsFactory()
            f.connectionLimit = w.int(2) or None
            f.protocol = lambda: Inner(self, "ordinary")
            if w.int(3):
                f.overflowProtocol = lambda: Inner(self, "overflow")
        elif self.kind == "traffic":
            f = TrafficLoggingFactory(inner, "log", w.int(2) or None)
            f.stage = self.stage
        else:
            f = policies.WrappingFactory(inner)
        if hasattr(f, "protocols"):
            f.protocols = OrderedDict()  # Python 2's dict has an order of its own
        f.noisy = False
        self.factory = f

    def build(self, name):
        self.stage.note("building", name, self.counted())
        self.building = name
        outer = self.factory.buildProtocol(None)
        if outer is None:
            self.stage.note("refused", name)
            return
        self.connections[name].outer = outer
        outer.makeConnection(Transport(self.stage, name))

    def counted(self):
        return getattr(self.factory, "connectionCount", 0)

    def tell_client(self, what):
        f = self.factory
        if not isinstance(f, ClientFactory):
            return
        if what == "connecting":
            f.startedConnecting(None)
        elif what == "failed":
            f.clientConnectionFailed(None, Failure(error.ConnectionRefusedError()))
        else:
            f.clientConnectionLost(None, Failure(error.ConnectionLost()))

    def happen(self, w, c):
        what, inside = w.word(0), c.inner.transport
        if inside is None:
            return  # within the building
        if what == "data":
            self.move(0, len(w.bytes(2)))
            c.outer.dataReceived(w.bytes(2))
        elif what == "write":
            self.move(1, len(w.bytes(2)))
            inside.write(w.bytes(2))
        elif what == "writeSequence":
            self.move(1, len(w.bytes(2)) + len(w.bytes(3)))
            inside.writeSequence([w.bytes(2), w.bytes(3)])
        elif what == "lose":
            self.stage.note("losing", w.word(1))
            inside.loseConnection()
        elif what == "abort":
            inside.abortConnection()
        elif what == "pauseTransport":
            if self.kind != "throttle":  # see Family in policies/family.go
                inside.pauseProducing()
        elif what == "disconnecting":
            self.stage.note("disconnecting", w.word(1), "true" if inside.disconnecting else "false")
        elif what in ("lost", "done"):
            c.gone = True
            c.outer.connectionLost(Failure(error.ConnectionLost() if what == "lost" else error.ConnectionDone()))
        elif what == "register":
            if not c.inner.registered:
                c.inner.registered = True
                inside.registerProducer(Producer(c.inner), True)
        elif what == "unregister":
            if c.inner.registered:
                c.inner.registered = False
                inside.unregisterProducer()
        elif what in ("setTimeout", "cancelTimeout", "resetTimeout"):
            self.timeout(w, c)

    def timeout(self, w, c):
        what, period = w.word(0), w.ticks(2) if w.ticks(2) > 0 else None
        if self.kind == "timeout":
            if what == "setTimeout":
                if period is None:
                    self.stage.note("kept", w.word(1))
                c.outer.setTimeout(period)
            elif what == "cancelTimeout":
                c.outer.cancelTimeout()
            else:
                c.outer.resetTimeout()
        elif what == "resetTimeout":
            c.inner.resetTimeout()
        else:
            previous = c.inner.setTimeout(period if what == "setTimeout" else None)
            self.stage.note("previous", in_ticks(previous or 0))

    def move(self, direction, count):
        limit = self.limits[direction]
        if not limit:
            return
        now = self.clock.seconds()
        self.moved[direction].append((now, count))
        if sum(n for at, n in self.moved[direction] if now - at < 2) > 2 * limit:
            self.stage.note("overload")


def play(script):
    stage = Stage()
    # What Twisted raises where a Difference of the family's begins.
    names = ((TypeError, "TypeError"), (error.AlreadyCalled, "AlreadyCalled"),
             (error.AlreadyCancelled, "AlreadyCancelled"))
    return stage.play(script, Player(stage).do, names)
