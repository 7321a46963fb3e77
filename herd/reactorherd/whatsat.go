package reactorherd

import (
	"errors"

	"proxyherd/herd"
	"proxyherd/herd/upstream"
	"proxyherd/herd/wirelog"
	"proxyherd/reactor/deferred"
)

// ask sends a WHATSAT to the upstream. Its AT line, of this moment, keeps its
// place among the answers until the second line is there.
func (c *session) ask(result herd.Result) {
	s := c.server
	a := c.queue.wait(result.Answer)
	if s.waiting >= s.limits.WaitingWhatsats {
		s.event(wirelog.Warn, "WHATSAT not asked: too many wait", wirelog.F("limit", s.limits.WaitingWhatsats))
		c.answered(a, s.kind.ErrorLine("This server is waiting for too many answers already. Ask again later."))
		return
	}
	s.waiting++
	d := s.fetch(result.Query)
	a.asked = d
	d.AddBoth(func(r upstream.Result, err error) (upstream.Result, error) {
		s.waiting--
		switch {
		case errors.Is(err, deferred.ErrCancelled):
			return r, nil // the client is gone
		case err != nil: // a panic in the upstream's code, or the workers have stopped
			s.event(wirelog.Error, "upstream failed", wirelog.F("error", err))
			r.Line = s.kind.ErrorLine("This server could not ask. Its log says why.")
		case r.Err != nil:
			s.event(wirelog.Warn, "upstream failed", wirelog.F("error", r.Err), wirelog.F("status", r.Status))
		}
		c.answered(a, r.Line)
		return r, nil
	})
	c.holdForAnswers()
}

// answered completes an answer and sends all that are due.
func (c *session) answered(a *answer, line []byte) {
	c.queue.complete(a, line)
	c.queue.send(c.write)
	c.holdForAnswers()
	if c.ended || c.closing {
		c.endIfAnswered()
	}
}
