package sysevent

import (
	"errors"
	"testing"

	"proxyherd/reactor"
	"proxyherd/reactor/deferred"
)

func TestPhases(t *testing.T) { // SE1, SE2
	for _, phase := range phases {
		t.Run("a trigger of "+phase.String()+" runs", func(t *testing.T) {
			s := newStage(t)
			argument := "with what it was made with"
			s.on(phase, "harvest", func() { s.note(argument) })
			s.want()
			s.Fire("harvest", nil)
			s.want("with what it was made with")
		})
		t.Run("a trigger of "+phase.String()+" waits for its own event", func(t *testing.T) {
			s := newStage(t)
			s.noteOn(phase, "harvest", "ran")
			s.Fire("winter", nil)
			s.want()
			s.Fire("harvest", nil)
			s.want("ran")
		})
	}
	t.Run("a phase that does not exist is refused", func(t *testing.T) {
		s := newStage(t)
		for _, phase := range []reactor.Phase{0, 4, -1} {
			_, err := s.Add(phase, "harvest", func() *noResult { return nil })
			_, first := s.Prepend(phase, "harvest", func() *noResult { return nil })
			if !errors.Is(err, reactor.ErrInvalidPhase) || !errors.Is(first, reactor.ErrInvalidPhase) {
				t.Errorf("phase %d: %v, %v", phase, err, first)
			}
		}
	})
	t.Run("a phase that does not exist adds nothing to the event", func(t *testing.T) {
		s := newStage(t)
		_, err := s.Add(reactor.After+1, "harvest", func() *noResult { s.note("ran"); return nil })
		if !errors.Is(err, reactor.ErrInvalidPhase) {
			t.Errorf("it was added: %v", err)
		}
		s.Fire("harvest", func() { s.note("done") })
		s.want("done")
	})
	t.Run("before, during and after run in this order", func(t *testing.T) {
		s := newStage(t)
		s.noteOn(reactor.After, "harvest", "after")
		s.noteOn(reactor.During, "harvest", "during")
		s.noteOn(reactor.Before, "harvest", "before")
		s.Fire("harvest", func() { s.note("done") })
		s.want("before", "during", "after", "done")
	})
	t.Run("before precedes during", func(t *testing.T) {
		s := newStage(t)
		s.noteOn(reactor.During, "harvest", "during")
		s.noteOn(reactor.Before, "harvest", "before")
		s.Fire("harvest", nil)
		s.want("before", "during")
	})
	t.Run("during precedes after", func(t *testing.T) {
		s := newStage(t)
		s.noteOn(reactor.After, "harvest", "after")
		s.noteOn(reactor.During, "harvest", "during")
		s.Fire("harvest", nil)
		s.want("during", "after")
	})
	t.Run("those of one phase run in the order in which they were added", func(t *testing.T) {
		s := newStage(t)
		for _, name := range []string{"first", "second", "third"} {
			s.noteOn(reactor.During, "harvest", name)
		}
		if _, err := s.Prepend(reactor.During, "harvest", func() *noResult { s.note("put first"); return nil }); err != nil {
			t.Fatal(err)
		}
		s.Fire("harvest", nil)
		s.want("put first", "first", "second", "third")
	})
	t.Run("each runs once, however often the event is fired", func(t *testing.T) {
		s := newStage(t)
		for _, phase := range phases {
			s.noteOn(phase, "harvest", phase.String())
		}
		s.Fire("harvest", nil)
		s.Fire("harvest", func() { s.note("fired again") })
		s.want("before", "during", "after", "fired again")
	})
	t.Run("one that is added by one of its phase runs too", func(t *testing.T) {
		s := newStage(t)
		s.on(reactor.During, "harvest", func() { s.noteOn(reactor.During, "harvest", "added meanwhile") })
		s.Fire("harvest", nil)
		s.want("added meanwhile")
	})
}

