package sysevent

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"proxyherd/reactor"
	"proxyherd/reactor/deferred"
)

var phases = []reactor.Phase{reactor.Before, reactor.During, reactor.After}

type noResult = deferred.Deferred[struct{}]

// stage is a set of events and a list of what happened.
type stage struct {
	Events
	t      *testing.T
	steps  []string
	logged []string // panics
}

func newStage(t *testing.T) *stage {
	s := &stage{t: t}
	s.Guard = func(f func()) {
		defer func() {
			if v := recover(); v != nil {
				s.logged = append(s.logged, fmt.Sprint(v))
			}
		}()
		f()
	}
	return s
}

func (s *stage) note(step string) { s.steps = append(s.steps, step) }

// on registers f, which waits for nothing.
func (s *stage) on(phase reactor.Phase, event string, f func()) reactor.TriggerID {
	s.t.Helper()
	return s.waitOn(phase, event, func() *noResult { f(); return nil })
}

// noteOn registers a trigger that notes its name.
func (s *stage) noteOn(phase reactor.Phase, event, name string) reactor.TriggerID {
	s.t.Helper()
	return s.on(phase, event, func() { s.note(name) })
}

func (s *stage) waitOn(phase reactor.Phase, event string, f reactor.Trigger) reactor.TriggerID {
	s.t.Helper()
	id, err := s.Add(phase, event, f)
	if err != nil {
		s.t.Fatalf("Add(%v, %q): %v", phase, event, err)
	}
	return id
}

// remove takes a trigger back that is there.
func (s *stage) remove(id reactor.TriggerID) {
	s.t.Helper()
	if err := s.Remove(id); err != nil {
		s.t.Errorf("Remove(%v): %v", id, err)
	}
}

// wantUnknown checks that there is nothing to take back.
func (s *stage) wantUnknown(id reactor.TriggerID) {
	s.t.Helper()
	if err := s.Remove(id); !errors.Is(err, reactor.ErrUnknownTrigger) {
		s.t.Errorf("Remove(%v): %v, want %v", id, err, reactor.ErrUnknownTrigger)
	}
}

// want checks what has happened so far.
func (s *stage) want(steps ...string) {
	s.t.Helper()
	if got, want := strings.Join(s.steps, ", "), strings.Join(steps, ", "); got != want {
		s.t.Errorf("what happened: %s; want: %s", got, want)
	}
}

// wantLogged checks the panics.
func (s *stage) wantLogged(panics ...string) {
	s.t.Helper()
	if got, want := strings.Join(s.logged, ", "), strings.Join(panics, ", "); got != want {
		s.t.Errorf("panics: %s; want: %s", got, want)
	}
}
