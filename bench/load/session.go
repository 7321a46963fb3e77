package load

import (
	"context"
	"fmt"
)

// Session is a closed loop that is measured in slices of time, between which other servers
// can have theirs: a machine that is slow for a second is slow for all of them then. Its
// connections stay open, and ask nothing between slices.
//
// It is for one goroutine.
type Session struct{ run run }

// Open connects to the servers and puts the preload on them. Warmup and Duration are those of
// each slice; Rate, SlowReaders and Askers must be 0. The errors are Run's. Whoever gets a
// Session closes it.
func Open(ctx context.Context, o Options) (*Session, error) {
	if o.Rate != 0 || o.SlowReaders != 0 || o.Askers != 0 {
		return nil, fmt.Errorf("%w: what is measured in slices must be a closed loop with nobody beside it", ErrOptions)
	}
	s := &Session{run: run{o: o.withDefaults()}}
	if err := s.run.connect(); err != nil {
		s.Close()
		return nil, err
	}
	if err := s.run.prepare(ctx); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// Measure warms up and measures one slice. The errors are Run's, but for ErrNoReply.
func (s *Session) Measure(ctx context.Context) error { return s.run.measure(ctx) }

// Result returns what all slices together have measured. The errors are Run's.
func (s *Session) Result() (*Result, error) { return s.run.result() }

// Close closes the connections.
func (s *Session) Close() { s.run.close() }
