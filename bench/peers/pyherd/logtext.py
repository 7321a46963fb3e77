"""The records of a server's log, in the form of all servers' logs."""

import datetime
import os
import re

# -- log --

_ODD = re.compile(br'[^ !#-\[\]-~]')


def _escape(m):
    byte = m.group()
    return b"\\" + byte if byte in (b'"', b"\\") else b"\\x%02x" % ord(byte)


def quote(data):
    """In double quotes, with escapes: no client can forge a record of the log."""
    return '"' + _ODD.sub(_escape, data).decode("ascii") + '"'


def stamp(seconds):
    return datetime.datetime.utcfromtimestamp(seconds).strftime("%Y-%m-%dT%H:%M:%S.%f") + "Z"


def event(level, text, **fields):
    words = "".join(" %s=%s" % (k, quote(_bytes(v))) for k, v in sorted(fields.items()))
    return "! %s %s%s" % (level, quote(_bytes(text)), words)


def _bytes(value):
    if isinstance(value, bytes):
        return value
    if not hasattr(value, "encode"):  # an address, an exception
        value = str(value)
    return value if isinstance(value, bytes) else value.encode("utf-8")


def make_directory(path):
    """Make the one that the file path is to be in. Servers that share it start at one
    moment: whoever comes second has it too."""
    directory = os.path.dirname(path) or "."
    try:
        os.makedirs(directory)  # Python 2.7 knows no exist_ok
    except OSError:
        if not os.path.isdir(directory):
            raise


class Journal(object):
    """What happened and was said, one record a line; a subclass knows where to.

    A connection is known by its number, such as client#12, and a neighbour's,
    once it has proved itself, by its name too: peer#3=Meeks.
    """

    def __init__(self, lines, now):
        self._lines, self._now = lines, now
        self._numbers = {"client": 0, "peer": 0}

    def write(self, text):
        raise NotImplementedError

    def _record(self, text):
        self.write(stamp(self._now()) + " " + text + "\n")

    def opened(self, kind, address):
        """Note a new connection; return what to call it."""
        self._numbers[kind] += 1
        conn = "%s#%d" % (kind, self._numbers[kind])
        self._record("+ %s %s" % (conn, quote(_bytes(address))))
        return conn

    def named(self, conn, name):
        conn += "=" + quote(name) if _ODD.search(name) or b" " in name else "=" + name.decode("ascii")
        self._record("= %s %s" % (conn, quote(name)))
        return conn

    def closed(self, conn, reason):
        self._record("- %s %s" % (conn, quote(_bytes(reason))))

    def came(self, conn, line, end=""):
        if self._lines:
            self._record("< %s %s%s" % (conn, quote(line), end))

    def went(self, conn, data):
        if self._lines:
            for line in data[:-1].split(b"\n"):
                self._record("> %s %s" % (conn, quote(line)))

    def event(self, level, text, **fields):
        self._record(event(level, text, **fields))
