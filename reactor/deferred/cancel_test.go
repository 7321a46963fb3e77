package deferred_test

import (
	"errors"
	"testing"
	"time"

	"proxyherd/reactor"
	"proxyherd/reactor/deferred"
)

func TestCancelWithoutCanceller(t *testing.T) {
	value := func(d *number) { d.Callback(1) }
	failure := func(d *number) { d.Errback(errFirst) }

	t.Run("the result is ErrCancelled", func(t *testing.T) {
		d := deferred.New[int](nil)
		h := listen(t, d)
		d.Cancel()
		h.failed(deferred.ErrCancelled)
	})
	for _, c := range []struct {
		name string
		late func(*number)
	}{{"Callback", value}, {"Errback", failure}} {
		late := c.late
		t.Run("one late "+c.name+" is swallowed and the next is one too many", func(t *testing.T) {
			d := deferred.New[int](nil)
			h := listen(t, d)
			d.Cancel()
			late(d)
			mustPanic(t, deferred.ErrAlreadyCalled, func() { late(d) })
			h.failed(deferred.ErrCancelled)
		})
		t.Run("cancelling again after a swallowed "+c.name+" changes nothing", func(t *testing.T) {
			d := deferred.New[int](nil)
			h := listen(t, d)
			d.Cancel()
			late(d)
			d.Cancel()
			d.Cancel()
			mustPanic(t, deferred.ErrAlreadyCalled, func() { late(d) })
			h.failed(deferred.ErrCancelled)
		})
	}
	t.Run("cancelling often is cancelling once", func(t *testing.T) {
		d := deferred.New[int](nil)
		h := listen(t, d)
		for range 3 {
			d.Cancel()
		}
		h.failed(deferred.ErrCancelled)
		d.Callback(1) // still only one that is swallowed
		mustPanic(t, deferred.ErrAlreadyCalled, func() { d.Callback(1) })
	})
}

func TestCanceller(t *testing.T) {
	t.Run("runs once, however often", func(t *testing.T) {
		asked := 0
		d := deferred.New(func(*number) { asked++ })
		h := listen(t, d)
		for range 3 {
			d.Cancel()
		}
		equal(t, "asked", asked, 1)
		h.failed(deferred.ErrCancelled)
	})
	t.Run("a result that comes later is one too many", func(t *testing.T) {
		asked := 0
		d := deferred.New(func(*number) { asked++ })
		h := listen(t, d)
		d.Cancel()
		equal(t, "asked", asked, 1)
		h.failed(deferred.ErrCancelled)
		mustPanic(t, deferred.ErrAlreadyCalled, func() { d.Callback(1) })
		mustPanic(t, deferred.ErrAlreadyCalled, func() { d.Errback(errFirst) })
	})
	t.Run("gets the Deferred", func(t *testing.T) {
		var got *number
		d := deferred.New(func(d *number) { got = d })
		d.Cancel()
		equal(t, "it is the same", got == d, true)
	})
	t.Run("is not asked after a value", func(t *testing.T) {
		d := deferred.New(func(*number) { t.Error("asked") })
		h := listen(t, d)
		d.Callback(1)
		d.Cancel()
		h.got(1)
	})
	t.Run("is not asked after an error, which stays", func(t *testing.T) {
		d := deferred.New(func(*number) { t.Error("asked") })
		d.Errback(errFirst)
		d.Cancel()
		listen(t, d).failed(errFirst)
	})
	t.Run("its error takes the place of ErrCancelled", func(t *testing.T) {
		d := deferred.New(func(d *number) { d.Errback(errFirst) })
		h := listen(t, d)
		d.Cancel()
		h.failed(errFirst)
		equal(t, "is ErrCancelled", errors.Is(h.err, deferred.ErrCancelled), false)
	})
	t.Run("its value is the result", func(t *testing.T) {
		d := deferred.New(func(d *number) { d.Callback(9) })
		h := listen(t, d)
		d.Cancel()
		h.got(9)
	})
	t.Run("may cancel what it cancels", func(t *testing.T) {
		d := deferred.New(func(d *number) { d.Cancel() })
		h := listen(t, d)
		d.Cancel()
		h.failed(deferred.ErrCancelled)
		mustPanic(t, deferred.ErrAlreadyCalled, func() { d.Callback(1) })
	})
	t.Run("its panic comes out of Cancel, and there is no result", func(t *testing.T) {
		asked := 0
		d := deferred.New(func(*number) {
			if asked++; asked == 1 {
				panic(errFirst)
			}
		})
		h := listen(t, d)
		mustPanic(t, errFirst, d.Cancel)
		h.nothing()
		equal(t, "called", d.Called(), false)
		d.Cancel() // it is asked again, as it did not do it
		h.failed(deferred.ErrCancelled)
	})
}

