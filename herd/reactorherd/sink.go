package reactorherd

import (
	"bytes"
	"context"
	"errors"
	"time"

	"proxyherd/herd"
	"proxyherd/herd/wirelog"
	"proxyherd/reactor/threads"
)

// Take takes AT lines, each with its end, as if a neighbour had sent them, and passes
// on what is new. What is no AT line is dropped, and counted. The error is
// herd.ErrStoreFull's: what followed is not taken. Call it on the loop.
//
// Twin: one callback takes all of them, and its links are flushed after it.
func (s *Server) Take(lines []byte) error {
	s.sealing.begin()
	defer s.sealing.end()
	for line := range bytes.Lines(lines) {
		flood, err := s.node.ReceivePeer(bytes.TrimSuffix(line, newline))
		if flood != nil {
			s.passOn(flood, nil)
		}
		if errors.Is(err, herd.ErrStoreFull) {
			return err
		}
	}
	return nil
}

// recall asks the archive for a client of which the herd has nothing. Half of the
// time is for that; the web service has what is left.
//
// Twin: a worker asks, and the loop goes on when it has; a Deferred brings it there.
func (c *session) recall(line, id []byte) {
	s := c.server
	if s.waiting >= s.limits.WaitingWhatsats {
		s.refuseWhatsat()
		c.answer(s.node.ReceiveAgain(line).Answer)
		return
	}
	if c.queue == nil {
		c.queue = &answers{}
	}
	a := c.queue.wait(nil)
	a.since = s.elapsed()
	s.waiting++ // and less when it is answered, or gone with its session
	line, id = bytes.Clone(line), bytes.Clone(id)
	ctx, cancel := context.WithTimeout(context.Background(), time.Duration(s.config.Upstream.Timeout)/2)
	a.asked = cancelled(cancel)
	found := threads.DeferToThread(s.reactor, func() ([]byte, error) { return s.archive.Find(ctx, id) })
	found.AddBoth(func(record []byte, err error) ([]byte, error) {
		cancel()
		c.guard(func() { c.recalled(a, line, record, err) })
		return nil, nil
	})
	c.holdForAnswers()
}

// cancelled is a context's cancel as an answer's asked.
type cancelled context.CancelFunc

// Cancel gives up what is asked.
func (f cancelled) Cancel() { f() }

// recalled takes what the archive has said. The herd takes a record like a
// neighbour's: then all servers know the client, and nobody asks the archive again.
func (c *session) recalled(a *answer, line, record []byte, err error) {
	s := c.server
	if record != nil && err == nil {
		err = s.Take(append(record, '\n'))
	}
	gone := c.place == notThere || c.cause == causePanic
	if err != nil && !gone && s.toldArchive.again(s.reactor.Seconds()) {
		s.event(wirelog.Warn, "a client that the herd does not know was not found elsewhere; see how the sink does", withStack(err)...)
	}
	if gone {
		return
	}
	a.asked = nil
	result := s.node.ReceiveAgain(line)
	if result.Verb != herd.WHATSAT {
		c.answered(a, bytes.TrimSuffix(result.Answer, newline))
		return
	}
	c.queue.begin(a, result.Answer)
	c.askUpstream(a, result.Query)
}
