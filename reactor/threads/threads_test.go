package threads_test

import (
	"errors"
	"slices"
	"testing"

	"proxyherd/reactor"
	"proxyherd/reactor/deferred"
	"proxyherd/reactor/gnetreactor"
	"proxyherd/reactor/threads"
)

// TestDeferToThread is twisted/test/test_threads.py's DeferredResultTestCase
// and DeferToThreadPoolTestCase, and the rules TD1, TD2 and TP3.
func TestDeferToThread(t *testing.T) {
	t.Run("gives the result", func(t *testing.T) {
		var got []outcome[int]
		onReactor(t, func(r *gnetreactor.Reactor) {
			stopWith(t, r, threads.DeferToThread(r, func() (int, error) { return 6 * 7, nil }), &got)
		})
		wantOne(t, got, 42, nil)
	})
	t.Run("gives the error", func(t *testing.T) {
		var got []outcome[int]
		onReactor(t, func(r *gnetreactor.Reactor) {
			stopWith(t, r, threads.DeferToThread(r, func() (int, error) { return 0, errBroken }), &got)
		})
		wantOne(t, got, 0, errBroken)
	})
	t.Run("gives an error after it gave a result", func(t *testing.T) {
		var got []outcome[int]
		onReactor(t, func(r *gnetreactor.Reactor) {
			threads.DeferToThread(r, func() (int, error) { return 1, nil }).AddCallback(func(first int) (int, error) {
				stopWith(t, r, threads.DeferToThread(r, func() (int, error) { return 0, errBroken }), &got)
				return first, nil
			})
		})
		wantOne(t, got, 0, errBroken)
	})
	t.Run("gives a panic as an error, which the reactor does not log", func(t *testing.T) {
		var got []outcome[int]
		var logged log
		onReactorThatLogs(t, &logged, func(r *gnetreactor.Reactor) {
			stopWith(t, r, threads.DeferToThread(r, func() (int, error) { panic(errBroken) }), &got)
		})
		wantOne(t, got, 0, errBroken)
		if len(logged.errs) != 0 {
			t.Errorf("logged %v", logged.errs)
		}
	})
	t.Run("works on a worker and calls back on the loop", func(t *testing.T) {
		var loop, worker, back string
		onReactor(t, func(r *gnetreactor.Reactor) {
			loop = goroutine()
			d := threads.DeferToThread(r, func() (string, error) { return goroutine(), nil })
			d.AddCallback(func(on string) (string, error) {
				worker, back = on, goroutine()
				stop(t, r)
				return on, nil
			})
		})
		if worker == loop || worker == "" || back != loop {
			t.Errorf("loop on %s, worked on %s, called back on %s", loop, worker, back)
		}
	})
	t.Run("uses the pool that it is given", func(t *testing.T) {
		p := pool(t, 1, nil)
		workers := make(chan string, 1)
		p.CallInThread(func() { workers <- goroutine() })
		only := <-workers
		var got []outcome[string]
		onReactor(t, func(r *gnetreactor.Reactor) {
			stopWith(t, r, threads.DeferToThreadPool(r, p, func() (string, error) { return goroutine(), nil }), &got)
		})
		wantOne(t, got, only, nil)
	})
	t.Run("gives the error of a job in another pool", func(t *testing.T) {
		p := pool(t, 1, nil)
		var got []outcome[int]
		onReactor(t, func(r *gnetreactor.Reactor) {
			stopWith(t, r, threads.DeferToThreadPool(r, p, func() (int, error) { return 0, errBroken }), &got)
		})
		wantOne(t, got, 0, errBroken)
	})
	t.Run("fails at once after the pool has stopped", func(t *testing.T) { // TP3, mended
		p := pool(t, 1, nil)
		p.Stop()
		var got error
		onReactor(t, func(r *gnetreactor.Reactor) {
			d := threads.DeferToThreadPool(r, p, func() (int, error) { t.Error("it ran"); return 0, nil })
			d.AddErrback(func(err error) (int, error) { got = err; return 0, nil })
			stop(t, r)
		})
		if !errors.Is(got, threads.ErrPoolStopped) {
			t.Errorf("the result is %v, want ErrPoolStopped", got)
		}
	})
	t.Run("fails at once after the reactor has ended", func(t *testing.T) { // TP3, mended
		r := gnetreactor.New(gnetreactor.Config{NoSignalHandlers: true})
		runReactor(t, r, func() { stop(t, r) })
		var got error
		threads.DeferToThread(r, func() (int, error) { t.Error("it ran"); return 0, nil }).
			AddErrback(func(err error) (int, error) { got = err; return 0, nil })
		if !errors.Is(got, threads.ErrPoolStopped) {
			t.Errorf("the result is %v, want ErrPoolStopped", got)
		}
	})
	t.Run("a job that ends its goroutine has no result", func(t *testing.T) {
		var got []outcome[int]
		onReactor(t, func(r *gnetreactor.Reactor) {
			stopWith(t, r, threads.DeferToThread(r, exitGoroutine), &got)
		})
		wantOne(t, got, 0, deferred.ErrGoexit)
	})
	t.Run("a result that comes after a Cancel is dropped", func(t *testing.T) {
		var got []outcome[int]
		var logged log
		onReactorThatLogs(t, &logged, func(r *gnetreactor.Reactor) {
			cancelled := make(chan struct{})
			d := threads.DeferToThread(r, func() (int, error) { <-cancelled; return 1, nil })
			d.AddBoth(func(value int, err error) (int, error) {
				got = append(got, outcome[int]{value, err})
				close(cancelled) // as a context's cancel would
				return 0, nil
			})
			d.Cancel()
			// One worker, so this one's result comes after that of the first.
			r.SuggestThreadPoolSize(1)
			threads.DeferToThread(r, func() (int, error) { return 2, nil }).
				AddCallback(func(v int) (int, error) { stop(t, r); return v, nil })
		})
		wantOne(t, got, 0, deferred.ErrCancelled)
		if len(logged.errs) != 0 {
			t.Errorf("logged %v", logged.errs)
		}
	})
}

