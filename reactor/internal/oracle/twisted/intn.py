"""Scenarios of the IntNStringReceivers: the twin of intn/play.go."""
from twisted.protocols.basic import (
    Int8StringReceiver, Int16StringReceiver, Int32StringReceiver, StringTooLongError)

from noting import Transport
from stage import Boom, Stage, quote


class Receiver(object):
    """What the three classes have in common; base is the one beside it."""

    base = None

    def __init__(self, stage):
        self.stage = stage
        self.override = False

    def stringReceived(self, string):
        self.stage.note("string", quote(string))
        self.stage.enter("string")

    def lengthLimitExceeded(self, length):
        self.stage.note("exceeded", length)
        self.stage.enter("exceeded")
        if not self.override:
            self.base.lengthLimitExceeded(self, length)

    def do(self, w):
        what = w.word(0)
        if what == "max":
            self.MAX_LENGTH = w.int(1) if w.int(1) > 0 else 99999
        elif what == "override":
            self.override = True
        elif what == "data":
            self.dataReceived(w.bytes(1))
            self.stage.note("returned")
        elif what == "send":
            self.send(w.bytes(1))
        elif what == "sendMany":
            self.send(b"x" * w.int(1))
        elif what == "pause":
            self.pauseProducing()
        elif what == "resume":
            self.resumeProducing()
            self.stage.note("resumed")
        elif what == "stop":
            self.stopProducing()
        elif what == "lose":
            self.transport.loseConnection()
        elif what == "raise":
            raise Boom()

    def send(self, string):
        try:
            self.sendString(string)
        except StringTooLongError:
            self.stage.note("refused", len(string))


class Receiver8(Receiver, Int8StringReceiver):
    base = Int8StringReceiver


class Receiver16(Receiver, Int16StringReceiver):
    base = Int16StringReceiver


class Receiver32(Receiver, Int32StringReceiver):
    base = Int32StringReceiver


def play(script):
    stage = Stage()
    receivers = []  # one, once the first statement has settled its prefix

    def do(w):
        if not receivers:
            bits = w.int(1) if w.word(0) == "prefix" else 32
            receivers.append({8: Receiver8, 16: Receiver16}.get(bits, Receiver32)(stage))
            receivers[0].makeConnection(Transport(stage))
        receivers[0].do(w)

    return stage.play(script, do)
