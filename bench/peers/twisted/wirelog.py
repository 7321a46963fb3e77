"""The log file, which also takes what Twisted itself has to say about errors."""

from twisted.internet import reactor, task
from twisted.python import log

from pyherd import logtext

# -- log --

FLUSH_EVERY = 0.2  # seconds


class WireLog(logtext.Journal):
    """Writes in the loop: a disk that hangs stops the server, as it is with the
    log observers that come with Twisted."""

    def __init__(self, path, lines):
        logtext.Journal.__init__(self, lines, reactor.seconds)
        logtext.make_directory(path)
        self._file = open(path, "ab", 1 << 16)
        self._flusher = task.LoopingCall(self._file.flush)
        self._flusher.start(FLUSH_EVERY)
        # Errors that nobody handles end here, with their traceback.
        log.startLoggingWithObserver(self._observe, setStdout=False)

    def write(self, text):
        self._file.write(text.encode("ascii"))

    def _observe(self, event):
        if event.get("isError"):
            self.event("error", log.textFromEventDict(event) or "error")
            self._file.flush()

    def close(self):
        self._flusher.stop()
        self._file.flush()
