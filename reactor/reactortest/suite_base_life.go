package reactortest

import (
	"math"
	"time"

	"proxyherd/reactor"
	"proxyherd/reactor/deferred"
)

// stopRules is each moment at which Run or Stop is refused, or works.
var stopRules = []rule{
	{"Stop before Run is refused", func(s *stage) { // RS3
		s.wantIs(s.Stop(), reactor.ErrReactorNotRunning, "Stop")
		s.stopSoon()
		s.run() // which shows that the refused Stop did nothing
	}},

	{"the second Stop is refused", func(s *stage) { // RS3
		s.CallWhenRunning(func() {
			s.stop()
			s.wantIs(s.Stop(), reactor.ErrReactorNotRunning, "the second Stop, in the same call")
		})
		s.trigger(reactor.After, "shutdown", func() {
			s.wantIs(s.Stop(), reactor.ErrReactorNotRunning, "Stop within the shutdown")
			s.note("shut down")
		})
		s.run()
		s.wantSteps("shut down")
	}},

	{"Run inside Run is refused", func(s *stage) { // RS1
		s.CallWhenRunning(func() {
			s.wantIs(s.Run(), reactor.ErrReactorAlreadyRunning, "Run inside Run")
			s.CallLater(0, func() { s.note("the loop goes on"); s.stop() })
		})
		s.run()
		s.wantSteps("the loop goes on")
	}},

	{"Run after Stop is refused", func(s *stage) { // RS1
		s.stopSoon()
		s.run()
		s.CallWhenRunning(func() { s.t.Error("it runs again") })
		s.wantIs(s.Run(), reactor.ErrReactorNotRestartable, "Run after Stop")
	}},

	{"Run after Crash runs", func(s *stage) { // RS10, SE4
		s.CallWhenRunning(func() { s.note("first: running %t", s.Running()); s.Crash() })
		s.run()
		s.note("crashed: running %t", s.Running())
		s.CallWhenRunning(func() { s.note("second: running %t", s.Running()); s.stop() })
		s.run()
		s.wantSteps("first: running true", "crashed: running false", "second: running true")
	}},

	{"Crash ends Run and fires nothing", func(s *stage) { // RS10
		for _, phase := range []reactor.Phase{reactor.Before, reactor.During, reactor.After} {
			s.trigger(phase, "shutdown", s.noting("shutdown, "+phase.String()))
		}
		s.CallWhenRunning(func() { s.CallLater(0, s.Crash) })
		s.run()
		s.wantSteps()
		s.stopSoon()
		s.run() // nothing is left of it
		s.wantSteps("shutdown, before", "shutdown, during", "shutdown, after")
	}},

	{"a timer may stop the reactor", func(s *stage) {
		s.CallLater(time.Millisecond, s.stop)
		s.run()
		if s.Running() {
			s.t.Error("it runs")
		}
	}},

	{"all phases of the shutdown are over when Run returns", func(s *stage) { // RS4
		for _, phase := range []reactor.Phase{reactor.After, reactor.During, reactor.Before} {
			s.trigger(phase, "shutdown", s.noting(phase.String()))
		}
		s.stopSoon()
		s.run()
		s.note("Run has returned")
		s.wantSteps("before", "during", "after", "Run has returned")
	}},

	{"functions of CallWhenRunning run in their order", func(s *stage) { // SE6
		s.CallWhenRunning(s.noting("first"))
		s.trigger(reactor.After, "startup", s.noting("second"))
		s.CallWhenRunning(s.noting("third"))
		s.CallWhenRunning(s.stop)
		s.run()
		s.wantSteps("first", "second", "third")
	}},

	{"it runs before the triggers of the startup's during", func(s *stage) { // RS2
		for _, phase := range []reactor.Phase{reactor.Before, reactor.During, reactor.After} {
			s.noteRunning(phase, "startup")
		}
		s.stopSoon()
		s.run()
		s.wantSteps("before startup: running false", "during startup: running true", "after startup: running true")
	}},

	{"a Deferred before the startup holds it back, and the loop turns", func(s *stage) { // LP5
		ready := deferred.New[struct{}](nil)
		if _, err := s.AddSystemEventTrigger(reactor.Before, "startup", func() *noResult { return ready }); err != nil {
			s.t.Fatal(err)
		}
		s.CallWhenRunning(func() { s.note("started, running %t", s.Running()); s.stop() })
		s.CallLater(time.Millisecond, func() { s.note("a timer, running %t", s.Running()) })
		s.CallFromThread(func() { s.note("a posted call, running %t", s.Running()) })
		s.CallLater(5*time.Millisecond, func() { ready.Callback(struct{}{}) })
		s.run()
		s.wantSteps("a posted call, running false", "a timer, running false", "started, running true")
	}},

	{"a startup that a crash cut short is begun anew", func(s *stage) { // RS10, SE4
		never := deferred.New[struct{}](nil)
		if _, err := s.AddSystemEventTrigger(reactor.Before, "startup", func() *noResult { return never }); err != nil {
			s.t.Fatal(err)
		}
		s.CallLater(0, func() { s.note("running %t", s.Running()); s.Crash() })
		s.run()
		s.CallWhenRunning(func() { s.note("running %t", s.Running()); s.stop() })
		s.run()
		s.wantSteps("running false", "running true")
	}},

	{"a panic in one ConnectionLost does not keep the shutdown from the others", func(s *stage) { // RS6
		lost := func(a *actor, _ error) { s.note("%s lost", a.name); panic("a sore loser") }
		server, client := &actor{name: "one", lost: lost}, &actor{name: "other", lost: lost}
		client.made = func(*actor) { s.afterRoundTrips(5, s.stop) }
		s.trigger(reactor.During, "shutdown", s.noting("during"))
		s.pair(server, client)
		s.run("a sore loser", "a sore loser")
		if len(server.reasons) != 1 || len(client.reasons) != 1 {
			s.t.Errorf("one was told %d times, the other %d, want both once", len(server.reasons), len(client.reasons))
		}
		if last := s.steps[len(s.steps)-1]; last != "during" || len(s.steps) != 3 {
			s.t.Errorf("what happened: %q, want both losses and then during", s.steps)
		}
	}},

	{"a call in the distant future breaks nothing", func(s *stage) {
		s.CallWhenRunning(func() {
			far := s.CallLater(math.MaxInt64, s.noting("after 292 years"))
			if err := far.Delay(math.MaxInt64); err != nil {
				s.t.Errorf("Delay: %v", err)
			}
			s.CallLater(math.MaxInt64-1, s.noting("almost as late"))
			s.CallLater(2*time.Millisecond, func() { s.note("soon"); s.stop() })
		})
		s.run()
		s.wantSteps("soon")
	}},
}
