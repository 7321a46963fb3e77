"""Scenarios of LoopingCalls: the twin of loops/play.go."""
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock, LoopingCall

from stage import Boom, Stage, in_ticks

MOST_CALLS = 30


class Told(Exception):
    """What the statement "fail" gives a Deferred."""


class Loop(object):
    def __init__(self, player, name, counts):
        self.player = player
        self.counts = counts
        self.calls = 0
        self.under = 0
        if counts:
            self.looping = LoopingCall.withCount(lambda count: player.call(self, name, "count", count))
        else:
            self.looping = LoopingCall(lambda: player.call(self, name))
        self.looping.clock = player.clock


class Player(object):
    def __init__(self, stage):
        self.stage = stage
        self.clock = Clock()
        self.loops = {}
        self.waits = {}
        self.result = None

    def do(self, w):
        what, name = w.word(0), w.word(1)
        loop, d = self.loops.get(name), self.waits.get(name)
        if what in ("make", "makeCount"):
            if loop is None:
                self.loops[name] = Loop(self, name, what == "makeCount")
        elif what == "start":
            if loop is not None:
                self.start(w, loop)
        elif what == "stop":
            if loop is not None:
                self.ask("stop", loop.looping.stop)
        elif what == "reset":
            if loop is not None:
                self.ask("reset", loop.looping.reset)
        elif what == "look":
            if loop is not None:
                self.stage.note("running", name, "true" if loop.looping.running else "false")
        elif what == "advance":
            self.clock.advance(w.ticks(1))
        elif what == "wait":
            if d is None:
                self.result = self.waits[name] = Deferred()
        elif what == "fire":
            if d is not None and not d.called:
                d.callback(None)
        elif what == "fail":
            if d is not None and not d.called:
                d.errback(Told())
        elif what == "raise":
            raise Boom()

    def call(self, loop, name, *count):
        self.stage.note("call", name, in_ticks(self.clock.seconds()), *count)
        loop.calls += 1
        loop.under += 1
        pending = False
        try:
            outer, self.result = self.result, None
            self.stage.enter("call")
            result, self.result = self.result, outer
            if loop.calls >= MOST_CALLS and loop.looping.running:
                self.ask("stop", loop.looping.stop)
            pending = result is not None
        finally:
            if not pending:
                loop.under -= 1

        def ended(value):
            loop.under -= 1
            return value

        if pending:
            result.addBoth(ended)
        return result

    def start(self, w, loop):
        if loop.under > 0 and not loop.looping.running or loop.counts and w.int(2) <= 0:
            return  # see Family in loops/family.go
        try:
            done = loop.looping.start(w.ticks(2), w.word(3) == "now")
        except (AssertionError, ValueError):
            self.stage.note("refused", "start")
            return
        name = w.word(1)

        def succeeded(value):
            self.stage.note("ended", name, "itself", "true" if value is loop.looping else "false")
            self.stage.enter("end")

        def failed(failure):
            self.stage.note("ended", name, "told" if failure.check(Told) else failure.type.__name__)
            self.stage.enter("end")

        done.addCallbacks(succeeded, failed)

    def ask(self, what, f):
        try:
            f()
        except AssertionError:
            self.stage.note("refused", what)
        else:
            self.stage.note("did", what)


def play(script):
    stage = Stage()
    return stage.play(script, Player(stage).do)
