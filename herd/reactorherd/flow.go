package reactorherd

import "proxyherd/reactor"

// holds is why a session reads no further commands for now.
type holds uint8

const (
	outputWaits holds = 1 << iota // the client does not take its answers
	answersWait                   // as many WHATSATs, or as much behind them, as are allowed
	turnOver                      // others come first
)

func (c *session) hold(why holds) {
	if c.holds == 0 && !c.closing {
		c.LineReceiver.PauseProducing()
	}
	c.holds |= why
}

func (c *session) release(why holds) {
	held := c.holds != 0
	c.holds &^= why
	if !held || c.holds != 0 || c.closing {
		return
	}
	// While we did not listen the client could not be heard.
	c.quiet = c.server.elapsed()
	c.lineBegan = c.quiet
	c.LineReceiver.ResumeProducing()
}

// PauseProducing is the transport's: too much output waits.
func (c *session) PauseProducing() { c.hold(outputWaits) }

// ResumeProducing is the transport's: the client has taken its output.
func (c *session) ResumeProducing() {
	c.release(outputWaits)
}

// holdForAnswers stops or starts the reading of commands by what waits.
func (c *session) holdForAnswers() {
	limits := &c.server.limits
	if q := c.queue; q != nil && (q.waiting >= limits.WaitingWhatsatsPerClient || q.bytes >= limits.OutputPerClient) {
		c.hold(answersWait)
	} else {
		c.release(answersWait)
	}
}

// endTurn lets the others have their turn once a client has had as many commands
// carried out as one turn has. The rest of its input waits meanwhile.
//
// Twin: a client that has had its turn is held, and let go in the next turn of the
// loop, or all others would wait. The transport keeps the output, tells when it is
// too much, and writes once a turn.
func (c *session) endTurn() {
	s := c.server
	c.commands++
	if c.unread == 0 || c.holds != 0 || c.closing || int(c.commands) < s.limits.CommandsPerTurn {
		return
	}
	c.commands = 0
	s.yielded++
	c.hold(turnOver)
	s.reactor.CallLater(0, func() { c.guard(func() { c.release(turnOver) }) })
}

func (c *session) write(line []byte) {
	c.server.log.Out(c.log, line, c.server.reactor.Seconds())
	c.server.tally.clients.Out += uint64(len(line))
	c.Transport.Write(line)
}

// boundOutput cuts off a client for which too much waits. Commands are not read
// any more long before; this is for the answers of WHATSATs that were.
func (c *session) boundOutput() {
	waiting := c.Transport.(reactor.TCPTransport).Unsent()
	if c.queue != nil {
		waiting += c.queue.bytes
	}
	if waiting > c.server.limits.OutputPerClientMost {
		c.abort(causeOutputLimit)
	}
}
