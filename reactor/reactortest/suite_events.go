package reactortest

import (
	"errors"

	"proxyherd/reactor"
	"proxyherd/reactor/deferred"
)

// stopSoon stops a reactor that was not run yet, so that nothing is left of it.
func (s *stage) stopSoon() {
	s.CallWhenRunning(s.stop)
}

var eventRules = []rule{
	{"an event's triggers run by phase, then in order, once", func(s *stage) { // SE1, SE2, SE4
		s.trigger(reactor.After, "harvest", s.noting("after"))
		s.trigger(reactor.During, "harvest", s.noting("during, first"))
		s.trigger(reactor.Before, "harvest", s.noting("before"))
		s.trigger(reactor.During, "harvest", s.noting("during, second"))
		s.trigger(reactor.Before, "another", s.noting("another event"))
		s.FireSystemEvent("harvest")
		s.FireSystemEvent("harvest")
		s.wantSteps("before", "during, first", "during, second", "after")
		s.stopSoon()
		s.run()
	}},

	{"Deferreds of Before triggers are all waited for", func(s *stage) { // SE2, SE3
		first, second := deferred.New[struct{}](nil), deferred.New[struct{}](nil)
		for _, d := range []*noResult{first, second} {
			if _, err := s.AddSystemEventTrigger(reactor.Before, "harvest", func() *noResult { return d }); err != nil {
				s.t.Fatal(err)
			}
		}
		s.trigger(reactor.Before, "harvest", s.noting("before"))
		s.trigger(reactor.During, "harvest", s.noting("during"))
		s.FireSystemEvent("harvest")
		s.note("fired")
		second.Errback(errors.New("a failure does not stop the event"))
		s.note("one is there")
		first.Callback(struct{}{})
		s.wantSteps("before", "fired", "one is there", "during")
		s.stopSoon()
		s.run()
	}},

	{"a panic in a trigger is logged and the rest run", func(s *stage) { // SE3
		s.trigger(reactor.Before, "shutdown", func() { panic("out of order") })
		s.trigger(reactor.Before, "shutdown", s.noting("before"))
		s.trigger(reactor.After, "shutdown", s.noting("after"))
		s.stopSoon()
		s.run("out of order")
		s.wantSteps("before", "after")
	}},

	{"a trigger can be taken back until it has run", func(s *stage) { // SE5
		gone := s.trigger(reactor.During, "harvest", s.noting("taken back, and yet it ran"))
		kept := s.trigger(reactor.During, "harvest", s.noting("kept"))
		if err := s.RemoveSystemEventTrigger(gone); err != nil {
			s.t.Errorf("RemoveSystemEventTrigger: %v", err)
		}
		s.wantIs(s.RemoveSystemEventTrigger(gone), reactor.ErrUnknownTrigger, "taking it back twice")
		s.FireSystemEvent("harvest")
		s.wantIs(s.RemoveSystemEventTrigger(kept), reactor.ErrUnknownTrigger, "taking back one that has run")
		s.wantSteps("kept")
		s.stopSoon()
		s.run()
	}},

	{"there are three phases", func(s *stage) { // SE1
		for _, phase := range []reactor.Phase{0, 4, -1} {
			_, err := s.AddSystemEventTrigger(phase, "harvest", func() *noResult { return nil })
			s.wantIs(err, reactor.ErrInvalidPhase, "a phase that does not exist")
		}
		s.stopSoon()
		s.run()
	}},
}
