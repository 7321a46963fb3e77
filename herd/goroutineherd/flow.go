package goroutineherd

import (
	"runtime"
	"time"
)

// holds is why a session reads no further commands for now.
type holds uint8

const (
	outputWaits holds = 1 << iota // the client does not take its answers
	answersWait                   // as many WHATSATs, or as much behind them, as are allowed
)

func (c *session) hold(why holds) { c.holds |= why }

func (c *session) release(why holds) {
	held := c.holds != 0
	c.holds &^= why
	if !held || c.holds != 0 || c.closing {
		return
	}
	// While we did not listen the client could not be heard.
	c.quiet = c.server.elapsed()
	c.lineBegan = c.quiet
	c.wake()
}

// waitForRelease waits while the session is held. Called with mu held, which others
// have meanwhile.
func (c *session) waitForRelease() {
	for c.holds != 0 && !c.closing {
		c.startSending()
		if c.released == nil {
			c.released = make(chan struct{})
		}
		released := c.released
		c.mu.Unlock()
		<-released
		c.mu.Lock()
	}
}

// wake lets the reader look again.
func (c *session) wake() {
	if c.released != nil {
		close(c.released)
		c.released = nil
	}
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
// carried out as one turn has, and more of its input waits.
func (c *session) endTurn(unread int) {
	c.commands++
	if unread == 0 || c.closing || int(c.commands) < c.server.limits.CommandsPerTurn {
		return
	}
	c.commands = 0
	c.server.tally.yielded.Add(1)
	c.startSending()
	// The scheduler is what a loop's next turn is in reactorherd.
	c.mu.Unlock()
	runtime.Gosched()
	c.mu.Lock()
}

// output is what a session has to write. In reactorherd the transport has it.
//
// Twin: the output is ours: when to write, in which pieces, by which goroutine, and
// that a write which waits keeps no lock. Who is held waits for a channel to be
// closed.
type output struct {
	pending *[]byte // nil: nothing
	leaving int     // bytes that a system call has
	writing bool    // a goroutine is at it
	floods  bool    // and first at what was put on the links: see Server.flood
}

// highWater is how many bytes may wait before a session or a link is full.
const highWater = 64 << 10

func (o *output) unsent() int {
	if o.pending == nil {
		return o.leaving
	}
	return len(*o.pending) + o.leaving
}

func (c *session) write(line []byte) {
	if c.pending == nil {
		c.pending = takeBuffer()
	}
	*c.pending = append(*c.pending, line...)
	if c.unsent() > highWater {
		c.hold(outputWaits)
	}
}

// boundOutput cuts off a client for which too much waits. Commands are not read
// any more long before; this is for the answers of WHATSATs that were.
func (c *session) boundOutput() {
	waiting := c.unsent()
	if c.queue != nil {
		waiting += c.queue.bytes
	}
	if waiting > c.server.limits.OutputPerClientMost {
		c.abort(causeOutputLimit)
	}
}

// startSending sees to it that what is pending is sent, and what was flooded before
// it: by a goroutine that ends when there is nothing left, and takes along what has
// come meanwhile.
func (c *session) startSending() {
	if c.pending == nil && !c.floods || c.writing || c.over {
		return
	}
	c.writing = true
	c.server.running.Add(1)
	go c.send()
}

// turnOver is the end of a piece of input: what came of it is sent on this goroutine
// as far as the system takes it at once. Whoever else has input is let go first. With
// many clients at a time the first to come back here then writes to the links for all
// of them, as the end of a turn does in reactorherd; and one that is alone hands
// nothing to anybody, which would cost more than all the rest.
func (c *session) turnOver() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.writing || c.over {
		return // who is at it takes this along
	}
	answerFirst := c.server.faulty.AnswerFirst
	if c.floods && !answerFirst {
		c.awaitFlood()
	}
	c.sendNow()
	if answerFirst && c.floods && !c.writing {
		c.floods = false
		c.server.wakeLinks()
	}
}

// awaitFlood waits for what was flooded, which its acknowledgement must not overtake.
// Called with mu held, which others have meanwhile, but cannot send.
func (c *session) awaitFlood() {
	c.floods = false
	if len(c.server.openLinks()) == 0 {
		return
	}
	c.writing = true
	c.mu.Unlock()
	defer func() { // after a panic too
		c.mu.Lock()
		c.writing = false
	}()
	if c.server.crowded() {
		runtime.Gosched()
	}
	c.server.awaitFlood()
}

// crowded reports whether others may have input too. To let them go first costs next
// to nothing on one core, while on several another core is woken for it.
func (s *Server) crowded() bool { return s.oneCore || s.turns.Load() > 1 }

// sendNow sends what is pending as far as the system takes it at once, and the rest
// as startSending does.
func (c *session) sendNow() {
	if c.raw == nil || c.pending == nil || c.writing || c.over {
		c.startSending()
		c.endIfSent()
		return
	}
	batch := *c.pending
	n, _ := writeNow(c.raw, batch) // what is wrong with the connection the next attempt says
	c.server.log.Out(c.log, batch[:n], time.Now())
	c.server.tally.clientsOut.Add(uint64(n))
	if n < len(batch) {
		*c.pending = batch[:copy(batch, batch[n:])]
		c.startSending()
		return
	}
	giveBuffer(c.pending)
	c.pending = nil
	c.release(outputWaits)
	c.endIfSent()
}

func (c *session) send() {
	defer c.server.running.Done()
	c.guard(func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		for (c.pending != nil || c.floods) && !c.over {
			c.sendPending()
		}
		c.writing = false
		c.release(outputWaits)
		c.endIfSent()
	})
}

// sendPending sends what is pending now, in one piece. Called with mu held, which
// others have meanwhile.
func (c *session) sendPending() {
	batch, floods := c.pending, c.floods
	c.pending, c.floods = nil, false
	if batch != nil {
		c.leaving = len(*batch)
	}
	err := c.sendUnlocked(batch, floods)
	c.leaving = 0
	if batch != nil {
		giveBuffer(batch)
	}
	if err != nil {
		c.cut(err)
	}
}

func (c *session) sendUnlocked(batch *[]byte, floods bool) error {
	c.mu.Unlock()
	defer c.mu.Lock() // after a panic too
	s := c.server
	if floods && !s.faulty.AnswerFirst {
		// An acknowledgement never leaves before the update that it acknowledges.
		s.awaitFlood()
	}
	if batch == nil {
		return nil
	}
	s.log.Out(c.log, *batch, time.Now())
	s.tally.clientsOut.Add(uint64(len(*batch)))
	_, err := c.conn.Write(*batch)
	if floods && s.faulty.AnswerFirst {
		s.wakeLinks()
	}
	return err
}
