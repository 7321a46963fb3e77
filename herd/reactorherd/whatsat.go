package reactorherd

import (
	"proxyherd/herd"
	"proxyherd/herd/upstream"
	"proxyherd/herd/wirelog"
)

// ask sends a WHATSAT to the upstream. Its AT line, of this moment, keeps its
// place among the answers until the second line is there.
//
// Twin: the answer comes as a Deferred, in a turn of its own.
func (c *session) ask(result herd.Result) {
	s := c.server
	at := s.elapsed()
	full := s.waiting >= s.limits.WaitingWhatsats
	if c.queue == nil {
		c.queue = &answers{}
	}
	a := c.queue.wait(result.Answer)
	a.since = at
	s.waiting++ // and less when it is answered, or gone with its session
	if full {
		s.surplus()
		c.answered(a, s.kind.ErrorLine("This server is waiting for too many answers already. Ask again later."))
		return
	}
	c.askUpstream(a, result.Query)
	c.holdForAnswers()
}

// askUpstream has the second line of an answer asked for.
func (c *session) askUpstream(a *answer, q herd.Query) {
	d := c.server.fetch(q)
	a.asked = d
	d.AddBoth(func(r upstream.Result, err error) (upstream.Result, error) {
		c.guard(func() { c.upstreamAnswered(a, r, err) })
		return r, nil
	})
}

// surplus counts a command that too many others wait for, and tells the log.
func (s *Server) surplus() {
	s.whatsatsRefused++
	if s.toldFull.again(s.reactor.Seconds()) {
		s.event(wirelog.Warn, "WHATSAT not asked: too many wait",
			wirelog.F("limit", s.limits.WaitingWhatsats), wirelog.F("refused", s.whatsatsRefused))
	}
}

// upstreamAnswered takes what a question came to.
func (c *session) upstreamAnswered(a *answer, r upstream.Result, err error) {
	s := c.server
	switch {
	case c.place == notThere, c.cause == causePanic:
		return // the client is gone, or about to be
	case err != nil: // a panic in the upstream's code, or the workers have stopped
		s.event(wirelog.Error, "upstream failed", withStack(err)...)
		r.Line = s.kind.ErrorLine("This server could not ask. Its log says why.")
	case r.Err != nil:
		s.event(wirelog.Warn, "upstream failed", wirelog.F("error", r.Err), wirelog.F("status", r.Status))
	}
	s.tally.answers.Add(s.elapsed() - a.since)
	c.answered(a, r.Line)
}

// answered completes an answer and sends all that are due.
func (c *session) answered(a *answer, line []byte) {
	c.queue.complete(a, line)
	c.server.waiting--
	c.sendAnswers()
}

// sendAnswers sends all answers that are due.
func (c *session) sendAnswers() {
	c.queue.send(c.write)
	if c.queue.empty() {
		c.queue = nil // an idle session keeps no memory for it
		// From here on it is for the client to speak.
		c.quiet = c.server.elapsed()
		c.server.watch.expect(c)
	}
	c.boundOutput()
	c.holdForAnswers()
	if c.ended || c.closing {
		c.endIfAnswered()
	}
}
