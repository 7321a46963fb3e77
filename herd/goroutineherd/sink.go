package goroutineherd

import (
	"bytes"
	"context"
	"errors"
	"time"

	"proxyherd/herd"
	"proxyherd/herd/wirelog"
)

// Take takes AT lines, each with its end, as if a neighbour had sent them, and passes
// on what is new. What is no AT line is dropped, and counted. The error is
// herd.ErrStoreFull's: what followed is not taken.
//
// Twin: the goroutine that calls it takes them, one after the other; the links'
// own send them.
func (s *Server) Take(lines []byte) error {
	desk := s.takeDesk(nil)
	defer s.giveDesk(desk)
	defer s.wakeLinks()
	for line := range bytes.Lines(lines) {
		// The desk floods what is new: see desk.Put.
		if _, err := desk.node.ReceivePeer(bytes.TrimSuffix(line, newline)); errors.Is(err, herd.ErrStoreFull) {
			return err
		}
	}
	return nil
}

// recall asks the archive for a client of which the herd has nothing. Half of the
// time is for that; the web service has what is left.
//
// Twin: a goroutine waits for a worker's place, asks, and goes on itself.
func (c *session) recall(desk *desk, line, id []byte) {
	s := c.server
	// Less when it is answered, or gone with its session.
	if s.waiting.Add(1) > int64(s.limits.WaitingWhatsats) {
		s.waiting.Add(-1)
		s.refuseWhatsat()
		c.answer(desk.node.ReceiveAgain(line).Answer)
		return
	}
	if c.queue == nil {
		c.queue = &answers{}
	}
	a := c.queue.wait(nil)
	a.since = s.elapsed()
	line, id = bytes.Clone(line), bytes.Clone(id)
	ctx, cancel := context.WithTimeout(context.Background(), time.Duration(s.config.Upstream.Timeout)/2)
	a.asked = cancel
	s.running.Go(func() {
		record, err := s.find(ctx, id)
		cancel()
		c.guard(func() { c.recalled(a, line, record, err) })
	})
	c.holdForAnswers()
}

// find waits for a worker's place and asks the archive. The error may be a panic's.
func (s *Server) find(ctx context.Context, id []byte) (record []byte, err error) {
	defer func() {
		if panicked := recovered(recover()); panicked != nil {
			err = panicked
		}
	}()
	select {
	case s.workers <- struct{}{}:
		defer func() { <-s.workers }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	return s.archive.Find(ctx, id)
}

// recalled takes what the archive has said. The herd takes a record like a
// neighbour's: then all servers know the client, and nobody asks the archive again.
func (c *session) recalled(a *answer, line, record []byte, err error) {
	s := c.server
	if record != nil && err == nil {
		err = s.Take(append(record, '\n'))
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	gone := c.over || c.cause == causePanic
	if err != nil && !gone && s.toldArchive.again(time.Now()) {
		s.event(wirelog.Warn, "a client that the herd does not know was not found elsewhere; see how the sink does", withStack(err)...)
	}
	if gone {
		return
	}
	a.asked = nil
	desk := s.takeDesk(nil)
	defer s.giveDesk(desk)
	result := desk.node.ReceiveAgain(line)
	if result.Verb != herd.WHATSAT {
		c.answered(a, bytes.TrimSuffix(result.Answer, newline))
		c.startSending()
		return
	}
	c.queue.begin(a, result.Answer)
	c.askUpstream(a, result.Query)
}
