"""A second service of the server: a geofence that follows its records.

    python3 server.py --config herd.json --name Gasol --fence 12500

docs/geofence.md is its protocol.
"""

# -- fence --
import math
import re

from twisted.internet import interfaces, protocol, reactor, task
from twisted.protocols import basic
from twisted.python import log
from zope.interface import implementer

from pyherd import wire

MAX_LINE = 4096  # bytes, without the LF
MOST_FENCES = 1000  # in one server
MOST_UNSENT = 1 << 20  # bytes that may wait for a client
EARTH = 6371.0  # km, the radius of the sphere on which distances are
EDGE = 1e-6  # km, by which rounding must not put a place outside that is on the edge
STEP = 1000  # records that a new fence is shown before others have their turn

_RADIUS = re.compile(br"[0-9]+(?:\.[0-9]+)?\Z")


def place_of(location):
    """A location, which was checked, as a point of the unit sphere."""
    latitude, longitude = [math.radians(float(text)) for text in wire.parse_location(location)]
    return (math.cos(latitude) * math.cos(longitude), math.cos(latitude) * math.sin(longitude), math.sin(latitude))


class Fence(object):
    """A circle, and who is in it."""

    def __init__(self, watcher, name, centre, radius):
        self.watcher, self.name = watcher, name
        self._centre = centre
        # The square of the straight line to the edge: cosines of small angles are all
        # too close to 1. From half of the earth's girth on it is all of the earth.
        angle = (radius + EDGE) / EARTH
        self._reach = (2 * math.sin(angle / 2)) ** 2 if angle < math.pi else float("inf")
        self._inside = {}  # by id: while the fence is opening, the line that will say so
        self._opening = True

    def saw(self, record, place):
        (x, y, z), (a, b, c) = place, self._centre
        inside = (x - a) ** 2 + (y - b) ** 2 + (z - c) ** 2 <= self._reach
        was = record.id in self._inside
        if inside and self._opening:
            self._inside[record.id] = self._line(b"ENTER", record)
        elif inside and not was:
            self._inside[record.id] = None
            self.watcher.tell(self._line(b"ENTER", record))
        elif was and not inside:
            del self._inside[record.id]
            if not self._opening:
                self.watcher.tell(self._line(b"LEAVE", record))

    def _line(self, what, record):
        time = record.order[4]  # as the client wrote it
        return b"%s %s %s %s %s\n" % (what, self.name, record.id, record.location, time)

    def opened(self):
        """The fence was shown every record: tell who is inside, in the order of ids."""
        self._opening = False
        lines = b"".join(self._inside[id] for id in sorted(self._inside))
        self._inside = dict.fromkeys(self._inside)
        if lines:
            self.watcher.tell(lines)


class Fences(object):
    """All fences of a server, in the order in which they were set."""

    def __init__(self, records):
        self.records = records  # by id
        self._fences = []

    def receive(self, watcher, line):
        """Carry out a watcher's line, and answer. A Fence, if it sets one, which must be
        shown every record, and opened."""
        fence = self._parse(watcher, line)
        if fence is None:
            watcher.tell(b"? " + line + b"\n")
        else:
            self._fences.append(fence)
            watcher.tell(b"OK " + fence.name + b"\n")
        return fence

    def _parse(self, watcher, line):
        fields = line.split()
        if len(fields) != 4 or fields[0] != b"FENCE" or len(self._fences) >= MOST_FENCES:
            return None
        _, name, location, radius = fields
        if wire.parse_location(location) is None or not _RADIUS.match(radius):
            return None
        if any(f.watcher is watcher and f.name == name for f in self._fences):
            return None
        return Fence(watcher, name, place_of(location), float(radius))

    def passed(self, record):
        """Show all fences a record that the server has taken."""
        if self._fences:
            place = place_of(record.location)
            for fence in self._fences:
                fence.saw(record, place)

    def leave(self, watcher):
        self._fences = [f for f in self._fences if f.watcher is not watcher]


@implementer(interfaces.IPushProducer)
class Waiting(object):
    """How many bytes were written since the transport had enough."""

    def __init__(self):
        self._full, self.count = False, 0

    def pauseProducing(self):
        self._full = True

    def resumeProducing(self):
        self._full, self.count = False, 0

    def stopProducing(self):
        pass

    def wrote(self, data):
        if self._full:
            self.count += len(data)


class Session(basic.LineReceiver):
    """A connection of somebody who sets fences."""

    delimiter = b"\n"
    MAX_LENGTH = MAX_LINE

    def __init__(self, fences, log):
        self._fences, self._log = fences, log
        self._waiting = Waiting()
        self._gone = False

    def connectionMade(self):
        self.transport.registerProducer(self._waiting, True)

    def lineReceived(self, line):
        if line.endswith(b"\r"):
            line = line[:-1]
        fence = self._fences.receive(self, line)
        if fence is not None:
            self.pauseProducing()  # no further line before this fence is open
            task.cooperate(self._open(fence)).whenDone().addErrback(self._failed)
        elif wire.is_http(line):
            self._end()  # what follows may be a web page's

    def _open(self, fence):
        """Show a fence the records, some at a time: task.cooperate's generator."""
        records = self._fences.records
        for n, id in enumerate(list(records), 1):
            fence.saw(records[id], place_of(records[id].location))
            if n % STEP == 0:
                yield None
            if self._gone:
                return
        fence.opened()
        self.resumeProducing()

    def _failed(self, failure):
        log.err(failure, "opening a fence")
        self.transport.abortConnection()

    def lineLengthExceeded(self, line):
        self.tell(b"? line longer than %d bytes\n" % MAX_LINE)
        self._end()

    def _end(self):
        self.transport.unregisterProducer()  # a paused one would hold the end back
        self.transport.loseConnection()

    def tell(self, lines):
        """Write. Whoever does not take what it is told is cut off."""
        if self._gone:
            return
        self.transport.write(lines)
        self._waiting.wrote(lines)
        if self._waiting.count > MOST_UNSENT:
            self._gone = True
            self._log.event("warn", "fence client cut off", client=self.transport.getPeer().host, reason="slow_fence")
            self.transport.abortConnection()

    def connectionLost(self, reason=protocol.connectionDone):
        self._gone = True
        self._fences.leave(self)


class FenceFactory(protocol.ServerFactory):
    noisy = False

    def __init__(self, fences, log):
        self._fences, self._log = fences, log

    def buildProtocol(self, addr):
        return Session(self._fences, self._log)


def arguments(parser):
    """What the command line may have for the fence."""
    parser.add_argument("--fence", type=int, metavar="PORT", help="take those who set fences at this port")


def join(server):
    """Add the service to a server; the port that it listens on."""
    fences = Fences(server.node.records)
    server.links.onlookers.append(fences.passed)
    return reactor.listenTCP(server.settings.options.fence, FenceFactory(fences, server.log), backlog=128,
                             interface=server.settings.server.clients[0])
