"""Scenarios of a NetstringReceiver: the twin of netstrings/play.go."""
from twisted.protocols.basic import NetstringReceiver

from noting import Transport
from stage import Boom, Stage, quote


class Receiver(NetstringReceiver):
    def __init__(self, stage):
        self.stage = stage

    def stringReceived(self, string):
        self.stage.note("string", quote(string))
        self.stage.enter("string")

    def do(self, w):
        what = w.word(0)
        if what == "max":
            self.MAX_LENGTH = w.int(1) if w.int(1) > 0 else 99999
        elif what == "data":
            if not w.bytes(1):
                return  # no transport delivers nothing
            self.dataReceived(w.bytes(1))
            self.stage.note("returned", "broken" if self.brokenPeer else "good")
        elif what == "send":
            self.sendString(w.bytes(1))
        elif what == "lose":
            self.transport.loseConnection()
        elif what == "connect":
            self.makeConnection(Transport(self.stage))
        elif what == "raise":
            raise Boom()


def play(script):
    stage = Stage()
    receiver = Receiver(stage)
    receiver.makeConnection(Transport(stage))
    return stage.play(script, receiver.do)
