package deferred_test

import (
	"errors"
	"runtime"
	"sync"
	"testing"

	"proxyherd/reactor/deferred"
)

func TestCallbacks(t *testing.T) {
	t.Run("a callback gets the value, within Callback", func(t *testing.T) {
		d := deferred.New[int](nil)
		h := listen(t, d)
		h.nothing()
		d.Callback(7)
		h.got(7)
	})
	t.Run("the second gets what the first returned", func(t *testing.T) {
		d := deferred.New[int](nil)
		h := listen(t, d.AddCallback(double).AddCallback(double))
		d.Callback(1)
		h.got(4)
	})
	t.Run("of a Deferred that succeeded they run when added", func(t *testing.T) {
		listen(t, deferred.Succeed(5)).got(5)
	})
	t.Run("errbacks of a Deferred that failed run when added", func(t *testing.T) {
		var seen error
		d := deferred.Fail[int](errFirst).AddErrback(func(err error) (int, error) { seen = err; return 3, nil })
		equal(t, "the errback's error", seen, errFirst)
		listen(t, d).got(3)
	})
	t.Run("an error passes over callbacks and a value over errbacks", func(t *testing.T) {
		var log diary
		never := func(error) (int, error) { log.note("errback"); return 0, nil }
		d := deferred.Succeed(1).AddErrback(never).AddCallback(func(int) (int, error) { return 0, errFirst })
		d.AddCallback(log.step("callback")).AddErrback(restart)
		listen(t, d.AddErrback(never)).got(1)
		log.is(t)
	})
	t.Run("AddBoth gets either", func(t *testing.T) {
		listen(t, deferred.Succeed(1)).got(1)
		listen(t, deferred.Fail[int](errFirst)).failed(errFirst)
	})
	t.Run("the two sides of AddCallbacks do not see each other", func(t *testing.T) {
		refuse := func(int) (int, error) { return 0, errFirst }
		h := listen(t, deferred.Succeed(1).AddCallbacks(refuse, restart))
		h.failed(errFirst)
		listen(t, deferred.Fail[int](errSecond).AddCallbacks(refuse, restart)).got(1)
		listen(t, deferred.Fail[int](errSecond).AddCallbacks(refuse, nil)).failed(errSecond)
	})
	t.Run("the zero value is ready for use", func(t *testing.T) {
		var d number
		h := listen(t, &d)
		d.Callback(1)
		h.got(1)
	})
	t.Run("more steps than there is room for run in order", func(t *testing.T) {
		var log diary
		var want []string
		d := deferred.New[int](nil)
		for _, line := range []string{"1", "2", "3", "4", "5", "6", "7", "8"} {
			d.AddCallback(log.step(line))
			want = append(want, line)
		}
		d.Callback(0)
		log.is(t, want...)
		listen(t, d.AddCallback(log.step("9"))).got(9)
	})
}

func TestErrorsOfSteps(t *testing.T) {
	t.Run("a returned error, and a panic, go to the errback", func(t *testing.T) {
		d := deferred.Succeed(1).AddCallback(func(int) (int, error) { return 0, errFirst })
		listen(t, d).failed(errFirst)
		listen(t, d.AddErrback(restart)).got(1)

		h := listen(t, deferred.Succeed(1).AddCallback(func(int) (int, error) { panic(errFirst) }).AddCallback(double))
		h.failed(errFirst)
		var p *deferred.PanicError
		if !errors.As(h.err, &p) || len(p.Stack) == 0 {
			t.Errorf("%v is not a PanicError with a stack", h.err)
		}
	})
	t.Run("the steps after a panic run", func(t *testing.T) {
		d := deferred.New[int](nil).AddCallback(func(int) (int, error) { panic("oops") }).AddErrback(restart).AddCallback(double)
		d.Callback(1)
		listen(t, d).got(2)
	})
	t.Run("a step that ends its goroutine is not a panic", func(t *testing.T) {
		d := deferred.New[int](nil).AddCallback(func(int) (int, error) { runtime.Goexit(); return 0, nil })
		var wait sync.WaitGroup
		wait.Go(func() { d.Callback(4) })
		wait.Wait()
		listen(t, d).got(4)
	})
	t.Run("nor does it bind the ones whose step it was part of", func(t *testing.T) {
		other := deferred.New[int](nil).AddCallback(func(int) (int, error) { runtime.Goexit(); return 0, nil })
		d := deferred.New[int](nil).ChainDeferred(other)
		var wait sync.WaitGroup
		wait.Go(func() { d.Callback(4) })
		wait.Wait()
		listen(t, other).got(4)
		listen(t, d).got(0)
	})
	t.Run("a value is no error and no error no value", func(t *testing.T) {
		d := deferred.New[int](nil)
		mustPanic(t, deferred.ErrNilError, func() { d.Errback(nil) })
		mustPanic(t, deferred.ErrNilError, func() { deferred.Fail[int](nil) })
		equal(t, "Called after a refused Errback", d.Called(), false)
	})
	t.Run("a step without a function is refused where it is added", func(t *testing.T) {
		d := deferred.New[int](nil)
		for _, add := range []func(){
			func() { d.AddCallback(nil) }, func() { d.AddErrback(nil) }, func() { d.AddBoth(nil) },
			func() { d.AddCallbacks(nil, restart) }, func() { d.AddDeferred(nil) }, func() { d.AddErrbackDeferred(nil) },
			func() { d.ChainDeferred(nil) }, func() { deferred.Then[int, string](d, nil) },
			func() { deferred.Chain[int, string](d, nil) },
		} {
			mustPanic(t, deferred.ErrNilStep, add)
		}
		d.Callback(1)
		listen(t, d).got(1)
	})
}

