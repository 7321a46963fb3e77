"""Scenarios of Deferreds: the twin of deferreds/play.go."""
from twisted.internet import defer
from twisted.python.failure import Failure

from stage import Boom, Stage, name_of


class Told(Exception):
    """An error of the script's."""


NAMES = (
    (defer.CancelledError, "Cancelled"),
    (defer.AlreadyCalledError, "AlreadyCalled"),
    (AssertionError, "NotAcquired"),  # of a release too many
)


def show(result):
    """A result as a word. Where Twisted has None, ours has the zero value."""
    if not isinstance(result, Failure):
        return 0 if result is None else result
    value = result.value
    if isinstance(value, defer.FirstError):
        return "First(%d,%s)" % (value.index, show(value.subFailure))
    if isinstance(value, Told):
        return "E%d" % value.args
    return name_of(value, NAMES)


class Player(object):
    def __init__(self, stage):
        self.stage = stage
        self.nodes = {}
        self.pauses = {}
        self.runs = set()
        self.things = {}
        self.turns = {}
        self.queues = {}
        self.stack = []
        self.waits = set()
        self.feeds = {}
        self.begun = set()

    def do(self, w):
        what, name = w.word(0), w.word(1)
        if what in ("new", "newCancel", "succeed", "failed"):
            if name not in self.nodes:
                self.nodes[name] = self.make(w)
        elif what in ("list", "first", "gather"):
            if name not in self.things:
                self.list(w)
        elif what in ("lock", "semaphore", "acquire", "release", "run", "runWait"):
            self.primitive(w)
        elif what in ("queue", "put", "get"):
            self.queue(w)
        elif what == "cancel":
            d = self.nodes.get(name) or self.things.get(name)
            if d is not None:
                d.cancel()
        elif what == "raise":
            raise Boom()
        elif name in self.nodes:
            self.change(w, self.nodes[name])

    def make(self, w):
        what = w.word(0)
        if what == "succeed":
            return defer.succeed(w.int(2))
        if what == "failed":
            return defer.fail(Told(w.int(2)))
        if what == "new":
            return defer.Deferred()

        def cancel(d):
            self.stage.note("cancelling", w.word(1))
            self.stage.enter("cancelling")
            if w.word(2) == "fire":
                d.callback(w.int(3))
            elif w.word(2) == "fail":
                d.errback(Told(w.int(3)))
            elif w.word(2) == "raise":
                raise Boom()

        return defer.Deferred(cancel)

    def change(self, w, d):
        what, name = w.word(0), w.word(1)
        if what == "cb":
            d.addCallback(lambda result: self.step(w, 2, result))
        elif what == "eb":
            d.addErrback(lambda result: self.step(w, 2, result))
        elif what == "both":
            d.addBoth(lambda result: self.step(w, 2, result))
        elif what == "cbs":
            d.addCallbacks(lambda result: self.step(w, 2, result), lambda result: self.step(w, 4, result))
        elif what == "cbWait" and self.may_wait(w):
            d.addCallback(lambda result: self.wait(w, result))
        elif what == "ebWait" and self.may_wait(w):
            d.addErrback(lambda result: self.wait(w, result))
        elif name in self.runs:
            pass  # see Family in deferreds/family.go
        elif what == "fire":
            d.callback(w.int(2))
        elif what == "fail":
            d.errback(Told(w.int(2)))
        elif what == "pause":
            self.note_paused(name)
            self.pauses[name] = self.pauses.get(name, 0) + 1
            d.pause()
        elif what == "unpause" and self.pauses.get(name):
            self.pauses[name] -= 1
            d.unpause()
        elif what == "called":
            self.stage.note("called", name, "true" if d.called else "false")
        elif what == "chain":
            other = w.word(2)
            if other in self.nodes and other != name and other not in self.runs:
                self.feed(name, other)
                d.chainDeferred(self.nodes[other])

    # See deferreds/within.go for the next four.

    def feed(self, start, to):
        self.feeds.setdefault(start, []).append(to)

    def reaches(self, names, to):
        seen, left = set(), list(names)
        while left:
            name = left.pop()
            if name == to:
                return True
            if name not in seen:
                seen.add(name)
                left.extend(self.feeds.get(name, ()))
        return False

    def note_paused(self, name):
        if name in self.stack:
            self.stage.note("pausedWithin", name)
        elif name in self.waits:
            self.stage.note("pausedWaiting", name)

    def note_awaited(self, waiting, name):
        fed = self.feeds.get(name, ())
        runs = any(self.reaches(fed, to) for to in [waiting] + self.stack)
        if name in self.stack or name in self.begun or runs:
            self.stage.note("awaited", name)

    def step(self, w, i, result):
        name = w.word(2) if w.word(0) in ("run", "runWait") else w.word(1)
        self.stack.append(name)
        self.waits.discard(name)
        try:
            return self.step_within(w, i, result)
        finally:
            self.stack.pop()

    def step_within(self, w, i, result):
        self.stage.note(w.word(0), w.word(1), show(result))
        self.stage.enter("step")
        if w.word(i) == "value":
            return w.int(i + 1)
        if w.word(i) == "error":
            return Failure(Told(w.int(i + 1)))
        if w.word(i) == "raise":
            raise Boom()
        return result

    def may_wait(self, w):
        return w.word(2) in self.nodes and w.int(2) > w.int(1)

    def wait(self, w, result):
        self.step(w, 3, result)
        self.note_awaited(w.word(1), w.word(2))
        self.waits.add(w.word(1))
        self.feed(w.word(2), w.word(1))
        return self.nodes[w.word(2)]

    def list(self, w):
        names = [name for name in w[3:] if name in self.nodes]
        for name in names:
            self.feed(name, w.word(1))
        members = [self.nodes[name] for name in names]
        errback, consume = "e" in w.word(2), "c" in w.word(2)
        if w.word(0) == "gather":
            d = defer.gatherResults(members, consumeErrors=consume)
            words = lambda values: [show(value) for value in values]
        elif w.word(0) == "list":
            d = defer.DeferredList(members, fireOnOneErrback=errback, consumeErrors=consume)
            words = lambda results: [show(value) for _, value in results]
        else:
            d = defer.DeferredList(members, fireOnOneCallback=True, fireOnOneErrback=errback, consumeErrors=consume)
            # All failed: see DH3 in docs/twisted.md.
            words = lambda r: ["NoneSucceeded"] if isinstance(r, list) else [show(r[0]), "of", r[1]]
        self.things[w.word(1)] = d
        self.ended({"list": "listed", "first": "first", "gather": "gathered"}[w.word(0)], w.word(1), d, words)

    def ended(self, what, name, d, words):
        def end(result):
            self.stage.note(what, name, *([show(result)] if isinstance(result, Failure) else words(result)))
            self.stack.append(name)
            try:
                self.stage.enter("end")
            finally:
                self.stack.pop()
            return result

        d.addBoth(end)

    def primitive(self, w):
        what, turns = w.word(0), self.turns.get(w.word(1))
        if what == "lock" and turns is None:
            self.turns[w.word(1)] = defer.DeferredLock()
        elif what == "semaphore" and turns is None:
            try:
                self.turns[w.word(1)] = defer.DeferredSemaphore(w.int(2))
            except ValueError:
                self.stage.note("refused", "NoTokens")
        elif turns is None:
            pass
        elif what == "acquire" and w.word(2) not in self.things:
            self.things[w.word(2)] = turns.acquire()
            self.ended("acquired", w.word(2), self.things[w.word(2)], lambda turns: [])
        elif what == "release":
            turns.release()
        elif what in ("run", "runWait") and w.word(2) not in self.nodes:
            self.nodes[w.word(2)] = turns.run(self.turn, w)
            self.runs.add(w.word(2))

    def turn(self, w):
        self.begun.add(w.word(2))
        if w.word(0) == "run":
            return self.step(w, 3, 0)
        self.step(w, 4, 0)
        if w.word(3) in self.nodes and w.int(3) > w.int(2):
            self.note_awaited(w.word(2), w.word(3))
            return self.nodes[w.word(3)]
        return 0

    def queue(self, w):
        what, queue = w.word(0), self.queues.get(w.word(1))
        if what == "queue" and queue is None:
            size, backlog = [n if n >= 0 else None for n in (w.int(2), w.int(3))]
            self.queues[w.word(1)] = defer.DeferredQueue(size, backlog)
        elif queue is None:
            pass
        elif what == "put":
            try:
                queue.put(w.int(2))
            except defer.QueueOverflow:
                self.stage.note("refused", "Overflow")
        elif what == "get" and w.word(2) not in self.things:
            try:
                d = queue.get()
            except defer.QueueUnderflow:
                self.stage.note("refused", "Underflow")
                return
            self.things[w.word(2)] = d
            self.ended("got", w.word(2), d, lambda object: [object])


def play(script):
    stage = Stage()
    return stage.play(script, Player(stage).do, NAMES + ((Told, "Told"),))
