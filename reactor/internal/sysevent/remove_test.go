package sysevent

import (
	"errors"
	"testing"

	"proxyherd/reactor"
	"proxyherd/reactor/deferred"
)

func TestRemoving(t *testing.T) { // SE5
	t.Run("a trigger of any phase that is taken back does not run", func(t *testing.T) {
		s := newStage(t)
		for _, phase := range phases {
			gone := s.noteOn(phase, "harvest", "gone")
			s.noteOn(phase, "harvest", phase.String())
			s.remove(gone)
		}
		s.Fire("harvest", nil)
		s.want("before", "during", "after")
	})
	t.Run("of several triggers only the one that is meant goes", func(t *testing.T) {
		s := newStage(t)
		s.noteOn(reactor.During, "harvest", "first")
		gone := s.noteOn(reactor.During, "harvest", "gone")
		s.noteOn(reactor.During, "harvest", "last")
		s.remove(gone)
		s.Fire("harvest", nil)
		s.want("first", "last")
	})
	t.Run("an id that was never given is refused", func(t *testing.T) {
		s := newStage(t)
		s.wantUnknown(reactor.TriggerID{Phase: reactor.Before, EventType: "harvest", Number: 1})
		s.noteOn(reactor.Before, "harvest", "kept")
		s.wantUnknown(reactor.TriggerID{Phase: reactor.Before, EventType: "harvest", Number: 2})
		s.wantUnknown(reactor.TriggerID{Phase: reactor.Before, EventType: "winter", Number: 1})
		if err := s.Remove(reactor.TriggerID{}); !errors.Is(err, reactor.ErrInvalidPhase) {
			t.Errorf("the zero id: %v, want %v", err, reactor.ErrInvalidPhase)
		}
		s.Fire("harvest", nil)
		s.want("kept")
	})
	t.Run("an id is good once", func(t *testing.T) {
		s := newStage(t)
		gone := s.noteOn(reactor.Before, "harvest", "gone")
		s.remove(gone)
		s.wantUnknown(gone)
		s.Fire("harvest", nil)
		s.want()
	})
	t.Run("an id of another event type is refused, and so is one used up", func(t *testing.T) {
		s := newStage(t)
		id := s.noteOn(reactor.During, "harvest", "kept")
		other := id
		other.EventType = "winter"
		s.wantUnknown(other)
		s.Fire("harvest", nil)
		s.wantUnknown(id)
		s.want("kept")
	})
	t.Run("an id with another phase is refused", func(t *testing.T) {
		s := newStage(t)
		id := s.noteOn(reactor.Before, "harvest", "kept")
		id.Phase = reactor.During
		s.wantUnknown(id)
		s.Fire("harvest", nil)
		s.want("kept")
	})
	t.Run("one of before that ran already is refused, with no effect on the rest", func(t *testing.T) {
		s := newStage(t)
		ran := s.noteOn(reactor.Before, "harvest", "ran")
		s.on(reactor.Before, "harvest", func() { s.wantUnknown(ran); s.note("removed it") })
		s.noteOn(reactor.During, "harvest", "during")
		s.Fire("harvest", nil)
		s.want("ran", "removed it", "during")
		s.wantLogged()
	})
	t.Run("one that runs is refused to itself", func(t *testing.T) {
		s := newStage(t)
		var self reactor.TriggerID
		self = s.on(reactor.During, "harvest", func() { s.wantUnknown(self); s.note("ran") })
		s.noteOn(reactor.During, "harvest", "next")
		s.Fire("harvest", nil)
		s.want("ran", "next")
	})
	t.Run("before may remove a later one of before", func(t *testing.T) {
		s := newStage(t)
		var later reactor.TriggerID
		s.on(reactor.Before, "harvest", func() { s.remove(later) })
		later = s.noteOn(reactor.Before, "harvest", "gone")
		s.noteOn(reactor.Before, "harvest", "kept")
		s.Fire("harvest", nil)
		s.want("kept")
	})
	t.Run("before may remove one of during", func(t *testing.T) {
		s := newStage(t)
		var later reactor.TriggerID
		s.on(reactor.Before, "harvest", func() { s.remove(later) })
		later = s.noteOn(reactor.During, "harvest", "gone")
		s.noteOn(reactor.During, "harvest", "kept")
		s.Fire("harvest", nil)
		s.want("kept")
	})
	t.Run("one of during may be removed while a Deferred is waited for", func(t *testing.T) {
		s := newStage(t)
		d := deferred.New[struct{}](nil)
		s.waitOn(reactor.Before, "harvest", func() *noResult { return d })
		gone := s.noteOn(reactor.During, "harvest", "gone")
		s.noteOn(reactor.During, "harvest", "kept")
		s.Fire("harvest", nil)
		s.remove(gone)
		d.Callback(struct{}{})
		s.want("kept")
	})
	t.Run("one function in two phases is told apart by its id", func(t *testing.T) {
		s := newStage(t)
		same := func() *noResult { s.note("the same"); return nil }
		var during reactor.TriggerID
		s.on(reactor.Before, "harvest", func() { s.remove(during) })
		s.waitOn(reactor.Before, "harvest", same)
		during = s.waitOn(reactor.During, "harvest", same)
		s.Fire("harvest", nil)
		s.want("the same")
	})
	t.Run("during may remove a later one of during", func(t *testing.T) {
		s := newStage(t)
		var later reactor.TriggerID
		s.on(reactor.During, "harvest", func() { s.remove(later) })
		later = s.noteOn(reactor.During, "harvest", "gone")
		s.noteOn(reactor.During, "harvest", "kept")
		s.Fire("harvest", nil)
		s.want("kept")
	})
}
