//go:build linux

package sockets

import "proxyherd/reactor/internal/oracle/scenario"

// differences are what no script meets: its statements are chosen so (plots),
// or passed over by both sides where they would show one (ofEnd, ofClient,
// ofWorld, and their twins in twisted/sockets_actors.py and sockets.py). So
// nothing has to be left out of a comparison, and every Twisted is compared
// strictly. docs/twisted.md has what a program could notice of them.
var differences = []scenario.Difference{
	avoided("TI4", "timers due at once have no order in Twisted: events are compared for each end by itself"),
	avoided("TR1", "how much is read at once, and which direction goes first, is the poller's and the kernel's: bytes received one after "+
		"the other are one event, and no step has much going both ways while there is a producer"),
	avoided("TR7", "what is written at the moment that the peer's end of stream comes may leave before it is read, or never: "+
		"write and losewrite are passed over once the peer has sent its end, unless this end has read it and goes on"),
	avoided("TR8, TR12", "Twisted does not notice a reset while it does not read: "+
		"abort, and write to a peer that has gone, are passed over where the reset would meet such an end"),
	avoided("TR15", "closed with input unread, the kernel sends a reset behind the end of the stream, which may overtake what the peer has "+
		"still to get, and meets one that goes on: lose is passed over there"),
	avoided("TR22", "a server's connection lives on after its connectionMade raised: no server's raises there"),
	avoided("PC2", "bytes sent of the current string count as waiting: what waits is far above the limit, or nothing"),
	avoided("CN9", "13.2.0 forgets a client whose factory gives None: only servers' factories refuse"),
	avoided("RS7", "connections that neither read nor write are not told of the shutdown: "+
		"stop is passed over while there is one, and no shutdown's trigger aborts"),
	avoided("RS8", "write and stop in one turn send nothing in Twisted: stop is a step of its own, or inside an event at rest"),
	avoided("RC11", "stopTrying knows no connector before the first failure: stoptrying is passed over until then"),
	avoided("RC13", "an initialDelay counts for the first wait: both sides set delay too"),
	avoided("SE5", "removing a trigger that ran is a warning: remove is passed over then"),
	avoided("RS3", "after stop inside an I/O event ours still takes what the poller has ready, Twisted does not: "+
		"stop is passed over while the end of a stream is on its way"),
	avoided("TR10", "loseConnection after the peer's reset has come, but was not read, ends as lost in Twisted and as done in ours: "+
		"no script closes an end inside the event that resets it"),
	avoided("TR18", "a connectionLost or stopProducing that raises keeps Twisted from telling the connector, or the protocol: none raises"),
	avoided("HC1", "Twisted carries a second loseWriteConnection out again, which ends the connection as lost, and one after the end "+
		"raises: losewrite is passed over then"),
	avoided("HC2", "resumeProducing after readConnectionLost has Twisted read the end of stream again, and a returned ConnectionDone is "+
		"a readConnectionLost too: resume, and give of it, are passed over for such ends"),
	avoided("CN1", "stopConnecting inside startFactory gives up the attempt before this one: not generated"),
	avoided("CN3", "connect inside the clientConnectionFailed of stopConnecting loses Twisted's new attempt: reconnect is passed over there"),
	avoided("CN6", "an attempt made inside clientConnectionLost or Failed, and given up there, has Twisted stop the factory twice: "+
		"stopconnecting and disconnect are passed over there"),
	avoided("CN7", "connect inside stopFactory leaves Twisted's factory stopped: not generated"),
}

// avoided is a difference of which no event tells.
func avoided(rule, reason string) scenario.Difference {
	return scenario.Difference{Rule: rule, Reason: reason, From: func(scenario.Script, scenario.Transcript) int { return -1 }}
}
