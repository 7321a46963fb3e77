package reactortest

import (
	"slices"
	"time"

	"proxyherd/reactor"
)

var timeRules = []rule{
	{"calls run in the order of their times", func(s *stage) { // TI2; FIFO where Twisted promises nothing, TI4
		s.CallWhenRunning(func() {
			s.CallLater(20*time.Millisecond, func() { s.note("20"); s.stop() })
			s.CallLater(10*time.Millisecond, s.noting("10, made first"))
			s.CallLater(10*time.Millisecond, s.noting("10, made second"))
			s.CallLater(0, s.noting("0"))
			s.note("CallLater has returned")
		})
		s.run()
		s.wantSteps("CallLater has returned", "0", "10, made first", "10, made second", "20")
	}},

	{"no call runs before its time", func(s *stage) {
		const delay = 15 * time.Millisecond
		s.CallWhenRunning(func() {
			due := s.Seconds().Add(delay)
			call := s.CallLater(delay, func() {
				if early := due.Sub(s.Seconds()); early > 0 {
					s.t.Errorf("it ran %v early", early)
				}
				s.stop()
			})
			if !call.GetTime().Equal(due) {
				s.t.Errorf("GetTime is %v, want %v", call.GetTime(), due)
			}
		})
		s.run()
	}},

	{"one callback sees one time", func(s *stage) {
		s.CallWhenRunning(func() {
			began, turns := s.Seconds(), 0
			for range 1000 {
				if !s.Seconds().Equal(began) {
					turns++
				}
			}
			if turns > 0 {
				s.t.Errorf("%d of 1000 readings differ from the first", turns)
			}
			s.stop()
		})
		s.run()
	}},

	{"what a call schedules for now waits for the next turn", func(s *stage) { // TI3, LP3
		s.CallWhenRunning(func() {
			s.CallLater(0, func() {
				s.note("first")
				s.CallLater(0, func() { s.note("scheduled by the first"); s.stop() })
				s.CallFromThread(s.noting("posted by the first"))
			})
			s.CallLater(0, s.noting("second"))
		})
		s.run()
		s.wantSteps("first", "second", "posted by the first", "scheduled by the first")
	}},

	{"a cancelled call does not run", func(s *stage) { // DC2, DC6
		s.CallWhenRunning(func() {
			call := s.CallLater(time.Millisecond, s.noting("cancelled, and yet it ran"))
			if err := call.Cancel(); err != nil || call.Active() {
				s.t.Errorf("Cancel gave %v, and active is %t", err, call.Active())
			}
			s.wantIs(call.Cancel(), reactor.ErrAlreadyCancelled, "Cancel")
			s.wantIs(call.Reset(0), reactor.ErrAlreadyCancelled, "Reset")
			s.wantIs(call.Delay(0), reactor.ErrAlreadyCancelled, "Delay")
			s.CallLater(5*time.Millisecond, s.stop)
		})
		s.run()
		s.wantSteps()
	}},

	{"inside its own function a call counts as called", func(s *stage) { // DC3, DC6
		var call reactor.DelayedCall
		s.CallWhenRunning(func() {
			call = s.CallLater(0, func() {
				if call.Active() {
					s.t.Error("it is active")
				}
				s.wantIs(call.Cancel(), reactor.ErrAlreadyCalled, "Cancel")
				s.wantIs(call.Reset(0), reactor.ErrAlreadyCalled, "Reset")
				s.wantIs(call.Delay(0), reactor.ErrAlreadyCalled, "Delay")
				s.stop()
			})
		})
		s.run()
	}},

	{"Reset counts from now and Delay from the due time", func(s *stage) { // DC4, DC5
		s.CallWhenRunning(func() {
			now := s.Seconds()
			check := func(call reactor.DelayedCall, err error, want time.Duration) {
				if err != nil || !call.GetTime().Equal(now.Add(want)) {
					s.t.Errorf("due %v from now, with %v; want %v", call.GetTime().Sub(now), err, want)
				}
			}
			late := s.CallLater(time.Hour, s.noting("reset to sooner"))
			check(late, late.Reset(5*time.Millisecond), 5*time.Millisecond)
			soon := s.CallLater(time.Millisecond, s.noting("reset to later"))
			check(soon, soon.Reset(15*time.Millisecond), 15*time.Millisecond)
			put := s.CallLater(2*time.Millisecond, s.noting("delayed"))
			check(put, put.Delay(8*time.Millisecond), 10*time.Millisecond)
			back := s.CallLater(time.Hour, s.noting("delayed by less than nothing"))
			check(back, back.Delay(-2*time.Hour), -time.Hour)
			s.CallLater(20*time.Millisecond, s.stop)
		})
		s.run()
		s.wantSteps("delayed by less than nothing", "reset to sooner", "delayed", "reset to later")
	}},

	{"GetDelayedCalls lists what is pending", func(s *stage) { // TI5
		s.CallWhenRunning(func() {
			kept, cancelled := s.CallLater(time.Hour, func() {}), s.CallLater(time.Hour, func() {})
			_ = cancelled.Cancel() // it is pending
			s.CallLater(0, func() {
				pending := s.GetDelayedCalls()
				if !slices.Contains(pending, kept) || slices.Contains(pending, cancelled) {
					s.t.Errorf("%d calls are listed; with the pending one: %t, with the cancelled one: %t",
						len(pending), slices.Contains(pending, kept), slices.Contains(pending, cancelled))
				}
				s.stop()
			})
		})
		s.run()
	}},

	{"CallLater refuses what cannot be meant", func(s *stage) { // TI2
		for what, call := range []func(){
			func() { s.CallLater(-1, func() {}) },
			func() { s.CallLater(0, nil) },
		} {
			if caught(call) == nil {
				s.t.Errorf("bad CallLater number %d did not panic", what)
			}
		}
		if n := len(s.GetDelayedCalls()); n != 0 {
			s.t.Errorf("%d calls are pending", n)
		}
		s.CallWhenRunning(s.stop)
		s.run()
	}},

	{"a panic in a call is logged and the next runs", func(s *stage) { // LP4
		s.CallWhenRunning(func() {
			s.CallLater(0, func() { panic("out of time") })
			s.CallLater(0, func() { s.note("next"); s.stop() })
		})
		s.run("out of time")
		s.wantSteps("next")
	}},
}
