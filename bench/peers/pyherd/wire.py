"""The lines of clients and neighbours, read and written. Bytes in, bytes out."""

import re
import time

# -- commands --

MAX_CLIENT_LINE = 16384  # bytes, without the line's end
MAX_PEER_LINE = 32768
MAX_HANDSHAKE_LINE = 4096
MAX_LIMIT = 100  # results of a WHATSAT; Twitter's search names no largest radius
NANOS = 10**9

TOO_LONG = b"? line longer than %d bytes\n" % MAX_CLIENT_LINE

# [0-9], as \d would be more on text; \Z, as $ would let a line end pass.
_LOCATION = re.compile(br"([+-])([0-9]+)(?:\.([0-9]+))?([+-])([0-9]+)(?:\.([0-9]+))?\Z")
_TIME = re.compile(br"([0-9]{1,12})(?:\.([0-9]{1,9}))?\Z")
_DIFFERENCE = re.compile(br"([+-])([0-9]{1,13})\.([0-9]{9})\Z")
_NUMBER = re.compile(br"[0-9]+(?:\.[0-9]+)?\Z")
_WHOLE = re.compile(br"[0-9]+\Z")
_HTTP = re.compile(br" HTTP/1\.[0-9][ \t\r\n\f\v]*\Z")


def now():
    """The time in nanoseconds since 1970, an int: a float's step is 238 ns today."""
    if hasattr(time, "time_ns"):
        return time.time_ns()
    return int(time.time() * 10**6) * 1000  # Python 2.7


def _within(whole, part, bound):
    """Whether a number is within bound, exactly, however many digits it has."""
    whole = whole.lstrip(b"0")
    if len(whole) > 3:
        return False
    value = int(whole or b"0")
    return value < bound or value == bound and not (part or b"").strip(b"0")


def parse_location(text):
    """(latitude, longitude) as their own texts, or None."""
    m = _LOCATION.match(text)
    if m is None or not _within(m.group(2), m.group(3), 90) or not _within(m.group(5), m.group(6), 180):
        return None
    return text[: m.start(4)], text[m.start(4) :]


def parse_time(text):
    """Nanoseconds since 1970, or None."""
    m = _TIME.match(text)
    if m is None:
        return None
    return int(m.group(1)) * NANOS + int((m.group(2) or b"").ljust(9, b"0"))


def parse_difference(text):
    m = _DIFFERENCE.match(text)
    if m is None:
        return None
    value = int(m.group(2)) * NANOS + int(m.group(3))
    return -value if m.group(1) == b"-" else value


def format_difference(nanos):
    """Always signed, with nine decimals: +0.563873386."""
    whole, part = divmod(abs(nanos), NANOS)
    return b"%s%d.%09d" % (b"-" if nanos < 0 else b"+", whole, part)


def is_http(line):
    """Whether a line is a web browser's request: what follows may be a web page's."""
    return _HTTP.search(line) is not None


class Record(object):
    """A report of a client's place, as its AT line tells it to every server."""

    __slots__ = ("id", "location", "line", "order")

    def __init__(self, server, difference, id, location, time, client, received, future):
        self.id = id
        self.location = location
        self.line = b"AT %s %s %s %s %s\n" % (server, difference, id, location, time)
        # Of two records of one client the greater is the newer, everywhere: a
        # tuple of ints and bytes compares as the protocol says.
        effective = min(client, received + future)
        self.order = (effective, client, server, location, time, difference)


def parse_at(line, future):
    """The record of a neighbour's AT line, or None if it cannot be read."""
    fields = line.split()  # on bytes: exactly the protocol's six kinds of white space
    if len(fields) != 6 or fields[0] != b"AT" or len(line) > MAX_PEER_LINE:
        return None
    _, server, difference, id, location, time_text = fields
    client, delta = parse_time(time_text), parse_difference(difference)
    if client is None or delta is None or parse_location(location) is None:
        return None
    return Record(server, difference, id, location, time_text, client, client + delta, future)


class Query(object):
    """A WHATSAT as the upstream needs it: the client's own texts."""

    def __init__(self, latitude, longitude, radius, limit):
        self.latitude, self.longitude, self.radius, self.limit = latitude, longitude, radius, limit


class Result(object):
    """What follows from a client's line: answer now, tell the neighbours, or ask."""

    def __init__(self, answer, flood=None, query=None):
        self.answer, self.flood, self.query = answer, flood, query


class Node(object):
    """What one server knows, and how it answers."""

    def __init__(self, name, future):
        self.name = name
        self.future = future  # nanoseconds
        self.records = {}  # by id

    def receive(self, line, received):
        """Carry out a client's line, given without its end, received at that time."""
        fields = line.split()
        if len(fields) == 4 and fields[0] == b"IAMAT":
            result = self._report(fields, received)
        elif len(fields) == 4 and fields[0] == b"WHATSAT":
            result = self._question(fields)
        else:
            result = None
        return result or Result(b"? " + line + b"\n")

    def _report(self, fields, received):
        _, id, location, time_text = fields
        client = parse_time(time_text)
        if client is None or parse_location(location) is None:
            return None
        difference = format_difference(received - client)
        record = Record(self.name, difference, id, location, time_text, client, received, self.future)
        return Result(record.line, flood=record if self.put(record) else None)

    def _question(self, fields):
        _, id, radius, limit = fields
        record = self.records.get(id)
        digits = limit.lstrip(b"0")
        if record is None or not _NUMBER.match(radius) or not _WHOLE.match(limit) or len(digits) > 3:
            return None
        if int(digits or b"0") > MAX_LIMIT:
            return None
        latitude, longitude = parse_location(record.location)
        return Result(record.line, query=Query(latitude, longitude, radius, int(digits or b"0")))

    # -- flood --

    def put(self, record):
        """Store a record if it is newer; only then is it anybody else's business."""
        old = self.records.get(record.id)
        if old is not None and old.order >= record.order:
            return False
        self.records[record.id] = record
        return True

    def receive_peer(self, line):
        """The record of a neighbour's line that is new here. ValueError: no AT line."""
        record = parse_at(line, self.future)
        if record is None:
            raise ValueError("not an AT line")
        return record if self.put(record) else None
