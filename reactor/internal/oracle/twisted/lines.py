"""Scenarios of a LineReceiver: the twin of lines/play.go."""
from twisted.protocols.basic import LineReceiver

from noting import Transport
from stage import Boom, Stage, quote


class Receiver(LineReceiver):
    def __init__(self, stage):
        self.stage = stage
        self.override = False
        self.result = None

    def callback(self, kind, data):
        self.stage.note(kind, quote(data))
        outer, self.result = self.result, None
        self.stage.enter(kind)
        result, self.result = self.result, outer
        return result

    def lineReceived(self, line):
        return self.callback("line", line)

    def rawDataReceived(self, data):
        return self.callback("raw", data)

    def lineLengthExceeded(self, line):
        result = self.callback("exceeded", line)
        if not self.override:
            return LineReceiver.lineLengthExceeded(self, line)
        return result

    def do(self, w):
        what = w.word(0)
        if what == "delimiter":
            self.delimiter = w.bytes(1) or b"\r\n"
        elif what == "max":
            self.MAX_LENGTH = w.int(1) if w.int(1) > 0 else 16384
        elif what == "override":
            self.override = True
        elif what == "data":
            self.returned(self.dataReceived(w.bytes(1)))
        elif what == "lineMode":
            self.returned(self.setLineMode(w.bytes(1)))
        elif what == "rawMode":
            self.setRawMode()
        elif what == "clear":
            self.stage.note("cleared", quote(self.clearLineBuffer()))
        elif what == "pause":
            self.pauseProducing()
        elif what == "resume":
            self.resumeProducing()
        elif what == "stop":
            self.stopProducing()
        elif what == "send":
            self.sendLine(w.bytes(1))
        elif what == "lose":
            self.transport.loseConnection()
        elif what == "return":
            self.result = True
        elif what == "raise":
            raise Boom()

    def returned(self, why):
        self.stage.note("returned", "something" if why else "nothing")


def play(script):
    stage = Stage()
    receiver = Receiver(stage)
    receiver.makeConnection(Transport(stage))
    return stage.play(script, receiver.do)
