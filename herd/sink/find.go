package sink

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// ErrResting says that a database was not asked, as it has just failed.
var ErrResting = errors.New("the sink's database is failing, and is not asked for now")

// Find returns the AT line, without its end, that the database has of a client; nil if
// it has none. Who asks waits, at most until the context's deadline. While the database
// fails it is asked once a second, so that those who wait for the web service, with
// whom they share the workers, need not wait for it too.
func (s *Sink) Find(ctx context.Context, id []byte) (line []byte, err error) {
	if err := ctx.Err(); err != nil {
		return nil, err // its time was up before it came here
	}
	if !s.mayAsk() {
		return nil, ErrResting
	}
	line, err = s.db.Find(ctx, id)
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		return nil, ctx.Err() // who has asked is gone, whatever the database is like
	case err != nil:
		s.hasFailed(err, s.times.rest)
		return nil, fmt.Errorf("asking the sink: %w", err)
	}
	s.works()
	if line != nil {
		s.mu.Lock()
		s.status.Found++
		s.mu.Unlock()
	}
	return line, nil
}

// mayAsk counts a question, and reports whether it may be asked.
func (s *Sink) mayAsk() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.status.Asked++
	if s.status.FailedSince.IsZero() {
		return true
	}
	now := time.Now()
	if now.Before(s.resting) {
		s.status.Unasked++
		return false
	}
	s.resting = now.Add(s.times.rest)
	return true
}