func TestCancelWhileWaiting(t *testing.T) {
	t.Run("cancels the inner one", func(t *testing.T) {
		asked := 0
		inner := deferred.New(func(*number) { asked++ })
		outer := deferred.New(func(*number) { t.Error("the outer one's canceller was asked") })
		outer.AddDeferred(waitFor(inner))
		h := listen(t, outer)
		outer.Callback(1)
		outer.Cancel()
		equal(t, "asked", asked, 1)
		h.failed(deferred.ErrCancelled)
		listen(t, inner).got(0)
	})
	t.Run("cancels the innermost of three", func(t *testing.T) {
		var log diary
		last := deferred.New(func(*number) { log.note("last") })
		middle := deferred.Succeed(1).AddDeferred(waitFor(last))
		outer := deferred.Succeed(1).AddDeferred(waitFor(middle))
		outer.Cancel()
		log.is(t, "last")
		listen(t, outer).failed(deferred.ErrCancelled)
	})
}

// clock is a Clock whose time comes by hand.
type clock struct{ calls []*call }

type call struct {
	delay time.Duration
	f     func()
	done  bool
}

func (c *clock) CallLater(delay time.Duration, f func()) *call {
	made := &call{delay: delay, f: f}
	c.calls = append(c.calls, made)
	return made
}

func (c *call) Cancel() error {
	if c.done {
		return errFirst
	}
	c.done = true
	return nil
}

func (c *call) run() { c.done = true; c.f() }

func TestAddTimeout(t *testing.T) {
	t.Run("a result in time takes the call back", func(t *testing.T) {
		var time5 clock
		d := deferred.AddTimeout(deferred.New[int](nil), 5*time.Second, &time5)
		h := listen(t, d)
		equal(t, "delay", time5.calls[0].delay, 5*time.Second)
		d.Callback(1)
		h.got(1)
		equal(t, "call taken back", time5.calls[0].done, true)
	})
	t.Run("too late is ErrTimeout", func(t *testing.T) {
		var time5 clock
		asked := 0
		d := deferred.AddTimeout(deferred.New(func(*number) { asked++ }), 5*time.Second, &time5)
		h := listen(t, d)
		time5.calls[0].run()
		h.failed(deferred.ErrTimeout)
		equal(t, "canceller asked", asked, 1)
		equal(t, "message", h.err.Error(), "deferred: no result in time: waited for 5s")
	})
	t.Run("what the canceller gives is left alone", func(t *testing.T) {
		var c clock
		d := deferred.AddTimeout(deferred.New(func(d *number) { d.Callback(8) }), time.Second, &c)
		h := listen(t, d)
		c.calls[0].run()
		h.got(8)
		e := deferred.AddTimeout(deferred.New(func(d *number) { d.Errback(errFirst) }), time.Second, &c)
		h = listen(t, e)
		c.calls[1].run()
		h.failed(errFirst)
	})
	t.Run("cancelling by hand stays ErrCancelled", func(t *testing.T) {
		var c clock
		d := deferred.AddTimeout(deferred.New[int](nil), time.Second, &c)
		h := listen(t, d)
		d.Cancel()
		h.failed(deferred.ErrCancelled)
		equal(t, "call taken back", c.calls[0].done, true)
	})
	t.Run("a reactor is a clock", func(t *testing.T) {
		// The compiler finds the clock's type of call by itself.
		add := func(d *number, r reactor.Time) *number { return deferred.AddTimeout(d, time.Second, r) }
		r := &memoryTime{}
		d := add(deferred.New[int](nil), r)
		h := listen(t, d)
		r.calls[0].run()
		h.failed(deferred.ErrTimeout)
	})
}

// memoryTime is a reactor.Time with a clock's calls.
type memoryTime struct {
	reactor.Time
	clock
}

type delayedCall struct {
	reactor.DelayedCall
	*call
}

func (c delayedCall) Cancel() error { return c.call.Cancel() }

func (m *memoryTime) CallLater(delay time.Duration, f func()) reactor.DelayedCall {
	return delayedCall{call: m.clock.CallLater(delay, f)}
}