func TestAlreadyCalled(t *testing.T) {
	value := func(d *number) { d.Callback(1) }
	failure := func(d *number) { d.Errback(errFirst) }
	for _, c := range []struct {
		name          string
		first, second func(*number)
	}{
		{"Callback twice", value, value},
		{"Callback, then Errback", value, failure},
		{"Errback twice", failure, failure},
		{"Errback, then Callback", failure, value},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := deferred.New[int](nil)
			h := listen(t, d)
			c.first(d)
			mustPanic(t, deferred.ErrAlreadyCalled, func() { c.second(d) })
			equal(t, "times heard", h.times, 1)
		})
	}
}

func TestPause(t *testing.T) {
	t.Run("a paused error waits", func(t *testing.T) {
		d := deferred.New[int](nil)
		h := listen(t, d)
		d.Pause()
		d.Errback(errFirst)
		h.nothing()
		d.Unpause()
		h.failed(errFirst)
	})
	t.Run("it takes as many Unpause as Pause", func(t *testing.T) {
		d := deferred.Succeed(1)
		d.Pause()
		d.Pause()
		h := listen(t, d)
		d.Unpause()
		h.nothing()
		d.Unpause()
		h.got(1)
	})
	t.Run("Unpause before the result changes nothing", func(t *testing.T) {
		d := deferred.New[int](nil)
		h := listen(t, d)
		d.Pause()
		d.Unpause()
		h.nothing()
		d.Callback(1)
		h.got(1)
	})
	t.Run("a step may pause the steps after it", func(t *testing.T) {
		d := deferred.New[int](nil)
		d.AddCallback(func(n int) (int, error) { d.Pause(); return n, nil })
		h := listen(t, d)
		d.Callback(1)
		h.nothing()
		d.Unpause()
		h.got(1)
	})
}

func TestStepsAddedBySteps(t *testing.T) {
	t.Run("come after those that are there", func(t *testing.T) {
		var log diary
		d := deferred.New[int](nil)
		d.AddCallback(func(n int) (int, error) {
			log.note("first")
			d.AddCallback(log.step("added by the first"))
			return n, nil
		})
		d.AddCallback(log.step("second"))
		d.Callback(1)
		log.is(t, "first", "second", "added by the first")
	})
	t.Run("wait for the one that adds them to return", func(t *testing.T) {
		var log diary
		d := deferred.Succeed(1)
		d.AddCallback(func(n int) (int, error) {
			log.note("begin")
			d.AddCallback(func(m int) (int, error) { equal(t, "value", m, 10); log.note("added"); return m, nil })
			log.note("end")
			return 10 * n, nil
		})
		log.is(t, "begin", "end", "added")
	})
	t.Run("an errback gets the panic of the one that added it", func(t *testing.T) {
		d := deferred.Succeed(1)
		var seen error
		d.AddCallback(func(int) (int, error) {
			d.AddErrback(func(err error) (int, error) { seen = err; return 0, nil })
			panic(errFirst)
		})
		if !errors.Is(seen, errFirst) {
			t.Errorf("the errback saw %v", seen)
		}
	})
}
