"""A stage on which a script is played: the twin of scenario/stage.go.

This and its neighbours run on Python 2.7 and 3 alike: bytes are written as
b"..." and walked through as bytearray, and names are native strings.
"""
import re


class Boom(Exception):
    """What the statement "raise" raises."""


def quote(data):
    """One word for bytes: see scenario/quote.go."""
    return '"' + "".join(
        chr(c) if 0x20 < c < 0x7F and c not in (0x22, 0x5C) else "\\x%02x" % c
        for c in bytearray(data)
    ) + '"'


def unquote(word):
    """Undo quote; nothing for what is not quoted."""
    if len(word) < 2 or word[0] != '"' or word[-1] != '"':
        return b""
    plain = re.sub(r"\\x(..)", lambda m: chr(int(m.group(1), 16)), word[1:-1])
    return plain if isinstance(plain, bytes) else plain.encode("latin-1")


class Words(list):
    """A statement. What is not there reads as nothing."""

    def word(self, i):
        return self[i] if i < len(self) else ""

    def int(self, i):
        try:
            return int(self.word(i))
        except ValueError:
            return 0

    def bytes(self, i):
        return unquote(self.word(i))

    def ticks(self, i):
        """The i-th word, a number of ticks, in seconds: see scenario/ticks.go."""
        return self.int(i) / 4.0


def in_ticks(seconds):
    """Seconds as a number of ticks for an event."""
    return int(seconds * 4)


class Stage(object):
    """Takes statements in turn, keeps those that wait for a callback until it
    comes, and notes the events."""

    def __init__(self):
        self.events = []
        self._waiting = {}
        self._entered = {}
        self._do = None

    def note(self, *words):
        self.events.append(" ".join(str(word) for word in words))

    def enter(self, kind):
        """Play what the script has for this callback. What raises is the
        callback's to deal with."""
        self._entered[kind] = self._entered.get(kind, 0) + 1
        for words in self._waiting.get("%s %d" % (kind, self._entered[kind]), ()):
            self._do(words)

    def play(self, script, do, names=()):
        """Give each statement to do. names are pairs of an exception and what
        the event "raised" calls it."""
        self._do = do
        for statement in script:
            where, waits, inner = statement.partition(": ")
            if waits:
                self._waiting.setdefault(where[len("in "):], []).append(Words(inner.split(" ")))
                continue
            try:
                do(Words(statement.split(" ")))
            except Exception as e:
                self.note("raised", name_of(e, names))
        return self.events


def name_of(e, names=()):
    """The event's name of an exception. One that is not foreseen goes on up:
    a fault of the player must not look like an event."""
    if isinstance(e, Boom):
        return "Boom"
    for kind, name in names:
        if isinstance(e, kind):
            return name
    raise e