func TestCallMultipleInThread(t *testing.T) {
	t.Run("runs the functions in order on one worker", func(t *testing.T) {
		var order []int
		var on []string
		onReactor(t, func(r *gnetreactor.Reactor) {
			note := func(i int) func() {
				return func() { order, on = append(order, i), append(on, goroutine()) }
			}
			threads.CallMultipleInThread(r, note(1), note(2), note(3), func() {
				r.CallFromThread(func() { stop(t, r) })
			})
		})
		if !slices.Equal(order, []int{1, 2, 3}) || on[0] != on[1] || on[1] != on[2] {
			t.Errorf("ran in the order %v on %v", order, on)
		}
	})
	t.Run("a panic is logged and ends the rest", func(t *testing.T) { // TD2
		var logged log
		onReactorThatLogs(t, &logged, func(r *gnetreactor.Reactor) {
			r.SuggestThreadPoolSize(1)
			threads.CallMultipleInThread(r, func() { panic("boom") }, func() { t.Error("ran after a panic") })
			r.CallInThread(func() { r.CallFromThread(func() { stop(t, r) }) })
		})
		logged.want(t, "boom")
	})
	t.Run("is refused once the pool has stopped", func(t *testing.T) {
		p := pool(t, 1, nil)
		p.Stop()
		if threads.CallMultipleInThread(p, func() { t.Error("it ran") }) {
			t.Error("accepted")
		}
	})
}

