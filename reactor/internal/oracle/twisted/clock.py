"""Scenarios of a Clock: the twin of clock/play.go."""
from twisted.internet.error import AlreadyCalled, AlreadyCancelled
from twisted.internet.task import Clock

from stage import Boom, Stage, in_ticks


class Player(object):
    def __init__(self, stage):
        self.stage = stage
        self.clock = Clock()
        self.names = []
        self.calls = {}

    def do(self, w):
        what, call = w.word(0), self.calls.get(w.word(1))
        if what == "later":
            if call is None and w.ticks(2) >= 0:
                self.later(w.word(1), w.ticks(2))
        elif what == "advance":
            self.clock.advance(w.ticks(1))
            self.stage.note("now", in_ticks(self.clock.seconds()))
        elif what == "pump":
            self.clock.pump([w.ticks(i) for i in range(1, len(w))])
            self.stage.note("now", in_ticks(self.clock.seconds()))
        elif what == "pending":
            self.pending()
        elif what == "raise":
            raise Boom()
        elif call is not None:
            self.change(w, call)

    def later(self, name, delay):
        def called():
            self.stage.note("called", name, self.due(name), "now", in_ticks(self.clock.seconds()))
            self.stage.enter("call")

        self.names.append(name)
        self.calls[name] = self.clock.callLater(delay, called)
        self.stage.note("made", name, self.due(name))

    def change(self, w, call):
        what, name = w.word(0), w.word(1)
        try:
            if what == "cancel":
                call.cancel()
                self.stage.note("cancelled", name)
            elif what == "reset":
                call.reset(w.ticks(2))
                self.stage.note("moved", name, self.due(name))
            elif what == "delay":
                call.delay(w.ticks(2))
                self.stage.note("moved", name, self.due(name))
            elif what == "look":
                self.stage.note("active", name, "true" if call.active() else "false")
        except (AlreadyCalled, AlreadyCancelled) as e:
            self.stage.note("refused", e.__class__.__name__)

    def due(self, name):
        return in_ticks(self.calls[name].getTime())

    def pending(self):
        waiting = self.clock.getDelayedCalls()
        names = [name for name in self.names if self.calls[name] in waiting]
        self.stage.note("pending", len(waiting), *names)


def play(script):
    stage = Stage()
    return stage.play(script, Player(stage).do)