func TestWaiting(t *testing.T) { // SE2, SE3
	t.Run("during waits for the Deferred of before", func(t *testing.T) {
		s := newStage(t)
		d := deferred.New[struct{}](nil)
		s.waitOn(reactor.Before, "harvest", func() *noResult { return d })
		s.noteOn(reactor.During, "harvest", "during")
		s.noteOn(reactor.After, "harvest", "after")
		s.Fire("harvest", nil)
		s.want()
		d.Callback(struct{}{})
		s.want("during", "after")
	})
	t.Run("the other triggers of before do not wait", func(t *testing.T) {
		s := newStage(t)
		d := deferred.New[struct{}](nil)
		s.waitOn(reactor.Before, "harvest", func() *noResult { return d })
		s.noteOn(reactor.Before, "harvest", "before")
		s.noteOn(reactor.During, "harvest", "during")
		s.Fire("harvest", nil)
		s.want("before")
		d.Callback(struct{}{})
		s.want("before", "during")
	})
	t.Run("during waits for all Deferreds of before", func(t *testing.T) {
		s := newStage(t)
		first, second := deferred.New[struct{}](nil), deferred.New[struct{}](nil)
		for _, d := range []*noResult{first, second} {
			s.waitOn(reactor.Before, "harvest", func() *noResult { return d })
		}
		s.noteOn(reactor.During, "harvest", "during")
		s.Fire("harvest", nil)
		second.Callback(struct{}{})
		s.want()
		first.Callback(struct{}{})
		s.want("during")
	})
	t.Run("a later trigger of before may fire an earlier one's Deferred", func(t *testing.T) {
		s := newStage(t)
		d := deferred.New[struct{}](nil)
		s.waitOn(reactor.Before, "harvest", func() *noResult { return d })
		s.on(reactor.Before, "harvest", func() { d.Callback(struct{}{}); s.note("fired") })
		s.noteOn(reactor.Before, "harvest", "the last of before")
		s.noteOn(reactor.During, "harvest", "during")
		s.Fire("harvest", nil)
		s.want("fired", "the last of before", "during")
	})
	t.Run("a failed Deferred is waited for, does not stop the event, and stays failed", func(t *testing.T) {
		s := newStage(t)
		d := deferred.New[struct{}](nil)
		s.waitOn(reactor.Before, "harvest", func() *noResult { return d })
		s.noteOn(reactor.During, "harvest", "during")
		s.Fire("harvest", nil)
		rain := errors.New("rain")
		d.Errback(rain)
		s.want("during")
		d.AddErrback(func(err error) (struct{}, error) {
			if !errors.Is(err, rain) {
				t.Errorf("the next errback got %v", err)
			}
			s.note("handled")
			return struct{}{}, nil
		})
		s.want("during", "handled")
	})
	t.Run("what during and after return is not waited for", func(t *testing.T) {
		s := newStage(t)
		for _, phase := range []reactor.Phase{reactor.During, reactor.After} {
			s.waitOn(phase, "harvest", func() *noResult { s.note(phase.String()); return deferred.New[struct{}](nil) })
		}
		s.Fire("harvest", func() { s.note("done") })
		s.want("during", "after", "done")
	})
	t.Run("one event does not wait for another's Deferred", func(t *testing.T) {
		s := newStage(t)
		d := deferred.New[struct{}](nil)
		s.waitOn(reactor.Before, "harvest", func() *noResult { return d })
		s.noteOn(reactor.During, "harvest", "harvest")
		s.noteOn(reactor.During, "winter", "winter")
		s.Fire("harvest", nil)
		s.Fire("winter", nil)
		s.want("winter")
		d.Callback(struct{}{})
		s.want("winter", "harvest")
	})
}

func TestPanics(t *testing.T) { // SE3
	for _, phase := range phases {
		t.Run("one in "+phase.String()+" is logged and the rest run", func(t *testing.T) {
			s := newStage(t)
			s.on(phase, "harvest", func() { panic("hail") })
			for _, rest := range phases {
				s.noteOn(rest, "harvest", rest.String())
			}
			s.Fire("harvest", func() { s.note("done") })
			s.want("before", "during", "after", "done")
			s.wantLogged("hail")
		})
	}
}
