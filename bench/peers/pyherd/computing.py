"""Work for the processor, in Python itself: for the experiments alone."""

# -- faults --

import itertools
import time

MILLISECONDS = 50  # that a piece of work takes on a core of its own


def _spin(times):
    value = 1
    for _ in itertools.repeat(None, times):
        value = (value * 1103515245 + 12345) & 0x7FFFFFFF
    return value


def _took(times):
    start = time.time()
    _spin(times)
    return time.time() - start


class Work(object):
    """A piece of work, measured before anybody waits: the same for whoever disturbs it."""

    def __init__(self):
        times = 10000
        while _took(times) < 0.01:
            times *= 2
        self._times = int(times * MILLISECONDS / 1000.0 / min(_took(times) for _ in range(5)))

    def do(self):
        """Do it, and return a line of JSON in place of the upstream's."""
        return b'{"error":"nothing was asked, but %d computed"}' % _spin(self._times)
