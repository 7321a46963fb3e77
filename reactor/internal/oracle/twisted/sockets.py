"""Plays the family "sockets" on Twisted: real TCP over loopback, both ends on
one reactor. The language of its scripts is told in sockets/doc.go.

Every scenario has a reactor of its own, made as Twisted's own tests make
theirs: only the global one cannot be run twice.
"""
import os
import socket
import zlib

from twisted.internet import defer, error
from twisted.internet.epollreactor import EPollReactor
from twisted.python import log

from sockets_actors import Boom, End, HalfCloseableEnd, PlainClient, PortFactory, RetryingClient
from sockets_quiet import Quiet

HOST = "127.0.0.1"


class Faults(object):
    """Twisted goes on after an exception, and logs it. One of the player's own
    must not look like an event, nor leave a scenario without an end."""

    first = None

    def begin(self, crash):
        self.first, self.crash = None, crash

    def __call__(self, event):
        failure = event.get("failure")
        if failure is None or self.first is not None or failure.check(Boom):
            return
        # Another family's Deferred may be collected, and logged, meanwhile.
        if any(os.path.basename(frame[1]).startswith("sockets") for frame in failure.frames):
            self.first = failure
            self.crash()


faults = Faults()
log.addObserver(faults)


class World(object):
    """One scenario."""

    def __init__(self, script):
        self.reactor = EPollReactor()
        faults.begin(self.reactor.crash)
        self.lines = [line for line in script if not line.startswith("in ")]
        self.reactions, self.entered = {}, {}
        for line in script:
            if line.startswith("in "):
                where, _, inner = line[3:].partition(": ")
                self.reactions.setdefault(where, []).extend(inner.split("; "))
        self.ends, self.built, self.options = {}, {}, {}
        self.ports, self.clients = {}, {}
        self.triggers, self.waits = {}, {}
        self.lost = self.stopped = 0  # events so far, for the triggers to tell
        self.step, self.streams, self.transcript = None, {}, []
        self.inside, self.muted = 0, False
        self.reserved = dict((name, reserve()) for name in ("p1", "p2"))
        self.numbers = dict((name, s.getsockname()[1]) for name, s in self.reserved.items())
        self.quiet = Quiet(self.reactor, list(self.numbers.values()), self.next)

    def play(self):
        self.reactor.callWhenRunning(self.next, True)
        self.reactor.run(installSignalHandlers=False)
        self.clean_up()
        if faults.first is not None:
            faults.first.raiseException()
        self.flush()
        return self.transcript

    # The steps.

    def next(self, settled):
        if not settled:
            self.note("reactor", "unsettled")
            self.lines = []
        self.flush()
        if self.lines:
            line = self.lines.pop(0)
            self.step = "step " + line
            try:
                self.perform(line.split("; "))
            except Boom:
                pass  # of a reaction: a pull producer is resumed inside registerProducer
            self.quiet.begin()
        elif self.waits:
            self.step = "step end"
            for name in sorted(self.waits):
                self.waits.pop(name).callback(None)
            self.quiet.begin()
        else:
            self.end()

    def end(self):
        """Leave nothing behind. What that brings is no part of the scenario."""
        self.muted = True
        for end in self.all_ends():
            if end.made and not end.gone:
                end.transport.abortConnection()
        for factory in self.clients.values():
            if factory.retries is not None:
                factory.stopTrying()
            factory.connector.disconnect()
        self.reactor.callLater(0, self.reactor.callLater, 0, self.halt)

    def halt(self):
        try:
            self.reactor.stop()
        except error.ReactorNotRunning:
            pass

    def clean_up(self):
        for reader in list(self.reactor._internalReaders):
            self.reactor.removeReader(reader)
            reader.connectionLost(None)
        self.reactor._poller.close()
        for s in self.reserved.values():
            s.close()

    def perform(self, statements):
        for statement in statements:
            words = statement.split(" ")
            try:
                self.do(words)
            except Boom:
                raise
            except Exception as e:
                self.note(self.stream_of(words[1]), "raised", words[1], type(e).__name__)

    def stream_of(self, name):
        for named in (self.ends, self.ports, self.clients):
            if name in named:
                return named[name].stream
        return "reactor"

    def do(self, words):
        verb, name, rest = words[0], words[1] if len(words) > 1 else "", words[2:]
        if hasattr(self, "do_" + verb):
            getattr(self, "do_" + verb)(name, *rest)
        elif hasattr(End, "do_" + verb):
            end = self.ends.get(name)
            if end is not None and end.made:
                getattr(end, "do_" + verb)(*rest)
        elif name in self.clients and self.clients[name].connector:
            getattr(self.clients[name], "do_" + verb)(*rest)

    # The events.

    def note(self, stream, *words):
        if self.muted:
            return
        self.quiet.changes += 1
        self.streams.setdefault(stream, []).append(" ".join(str(word) for word in words))

    def happen(self, who, kind, *words):
        self.lost += kind == "lost" and who.name[0] != "f"
        self.note(who.stream, kind, who.label, *words)
        self.enter(kind + " " + who.name)

    def received(self, end, data):
        """Note data, as one event with what came just before."""
        if self.muted:
            return
        self.quiet.changes += 1
        events = self.streams.setdefault(end.stream, [])
        if not events or not isinstance(events[-1], list):
            events.append(["received", end.label, 0, 0])
        events[-1][2] += len(data)
        events[-1][3] = zlib.crc32(data, events[-1][3]) & 0xFFFFFFFF

    def enter(self, where):
        if self.muted:
            return
        self.entered[where] = self.entered.get(where, 0) + 1
        self.inside += 1
        try:
            self.perform(self.reactions.get("%s %d" % (where, self.entered[where]), ()))
        finally:
            self.inside -= 1

    def flush(self):
        if self.step:
            self.transcript.append(self.step)
        for stream in sorted(self.streams):
            for event in self.streams[stream]:
                if isinstance(event, list):
                    event = "%s %s %d %08x" % tuple(event)
                self.transcript.append(event)
        self.step, self.streams = None, {}

    def build(self, name, refuse, half):
        self.built[name] = self.built.get(name, 0) + 1
        label = name if self.built[name] == 1 else "%s.%d" % (name, self.built[name])
        stream = name if name[0] == "c" else label  # a client's come one after the other
        self.note(stream, "build", label)
        if refuse:
            return None
        kind = HalfCloseableEnd if half else End
        self.ends[name] = kind(self, name, label, stream)
        return self.ends[name]

    def all_ends(self):
        return [self.ends[name] for name in sorted(self.ends)]

    # The statements about ports.

    def do_listen(self, name):
        if name not in self.ports:
            factory = PortFactory(self, name)
            factory.port = self.reactor.listenTCP(self.numbers[name], factory, interface=HOST)
            factory.listening = True
            self.ports[name] = factory

    def do_clash(self, name):
        if name in self.ports and self.ports[name].listening:
            self.reactor.listenTCP(self.numbers[name], PortFactory(self, name), interface=HOST)

    def do_unlisten(self, name):
        factory = self.ports.get(name)
        if factory is None or not factory.listening:
            return
        factory.listening = False
        closed = defer.maybeDeferred(factory.port.stopListening)
        closed.addCallback(lambda _: self.happen(factory, "closed"))

    def do_relisten(self, name):
        factory = self.ports.get(name)
        if factory is not None and not factory.listening:
            factory.listening = True
            factory.port.startListening()

    # Those about the reactor. (An end's are End's, a client's Connecting's.)

    def do_connect(self, name, port, *options):
        number = name[1:]
        if "f" + number in self.clients:
            return
        self.options[number] = options
        if "retry" in options:
            factory = RetryingClient(self, number)
            factory.clock = self.reactor
            factory.maxRetries = int(options[options.index("retry") + 1])
        else:
            factory = PlainClient(self, number)
        self.clients[factory.name] = factory
        self.reactor.connectTCP(HOST, self.numbers[port], factory,
                                bindAddress=("127.0.0.1" + number, 0))

    def do_trigger(self, name, phase, event, wait=""):
        def run():
            self.triggers.pop(name, None)
            self.note("reactor", "trigger", name, phase, str(self.reactor.running).lower(),
                      self.lost, self.stopped)
            self.enter("trigger " + name)
            if wait:
                self.waits[name] = defer.Deferred()
                return self.waits[name]

        if name not in self.triggers:
            self.triggers[name] = self.reactor.addSystemEventTrigger(phase, event, run)

    def do_remove(self, name):
        if name in self.triggers:
            self.reactor.removeSystemEventTrigger(self.triggers[name])

    def do_fire(self, name):
        if name in self.waits:
            self.waits.pop(name).callback(None)

    def do_event(self, name):
        self.reactor.fireSystemEvent(name)

    def do_stop(self, _):
        if all(end.gone or end.reading() and not end.peer_ends() for end in self.all_ends()):
            self.reactor.stop()


def reserve():
    """A bound socket that does not listen: nobody else gets its number, and a
    port with SO_REUSEADDR can."""
    s = socket.socket()
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind((HOST, 0))
    return s


def play(script):
    return World(script).play()
