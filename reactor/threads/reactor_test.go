package threads_test

import (
	"runtime"
	"sync/atomic"
	"testing"

	"proxyherd/reactor/gnetreactor"
	"proxyherd/reactor/threads"
)

func exitGoroutine() (int, error) { runtime.Goexit(); return 0, nil }

// TestReactorThreads is what a reactor promises of its threads:
// twisted/test/test_threads.py ReactorThreadsTestCase,
// twisted/internet/test/test_threads.py ThreadTestsBuilder, and TD4 to TD6.
func TestReactorThreads(t *testing.T) {
	t.Run("the pool has ten workers", func(t *testing.T) { // TD5
		onReactor(t, func(r *gnetreactor.Reactor) {
			meet := meeting(10) // would wait for ever with fewer
			var met atomic.Int32
			for range 10 {
				r.CallInThread(func() {
					meet()
					if met.Add(1) == 10 {
						r.CallFromThread(func() { stop(t, r) })
					}
				})
			}
		})
	})
	t.Run("the pool grows when it is told to", func(t *testing.T) {
		onReactor(t, func(r *gnetreactor.Reactor) {
			r.SuggestThreadPoolSize(1)
			meet := meeting(3)
			r.CallInThread(meet) // waits for two more, for whom there is no worker yet
			r.CallInThread(meet)
			r.CallInThread(func() {
				meet()
				r.CallFromThread(func() { stop(t, r) })
			})
			r.SuggestThreadPoolSize(3)
		})
	})
	t.Run("the pool has no more workers than it is told to", func(t *testing.T) {
		const jobs = 50
		var now, most, ran atomic.Int32
		onReactor(t, func(r *gnetreactor.Reactor) {
			r.SuggestThreadPoolSize(2)
			for range jobs {
				r.CallInThread(func() {
					n := now.Add(1)
					for old := most.Load(); n > old && !most.CompareAndSwap(old, n); old = most.Load() {
					}
					runtime.Gosched() // lets a third begin, if there is one
					now.Add(-1)
					ran.Add(1)
				})
			}
			stop(t, r)
		})
		if ran.Load() != jobs || most.Load() > 2 {
			t.Errorf("%d jobs ran, %d at once; want %d, at most 2 at once", ran.Load(), most.Load(), jobs)
		}
	})
	t.Run("a job runs on another goroutine than the loop's", func(t *testing.T) {
		var loop, job string
		onReactor(t, func(r *gnetreactor.Reactor) {
			loop = goroutine()
			r.CallInThread(func() { job = goroutine(); r.CallFromThread(func() { stop(t, r) }) })
		})
		if job == loop || job == "" {
			t.Errorf("the loop is on %s, the job on %s", loop, job)
		}
	})
	t.Run("a call from a job, or from the loop, runs on the loop", func(t *testing.T) { // TD4
		var loop string
		var calls []string
		onReactor(t, func(r *gnetreactor.Reactor) {
			loop = goroutine()
			r.CallFromThread(func() {
				calls = append(calls, goroutine())
				r.CallInThread(func() {
					r.CallFromThread(func() { calls = append(calls, goroutine()); stop(t, r) })
				})
			})
			if len(calls) != 0 {
				t.Error("CallFromThread ran its function before it returned")
			}
		})
		if len(calls) != 2 || calls[0] != loop || calls[1] != loop {
			t.Errorf("the loop is on %s, its calls ran on %v", loop, calls)
		}
	})
	t.Run("the goroutine that calls Run is the loop's", func(t *testing.T) {
		var started string
		onReactor(t, func(r *gnetreactor.Reactor) { started = goroutine(); stop(t, r) })
		if started != goroutine() {
			t.Errorf("Run was called on %s, the loop was on %s", goroutine(), started)
		}
	})
	t.Run("a hundred thousand calls neither block nor get lost", func(t *testing.T) {
		const calls = 100_000
		ran := 0
		onReactor(t, func(r *gnetreactor.Reactor) {
			for range calls { // the loop cannot take any of them meanwhile
				r.CallFromThread(func() {
					if ran++; ran == calls {
						stop(t, r)
					}
				})
			}
		})
		if ran != calls {
			t.Errorf("%d calls ran, want %d", ran, calls)
		}
	})
	t.Run("a call made by a timer wakes the loop", func(t *testing.T) {
		onReactor(t, func(r *gnetreactor.Reactor) {
			// The next timer is far away: without a wake-up the loop sleeps till then.
			r.CallLater(0, func() { r.CallFromThread(func() { stop(t, r) }) })
		})
	})
	t.Run("the pool works while the reactor runs and has stopped when Run returns", func(t *testing.T) { // TD5, TD6
		r := gnetreactor.New(gnetreactor.Config{NoSignalHandlers: true})
		began, ended := make(chan struct{}), false
		runReactor(t, r, func() {
			release := make(chan struct{})
			r.CallInThread(func() { close(began); <-release; ended = true })
			<-began
			close(release)
			stop(t, r)
		})
		if !ended {
			t.Error("Run returned before the job had ended")
		}
		if r.CallInThread(func() { t.Error("it ran") }) {
			t.Error("the pool took a job after Run")
		}
	})
	t.Run("a pool that was first used before Run stops with it too", func(t *testing.T) {
		r := gnetreactor.New(gnetreactor.Config{NoSignalHandlers: true})
		ran := false
		r.CallInThread(func() { ran = true })
		runReactor(t, r, func() { stop(t, r) })
		if !ran || r.CallInThread(func() {}) {
			t.Errorf("the job ran: %v; or the pool took another after Run", ran)
		}
	})
	t.Run("a pool that was first used by a running reactor stops with it", func(t *testing.T) {
		r := gnetreactor.New(gnetreactor.Config{NoSignalHandlers: true})
		ran := false
		runReactor(t, r, func() {
			r.CallInThread(func() { ran = true; r.CallFromThread(func() { stop(t, r) }) })
		})
		if !ran || r.CallInThread(func() {}) {
			t.Errorf("the job ran: %v; or the pool took another after Run", ran)
		}
	})
	t.Run("a job given before Run does not wait for it", func(t *testing.T) {
		r := gnetreactor.New(gnetreactor.Config{NoSignalHandlers: true})
		ran := make(chan struct{})
		r.CallInThread(func() { close(ran) })
		<-ran
		runReactor(t, r, func() { stop(t, r) }) // ends the worker
	})
	t.Run("a shutdown event fired before Run leaves the pool alone", func(t *testing.T) {
		r := gnetreactor.New(gnetreactor.Config{NoSignalHandlers: true})
		r.FireSystemEvent("shutdown")
		var got []outcome[int]
		runReactor(t, r, func() {
			stopWith(t, r, threads.DeferToThread(r, func() (int, error) { return 5, nil }), &got)
		})
		wantOne(t, got, 5, nil)
	})
}
