package reactorherd

import (
	"math"
	"time"

	"proxyherd/reactor"
)

// watch ends the sessions whose clients keep silent for too long. It has one
// timer for all of them, set to the earliest deadline that it knows of: a client
// that speaks only moves its own deadline, which costs two comparisons, and when
// the timer comes all sessions are looked at and the next earliest is found. A
// server without clients, or whose clients may be silent for ever, sets none.
//
// Twin: one timer for all sessions, and sweeps in pieces: a timer for each would
// cost memory, and a sweep of all would hold the loop.
type watch struct {
	server   *Server
	timer    reactor.DelayedCall // nil: none is set
	due      time.Duration       // when it is due, while set
	sweeping bool
	left     int           // sessions that the sweep under way has still to look at
	next     time.Duration // the earliest deadline heard of since that sweep began
}

// never is a deadline that does not come.
const never = time.Duration(math.MaxInt64)

const (
	// sweepStep is how many sessions are looked at in one turn.
	sweepStep = 500
	// sweepPause is the least time between two sweeps, and so how much later
	// than at its deadline a session may end.
	sweepPause = time.Second
)

// elapsed is the time since the server's start, on the clock that is never set.
func (s *Server) elapsed() time.Duration { return s.reactor.Seconds().Sub(s.started) }

// expect takes note of a session's deadline, which has just been moved.
func (w *watch) expect(c *session) {
	if deadline, _ := c.deadline(); deadline < w.next {
		w.next = deadline
	}
	if !w.sweeping {
		w.set()
	}
}

// set sees to it that the timer is due no later than the earliest deadline.
func (w *watch) set() {
	if w.next == never || w.timer != nil && w.due <= w.next {
		return
	}
	now := w.server.elapsed()
	due := max(w.next, now+sweepPause)
	switch {
	case w.timer == nil:
		w.timer = w.server.reactor.CallLater(due-now, w.sweep)
	case due < w.due:
		_ = w.timer.Reset(due - now) // pending
	default:
		return
	}
	w.due = due
}

// sweep looks at the next sessions, last to first: then one that ends meanwhile
// has its place taken by one that was looked at already.
func (w *watch) sweep() {
	w.timer, w.sweeping = nil, true
	defer w.rest()
	now := w.server.elapsed()
	if w.left == 0 {
		w.left, w.next = len(w.server.sessions), never
	}
	for range sweepStep {
		w.left = min(w.left, len(w.server.sessions))
		if w.left == 0 {
			return
		}
		w.left--
		w.look(w.server.sessions[w.left], now)
	}
}

// rest sets the timer again, after a panic too.
func (w *watch) rest() {
	w.sweeping = false
	if w.left == 0 {
		w.set()
		return
	}
	w.due = w.server.elapsed()
	w.timer = w.server.reactor.CallLater(0, w.sweep)
}

func (w *watch) look(c *session, now time.Duration) {
	deadline, why := c.deadline()
	if deadline > now {
		w.next = min(w.next, deadline)
		return
	}
	// Nobody is waited for who has said nothing, and a linger is over.
	c.guard(func() { c.finish(why) })
}

// deadline is when the session ends unless its client says something, and why.
func (c *session) deadline() (at time.Duration, why cause) {
	limits := &c.server.limits
	switch {
	case c.ended:
		return never, causeNone
	case c.lingers:
		return c.quiet + lingerTime, c.cause
	case c.closing, c.holds != 0:
		return never, causeNone // its answers are waited for, or we do not listen
	case !c.said:
		return after(c.quiet, time.Duration(limits.FirstByte)), causeFirstByte
	}
	at, why = never, causeIdle
	if c.queue == nil {
		at = after(c.quiet, time.Duration(limits.Idle))
	}
	if c.unread > 0 {
		if end := after(c.lineBegan, time.Duration(limits.PartialLine)); end <= at {
			at, why = end, causePartialLine
		}
	}
	return at, why
}

// after is a deadline; where there is no limit there is none.
func after(since, limit time.Duration) time.Duration {
	if limit == 0 {
		return never
	}
	return since + limit
}
