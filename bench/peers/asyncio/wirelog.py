"""The log file, written by a thread: a disk that hangs stops nobody but the log."""

import queue
import threading
import time
import traceback

from pyherd import logtext

# -- log --


class WireLog(logtext.Journal):
    def __init__(self, path, lines):
        super().__init__(lines, time.time)
        logtext.make_directory(path)
        self._file = open(path, "a", encoding="ascii")
        self._queue = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._write_all, daemon=True)
        self._thread.start()
        self.write = self._queue.put

    def _write_all(self):
        while (text := self._queue.get()) is not None:
            self._file.write(text)
            if self._queue.empty():
                self._file.flush()
        self._file.close()

    def exception(self, what, error):
        self.event("error", what, error="".join(traceback.format_exception(error)) if error else "none")

    def close(self):
        self._queue.put(None)
        self._thread.join()
