"""Scenarios of a LineOnlyReceiver: the twin of lineonly/play.go."""
from twisted.protocols.basic import LineOnlyReceiver

from noting import Transport
from stage import Boom, Stage, quote


class Receiver(LineOnlyReceiver):
    def __init__(self, stage):
        self.stage = stage
        self.override = False
        self.result = None

    def lineReceived(self, line):
        self.stage.note("line", quote(line))
        self.stage.enter("line")

    def lineLengthExceeded(self, line):
        if not self.override:
            self.stage.note("exceeded", quote(line), "default")
            return LineOnlyReceiver.lineLengthExceeded(self, line)
        self.stage.note("exceeded", quote(line), "overridden")
        self.result = None
        self.stage.enter("exceeded")
        return self.result

    def do(self, w):
        what = w.word(0)
        if what == "delimiter":
            self.delimiter = w.bytes(1) or b"\r\n"
        elif what == "max":
            self.MAX_LENGTH = w.int(1) if w.int(1) > 0 else 16384
        elif what == "override":
            self.override = True
        elif what == "data":
            why = self.dataReceived(w.bytes(1))
            self.stage.note("returned", "something" if why else "nothing")
        elif what == "send":
            self.sendLine(w.bytes(1))
        elif what == "lose":
            self.transport.loseConnection()
        elif what == "return":
            self.result = True
        elif what == "raise":
            raise Boom()


def play(script):
    stage = Stage()
    receiver = Receiver(stage)
    receiver.makeConnection(Transport(stage))
    return stage.play(script, receiver.do)
