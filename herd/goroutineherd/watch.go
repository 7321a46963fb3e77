package goroutineherd

import (
	"math"
	"time"
)

// never is a deadline that does not come.
const never = time.Duration(math.MaxInt64)

// elapsed is the time since the server's start, on the clock that is never set.
func (s *Server) elapsed() time.Duration { return time.Since(s.started) }

// expect takes note of the session's deadline, which may have been moved.
//
// Twin: each read has a deadline, which the runtime keeps. It is moved only where it
// would be too late: a client that speaks moves its own, which costs two
// comparisons, and when the reads' comes the session's is looked at and the reads go
// on.
func (c *session) expect() {
	at, _ := c.deadline()
	if at >= c.armed || c.over {
		return
	}
	c.armed = at
	_ = c.conn.SetReadDeadline(c.server.started.Add(at)) // a connection that is gone says so itself
}

// silent ends the session if it has kept silent for too long.
func (c *session) silent() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.armed = never
	_ = c.conn.SetReadDeadline(time.Time{})
	if at, why := c.deadline(); at <= c.server.elapsed() {
		// Nobody is waited for who has said nothing, and a linger is over.
		c.finish(why)
	}
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
	if len(c.rest) > 0 {
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
