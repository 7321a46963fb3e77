"""How two servers prove to each other that they have the herd's secret, and which
of two links between them stays."""

import binascii
import hashlib
import hmac
import os

from pyherd import wire

# -- handshake --

TIMEOUT = 2.0  # seconds from the connection to the second proof


class Refused(Exception):
    """The link is not to be. send is what the other end gets to know, if anything."""

    def __init__(self, reason, send=b""):
        Exception.__init__(self, reason)
        self.reason, self.send = reason, send


class Identity(object):
    """Who we are, the same on all links."""

    def __init__(self, herd, name, neighbours, future, keys):
        self.herd, self.name, self.neighbours, self.keys = herd, name, neighbours, keys
        self.future = b"%d" % (future // wire.NANOS)
        self.boot = binascii.hexlify(os.urandom(8))


class Handshake(object):
    """One end of a link that is opening: HELLO and PROVE, the dialler first.

    We offer no capabilities ("-"): AT lines, and a full dump when a link opens,
    are all that a server must speak.
    """

    def __init__(self, identity, role, to=None):
        self.identity, self.role, self.to = identity, role, to
        self.nonce = binascii.hexlify(os.urandom(32))
        self.peer = self.boot = None  # the other end's; to be believed once done
        self._hellos = {}  # by role: both lines as they were sent, for the proofs
        self._receive = self._hello

    def start(self):
        """What the dialler says first."""
        return self._say_hello() if self.role == b"dialler" else b""

    def receive(self, line):
        """Take a line; return what to send, and whether the link is open now."""
        if len(line) > wire.MAX_HANDSHAKE_LINE:
            raise Refused("line_too_long")
        if line.startswith(b"REFUSED "):
            raise Refused("refused: " + line[8:].decode("latin-1"))
        return self._receive(line)

    def _say_hello(self):
        i = self.identity
        hello = b"HELLO 1 %s %s %s %s %s - %s %s" % (
            i.herd, i.name, self.to, self.role, i.future, i.boot, self.nonce)
        self._hellos[self.role] = hello
        return hello + b"\n"

    def _hello(self, line):
        fields = line.split()
        if not fields or fields[0] != b"HELLO":
            raise Refused("not_hello")  # to whom this is Greek, nothing is said
        reason = self._objection(fields)
        if reason:
            raise Refused(reason, b"REFUSED " + reason.encode("ascii") + b"\n")
        self.peer, self.boot = fields[3], fields[8]
        self._hellos[fields[5]] = line
        self._receive = self._prove
        if self.role == b"dialler":
            return self._proof(self.role, self.identity.keys[0]), False
        self.to = self.peer
        return self._say_hello(), False

    def _objection(self, fields):
        i = self.identity
        if fields[1:2] != [b"1"]:
            return "wrong_version"
        if len(fields) != 10 or not _is_hex(fields[8], 16) or not _is_hex(fields[9], 64):
            return "bad_hello"
        _, _, herd, sender, to, role, future, caps, _, nonce = fields
        if herd != i.herd:
            return "wrong_herd"
        if role == self.role or role not in (b"dialler", b"acceptor"):
            return "wrong_role"
        if to != i.name:
            return "wrong_recipient"
        if self.role == b"dialler" and sender != self.to:
            return "wrong_peer"
        if sender not in i.neighbours:
            return "unknown_peer"
        if future != i.future:
            return "wrong_future"
        if nonce == self.nonce:
            return "own_nonce"
        if b"mac" in caps.split(b","):
            return "wrong_link_mac"
        return None

    def _prove(self, line):
        fields = line.split()
        theirs = b"acceptor" if self.role == b"dialler" else b"dialler"
        if len(fields) != 2 or fields[0] != b"PROVE":
            raise Refused("not_prove")
        for key in self.identity.keys:  # two, while the secret is being replaced
            if _same(fields[1], self._mac(theirs, key)):
                # Answered with the key that the dialler has.
                return (b"" if self.role == b"dialler" else self._proof(self.role, key)), True
        raise Refused("bad_proof", b"REFUSED bad_proof\n")

    def _proof(self, role, key):
        return b"PROVE " + self._mac(role, key) + b"\n"

    def _mac(self, role, key):
        text = b"\n".join((role, self._hellos[b"dialler"], self._hellos[b"acceptor"]))
        return hmac.new(key, text, hashlib.sha256).hexdigest().encode("ascii")


def _is_hex(text, length):
    return len(text) == length and not text.strip(b"0123456789abcdef")


def _same(a, b):
    """Compare in a time that does not tell where they differ."""
    return hmac.compare_digest(a, b)


def stays(name, old, new):
    """Which of two links to one neighbour stays, and why the other goes.

    Each has peer, boot and role. Both ends come to the same decision: of two
    links between the same two processes, the one dialled by the lower name stays.
    """
    if old.boot == new.boot and old.role != new.role:
        old_by_lower = (old.role == b"dialler") == (name < old.peer)
        return (old if old_by_lower else new), "duplicate_link"
    return new, "replaced"
