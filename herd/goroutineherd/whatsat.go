package goroutineherd

import (
	"time"

	"proxyherd/herd"
	"proxyherd/herd/upstream"
	"proxyherd/herd/wirelog"
)

// ask sends a WHATSAT to the upstream. Its AT line, of this moment, keeps its
// place among the answers until the second line is there.
//
// Twin: the answer comes on another goroutine, which takes the session's lock, and
// finds out whether there is still anybody to answer.
func (c *session) ask(result herd.Result) {
	s := c.server
	if c.queue == nil {
		c.queue = &answers{}
	}
	a := c.queue.wait(result.Answer)
	a.since = s.elapsed()
	// And less when it is answered, or gone with its session.
	if s.waiting.Add(1) > int64(s.limits.WaitingWhatsats) {
		s.surplus()
		c.answered(a, s.kind.ErrorLine("This server is waiting for too many answers already. Ask again later."))
		return
	}
	c.askUpstream(a, result.Query)
	c.holdForAnswers()
}

// askUpstream has the second line of an answer asked for.
func (c *session) askUpstream(a *answer, q herd.Query) {
	a.asked = c.server.fetch(q, func(r upstream.Result, err error) {
		c.guard(func() {
			c.mu.Lock()
			defer c.mu.Unlock()
			c.upstreamAnswered(a, r, err)
		})
	})
}

// surplus counts a command that too many others wait for, and tells the log.
func (s *Server) surplus() {
	refused := s.tally.whatsatsRefused.Add(1)
	if s.toldFull.again(time.Now()) {
		s.event(wirelog.Warn, "WHATSAT not asked: too many wait",
			wirelog.F("limit", s.limits.WaitingWhatsats), wirelog.F("refused", refused))
	}
}

// upstreamAnswered takes what a question came to.
func (c *session) upstreamAnswered(a *answer, r upstream.Result, err error) {
	s := c.server
	switch {
	case c.over, c.cause == causePanic:
		return // the client is gone, or about to be
	case err != nil: // a panic in the upstream's code
		s.event(wirelog.Error, "upstream failed", withStack(err)...)
		r.Line = s.kind.ErrorLine("This server could not ask. Its log says why.")
	case r.Err != nil:
		s.event(wirelog.Warn, "upstream failed", wirelog.F("error", r.Err), wirelog.F("status", r.Status))
	}
	s.tally.answered(s.elapsed() - a.since)
	c.answered(a, r.Line)
	c.startSending()
}

// answered completes an answer and sends all that are due.
func (c *session) answered(a *answer, line []byte) {
	c.queue.complete(a, line)
	c.server.waiting.Add(-1)
	c.sendAnswers()
}

// sendAnswers sends all answers that are due.
func (c *session) sendAnswers() {
	c.queue.send(c.write)
	if c.queue.empty() {
		c.queue = nil // an idle session keeps no memory for it
		// From here on it is for the client to speak.
		c.quiet = c.server.elapsed()
		c.expect()
	}
	c.boundOutput()
	c.holdForAnswers()
	if c.ended || c.closing {
		c.endIfAnswered()
	}
}
