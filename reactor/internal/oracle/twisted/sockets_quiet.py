"""When a step of a socket scenario is over: the twin of sockets/quiet.go and
sockets/view.go, which tell why it is sound.
"""
import fcntl
import os
import socket
import struct
import termios

TURNS = 3  # turns of the loop without an event, before each look at the kernel
RETRY = 0.001  # seconds between looks while something is on its way
SOON = 5.0  # seconds: a call due later than this is no part of the step
LIMIT = 20.0  # seconds after which a step is called unsettled

ESTABLISHED, SYN_SENT, FIN_WAIT1, FIN_WAIT2 = 1, 2, 4, 5


def look(numbers):
    """The connections to or from these port numbers whose descriptors this
    process has: (local, remote) to (state, bytes unacknowledged, unread)."""
    found = {}
    for name in os.listdir("/proc/self/fd"):
        try:
            if not os.readlink("/proc/self/fd/" + name).startswith("socket:"):
                continue
        except OSError:
            continue  # the descriptor that the list was read with
        s = socket.fromfd(int(name), socket.AF_INET, socket.SOCK_STREAM)
        try:
            ends = addresses(s, numbers)
            if ends is not None:
                # A receiver puts its acknowledgement off: have it now.
                s.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
                found[ends] = (state_of(s), queued(s, termios.TIOCOUTQ), queued(s, termios.FIONREAD))
        except (OSError, IOError, socket.error):
            pass  # not TCP, or a reset has ended it
        finally:
            s.close()
    return found


def addresses(s, numbers):
    local = s.getsockname()
    try:
        remote = s.getpeername()
    except (OSError, socket.error):
        return (local, None) if state_of(s) == SYN_SENT else None
    return (local, remote) if local[1] in numbers or remote[1] in numbers else None


def state_of(s):
    return bytearray(s.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1))[0]


def queued(s, request):
    return struct.unpack("i", fcntl.ioctl(s.fileno(), request, b"\0\0\0\0"))[0]


def on_the_way(found):
    """Whether the kernel will still do something by itself."""
    for (local, remote), (state, unacknowledged, unread) in found.items():
        peer = found.get((remote, local))
        if state == SYN_SENT:
            return True
        if state in (ESTABLISHED, FIN_WAIT1, FIN_WAIT2) and peer is None and not unread:
            return True
        if unacknowledged and not (peer and peer[2]):
            return True
    return False


class Quiet(object):
    """Calls over(True) when the step that began with begin() has had all its
    consequences, and over(False) if that does not come."""

    def __init__(self, reactor, numbers, over):
        self.changes = 0  # counts events: whoever sees one adds to it
        self._reactor, self._numbers, self._over = reactor, numbers, over

    def begin(self):
        self._deadline = self._reactor.seconds() + LIMIT
        self._restless()
        self._again(0)

    def _again(self, delay):
        self._reactor.callLater(delay, self._turn)

    def _restless(self):
        """Forget what was seen: something has happened since."""
        self._seen, self._calm, self._last = self.changes, 0, None

    def _turn(self):
        if self._reactor.seconds() > self._deadline:
            self._over(False)
        elif self._seen != self.changes:
            self._restless()
            self._again(0)
        elif self._due_soon():
            self._restless()
            self._again(RETRY)
        elif self._calm < TURNS:
            self._calm += 1
            self._again(0)
        else:
            self._look_at_kernel()

    def _look_at_kernel(self):
        found = look(self._numbers)
        if on_the_way(found):
            self._restless()
            self._again(RETRY)
        elif found != self._last:
            self._calm, self._last = 0, found
            self._again(0)
        else:
            self._over(True)

    def _due_soon(self):
        limit = self._reactor.seconds() + SOON
        return any(call.getTime() < limit for call in self._reactor.getDelayedCalls())