// TestBlockingCallFromThread is the four tests of it in
// twisted/test/test_threads.py, and TD3.
func TestBlockingCallFromThread(t *testing.T) {
	later := func(r reactor.Time, fire func(*deferred.Deferred[int])) func() *deferred.Deferred[int] {
		return func() *deferred.Deferred[int] {
			d := deferred.New[int](nil)
			r.CallLater(0, func() { fire(d) })
			return d
		}
	}
	for _, test := range []struct {
		name  string
		f     func(r *gnetreactor.Reactor) func() *deferred.Deferred[int]
		value int
		err   error
	}{
		{"gives a result that is there", func(*gnetreactor.Reactor) func() *deferred.Deferred[int] {
			return func() *deferred.Deferred[int] { return deferred.Succeed(7) }
		}, 7, nil},
		{"waits for a result", func(r *gnetreactor.Reactor) func() *deferred.Deferred[int] {
			return later(r, func(d *deferred.Deferred[int]) { d.Callback(8) })
		}, 8, nil},
		{"gives an error that is there", func(*gnetreactor.Reactor) func() *deferred.Deferred[int] {
			return func() *deferred.Deferred[int] { return deferred.Fail[int](errBroken) }
		}, 0, errBroken},
		{"waits for an error", func(r *gnetreactor.Reactor) func() *deferred.Deferred[int] {
			return later(r, func(d *deferred.Deferred[int]) { d.Errback(errBroken) })
		}, 0, errBroken},
		{"gives a panic as an error", func(*gnetreactor.Reactor) func() *deferred.Deferred[int] {
			return func() *deferred.Deferred[int] { panic(errBroken) }
		}, 0, errBroken},
		{"tells a function that gives nothing", func(*gnetreactor.Reactor) func() *deferred.Deferred[int] {
			return func() *deferred.Deferred[int] { return nil }
		}, 0, deferred.ErrNilDeferred},
	} {
		t.Run(test.name, func(t *testing.T) {
			var got []outcome[int]
			var loop, ranOn string
			onReactor(t, func(r *gnetreactor.Reactor) {
				loop = goroutine()
				f := test.f(r)
				stopWith(t, r, threads.DeferToThread(r, func() (int, error) {
					return threads.BlockingCallFromThread(r, func() *deferred.Deferred[int] {
						ranOn = goroutine()
						return f()
					})
				}), &got)
			})
			wantOne(t, got, test.value, test.err)
			if ranOn != loop {
				t.Errorf("ran on %s, the loop is %s", ranOn, loop)
			}
		})
	}
	t.Run("ends with the loop, and does not hold up its end", func(t *testing.T) {
		got := make(chan error, 1)
		onReactor(t, func(r *gnetreactor.Reactor) {
			r.CallInThread(func() {
				_, err := threads.BlockingCallFromThread(r, func() *deferred.Deferred[int] {
					stop(t, r)
					return deferred.New[int](nil) // which nobody will fire
				})
				got <- err
			})
		})
		// The pool's workers have ended before Run returns.
		if err := <-got; !errors.Is(err, deferred.ErrLoopEnded) {
			t.Errorf("the worker got %v, want ErrLoopEnded", err)
		}
	})
	t.Run("is refused by a loop that has ended", func(t *testing.T) {
		r := gnetreactor.New(gnetreactor.Config{NoSignalHandlers: true})
		runReactor(t, r, func() { stop(t, r) })
		_, err := threads.BlockingCallFromThread(r, func() *deferred.Deferred[int] { t.Error("it ran"); return nil })
		if !errors.Is(err, deferred.ErrLoopEnded) {
			t.Errorf("got %v, want ErrLoopEnded", err)
		}
	})
	t.Run("waits on while the loop is slow", func(t *testing.T) {
		value, err := threads.BlockingCallFromThread(&slowLoop{ends: false}, succeed)
		if value != 9 || err != nil {
			t.Errorf("got %v, %v", value, err)
		}
	})
	t.Run("gives a result that came just before the loop's end", func(t *testing.T) {
		value, err := threads.BlockingCallFromThread(&slowLoop{ends: true}, succeed)
		if value != 9 || err != nil {
			t.Errorf("got %v, %v", value, err)
		}
	})
}

func succeed() *deferred.Deferred[int] { return deferred.Succeed(9) }

// slowLoop runs the first call that it was given when it gets the second, which
// it refuses if it ends.
type slowLoop struct {
	first func()
	ends  bool
}

func (l *slowLoop) CallFromThread(f func()) bool {
	if l.first == nil {
		l.first = f
		return true
	}
	l.first()
	return !l.ends
}
