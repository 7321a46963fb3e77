package reactortest

import (
	"sync"
	"sync/atomic"
)

var threadRules = []rule{
	{"calls from many goroutines run on the loop, each goroutine's in order", func(s *stage) { // TD4
		const goroutines, calls = 4, 500
		next := [goroutines]int{}
		done := s.stopAfter(goroutines * calls)
		var posting sync.WaitGroup
		s.CallWhenRunning(func() {
			for g := range goroutines {
				posting.Go(func() {
					for i := range calls {
						s.CallFromThread(func() {
							if next[g] != i {
								s.t.Errorf("goroutine %d's call %d ran in place %d", g, i, next[g])
							}
							next[g]++
							done()
						})
					}
				})
			}
		})
		s.run()
		posting.Wait()
		for g, ran := range next {
			if ran != calls {
				s.t.Errorf("%d calls of goroutine %d ran, want %d", ran, g, calls)
			}
		}
	}},

	{"a call posted before Run waits for the start", func(s *stage) { // TD4
		if !s.CallFromThread(func() { s.note("posted, running %t", s.Running()); s.stop() }) {
			s.t.Error("CallFromThread before Run was refused")
		}
		s.CallWhenRunning(s.noting("started"))
		s.run()
		s.wantSteps("started", "posted, running true")
	}},

	{"what a posted call posts waits for the next turn, its timers do not", func(s *stage) { // LP1, LP2
		s.CallWhenRunning(func() {
			s.CallFromThread(func() {
				s.note("posted")
				s.CallFromThread(func() { s.note("posted by it"); s.stop() })
				s.CallLater(0, s.noting("scheduled by it"))
			})
			s.CallFromThread(s.noting("posted after it"))
		})
		s.run()
		s.wantSteps("posted", "posted after it", "scheduled by it", "posted by it")
	}},

	{"a panic in a posted call is logged and the next runs", func(s *stage) { // LP4
		s.CallFromThread(func() { panic("out of line") })
		s.CallFromThread(func() { s.note("next"); s.stop() })
		s.run("out of line")
		s.wantSteps("next")
	}},

	{"a job's result comes back to the loop", func(s *stage) { // TD1, TD2
		s.CallWhenRunning(func() {
			accepted := s.CallInThread(func() {
				result := 6 * 7
				s.CallFromThread(func() { s.note("%d", result); s.stop() })
			})
			s.note("accepted %t", accepted)
		})
		s.run()
		s.wantSteps("accepted true", "42")
	}},

	{"a panic in a job is logged and the pool goes on", func(s *stage) { // TD2
		s.SuggestThreadPoolSize(1)
		s.CallWhenRunning(func() {
			s.CallInThread(func() { panic("out of work") })
			s.CallInThread(func() { s.CallFromThread(s.stop) })
		})
		s.run("out of work")
	}},

	{"Run returns when the jobs have ended", func(s *stage) { // TD6
		const jobs = 30
		var ended atomic.Int32
		s.CallWhenRunning(func() {
			for range jobs {
				s.CallInThread(func() { ended.Add(1) })
			}
			s.stop()
		})
		s.run()
		if n := ended.Load(); n != jobs {
			s.t.Errorf("%d of %d jobs had ended", n, jobs)
		}
	}},

	{"after the end calls and jobs are refused", func(s *stage) { // TP3, mended
		s.CallWhenRunning(s.stop)
		s.run()
		ran := func() { s.t.Error("it ran after the end") }
		if s.CallFromThread(ran) || s.CallInThread(ran) {
			s.t.Error("a call or a job was accepted after the end")
		}
	}},
}
