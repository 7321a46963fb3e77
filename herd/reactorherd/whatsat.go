package reactorherd

import (
	"context"
	"time"

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
		if err != nil {
			return r, nil // cancelled: the client is gone
		}
		if r.Err != nil {
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

// fetch asks the upstream on a worker, and brings the result back to the loop.
// The time runs from now, waiting for a worker included. Cancelling the
// Deferred breaks the call off.
func (s *Server) fetch(q herd.Query) *deferred.Deferred[upstream.Result] {
	ctx, cancel := context.WithTimeout(context.Background(), time.Duration(s.config.Upstream.Timeout))
	d := deferred.New(func(*deferred.Deferred[upstream.Result]) { cancel() })
	question := upstream.Query{
		Latitude: string(q.Latitude), Longitude: string(q.Longitude), Radius: string(q.Radius), Limit: q.Limit,
	}
	s.reactor.CallInThread(func() {
		result := s.upstream.Fetch(ctx, question)
		cancel()
		s.reactor.CallFromThread(func() {
			if !d.Called() {
				d.Callback(result)
			}
		})
	})
	return d
}
