package herdtest

import (
	"context"
	"slices"
	"sync"
)

// Archive is what servers of both designs ask for clients that the herd does not know.
type Archive interface {
	Find(ctx context.Context, id []byte) (line []byte, err error)
}

// Sink is a herd.Copyist and an Archive in memory. The zero value is empty.
type Sink struct {
	mu    sync.Mutex
	lines []string
	known map[string]string
	asked int
	err   error
}

// Put takes a line.
func (s *Sink) Put(line []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lines = append(s.lines, string(line))
}

// Lines are all that was put.
func (s *Sink) Lines() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.lines)
}

// Know has Find return an AT line, without its end, for a client.
func (s *Sink) Know(id, line string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.known == nil {
		s.known = map[string]string{}
	}
	s.known[id] = line
}

// Fail has Find fail; nil: no more.
func (s *Sink) Fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.err = err
}

// Asked is how often Find was called.
func (s *Sink) Asked() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked
}

// Find returns what is known.
func (s *Sink) Find(_ context.Context, id []byte) (line []byte, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked++
	if text, known := s.known[string(id)]; known && s.err == nil {
		line = []byte(text)
	}
	return line, s.err
}
