package reactortest

import (
	"errors"

	"proxyherd/reactor"
)

// turnRules is what happens in which turn, and what wakes the loop.
var turnRules = []rule{
	{"a turn is input, posted calls, timers, shutdown", func(s *stage) { // LP1
		server := &actor{received: func(*actor, []byte) error {
			s.note("input")
			s.stop()
			s.CallLater(0, s.noting("timer"))
			s.CallFromThread(s.noting("posted call"))
			return nil
		}}
		s.trigger(reactor.Before, "shutdown", s.noting("shutdown"))
		s.pair(server, &actor{made: func(a *actor) { a.Write([]byte("x")) }})
		s.run()
		s.wantSteps("input", "posted call", "timer", "shutdown")
	}},

	{"a posted call wakes a sleeping loop", func(s *stage) { // LP2
		// Each call is posted when the one before has run, so there is nothing
		// else that would wake the loop.
		const calls = 200
		ran, done := make(chan struct{}), make(chan struct{})
		s.CallWhenRunning(func() {
			go func() {
				defer close(done)
				for range calls {
					if !s.CallFromThread(func() { s.note("awake"); ran <- struct{}{} }) {
						s.t.Error("a call was refused")
						return
					}
					<-ran
				}
				s.CallFromThread(s.stop)
			}()
		})
		s.run()
		<-done
		if len(s.steps) != calls {
			s.t.Errorf("%d calls ran, want %d", len(s.steps), calls)
		}
	}},

	{"a great many posted calls all run", func(s *stage) { // LP2
		const calls = 100_000
		ran := 0
		s.CallWhenRunning(func() {
			for range calls {
				s.CallFromThread(func() {
					if ran++; ran == calls {
						s.stop()
					}
				})
			}
		})
		s.run()
		if ran != calls {
			s.t.Errorf("%d calls ran, want %d", ran, calls)
		}
	}},

	{"posted calls run in their order", func(s *stage) { // LP2
		const calls = 5000
		var ran []int
		s.CallWhenRunning(func() {
			for i := range calls {
				s.CallFromThread(func() { ran = append(ran, i) })
			}
			s.CallFromThread(s.stop)
		})
		s.run()
		if len(ran) != calls {
			s.t.Errorf("%d calls ran before the last, want %d", len(ran), calls)
		}
		for place, i := range ran {
			if place != i {
				s.t.Fatalf("call %d ran in place %d", i, place)
			}
		}
	}},

	{"a name is looked up off the loop", func(s *stage) { // RZ1
		s.CallWhenRunning(func() {
			d := s.Resolve("localhost")
			s.note("at once: %t", d.Called())
			d.AddBoth(func(literal string, err error) (string, error) {
				s.note("%s, %v", literal, err)
				s.stop()
				return literal, nil
			})
		})
		s.run()
		s.wantSteps("at once: false", "127.0.0.1, <nil>")
	}},

	{"a failed attempt is over before its factory hears of it", func(s *stage) { // CN6
		refusals := 0
		port := s.listen(casting(&actor{}))
		s.CallWhenRunning(func() {
			port.StopListening().AddCallback(func(v struct{}) (struct{}, error) {
				s.connectTo(port, &director{
					failed: func(c reactor.Connector, reason error) {
						if refusals++; refusals == 3 {
							s.stop()
							return
						}
						if err := c.Connect(); err != nil || !errors.Is(reason, reactor.ErrConnectionRefused) {
							s.t.Errorf("after %v Connect gave %v", reason, err)
						}
					},
					start: s.noting("DoStart"), stop: s.noting("DoStop"),
				})
				return v, nil
			})
		})
		s.run()
		s.wantSteps("DoStart", "DoStop")
	}},
}
