package deferred_test

import (
	"testing"

	"proxyherd/reactor/deferred"
)

// waitFor is a step whose result is d.
func waitFor(d *number) func(int) *number { return func(int) *number { return d } }

func TestInnerDeferred(t *testing.T) {
	t.Run("the outer one waits, for a pause of the inner one too", func(t *testing.T) {
		inner := deferred.New[int](nil)
		inner.AddCallback(func(n int) (int, error) { inner.Pause(); return n, nil })
		outer := deferred.Succeed(1).AddDeferred(waitFor(inner))
		h := listen(t, outer)
		inner.Callback(2)
		h.nothing()
		inner.Unpause()
		h.got(2)
	})
	t.Run("a paused inner one with its result is waited for", func(t *testing.T) {
		inner := deferred.Succeed(2)
		inner.Pause()
		h := listen(t, deferred.Succeed(1).AddDeferred(waitFor(inner)))
		h.nothing()
		inner.Unpause()
		h.got(2)
	})
	t.Run("a paused one in the middle does not hold back the one before it", func(t *testing.T) {
		var log diary
		first, second := deferred.New[int](nil), deferred.New[int](nil)
		first.AddDeferred(waitFor(second)).AddCallback(log.step("first"))
		second.AddCallback(log.step("second"))
		first.Callback(1)
		first.Pause()
		second.Callback(2)
		log.is(t, "second")
		first.Unpause()
		log.is(t, "second", "first")
	})
	t.Run("the inner one's own steps come first", func(t *testing.T) {
		// outer waits for middle, which waits for last.
		var log diary
		last, middle, outer := deferred.New[int](nil), deferred.New[int](nil), deferred.New[int](nil)
		middle.AddDeferred(waitFor(last)).AddCallback(log.step("middle"))
		outer.AddDeferred(waitFor(middle)).AddCallback(log.step("outer"))
		outer.Callback(1)
		middle.Callback(1)
		last.Callback(1)
		log.is(t, "middle", "outer")
	})
	t.Run("steps of the inner one may stand on both sides of the wait", func(t *testing.T) {
		var log diary
		inner, outer := deferred.New[int](nil), deferred.New[int](nil)
		inner.AddCallback(log.step("before"))
		outer.AddDeferred(waitFor(inner)).AddCallback(log.step("outer"))
		outer.Callback(0)
		inner.AddCallback(log.step("after"))
		h := listen(t, outer)
		inner.Callback(5)
		log.is(t, "before", "outer", "after")
		h.got(7)
	})
	t.Run("the outer one's steps wait for the whole chain", func(t *testing.T) {
		var log diary
		last, middle, outer := deferred.New[int](nil), deferred.New[int](nil), deferred.New[int](nil)
		last.AddCallback(log.step("last"))
		middle.AddDeferred(waitFor(last))
		outer.AddDeferred(waitFor(middle)).AddCallback(log.step("outer 1")).AddCallback(log.step("outer 2"))
		outer.Callback(0)
		middle.Callback(0)
		log.is(t)
		last.Callback(0)
		log.is(t, "last", "outer 1", "outer 2")
	})
	t.Run("an errback may try again", func(t *testing.T) {
		again := deferred.New[int](nil)
		d := deferred.Fail[int](errFirst).AddErrbackDeferred(func(err error) *number {
			equal(t, "the error", err, errFirst)
			return again
		})
		h := listen(t, d)
		h.nothing()
		again.Callback(2)
		h.got(2)
		listen(t, deferred.Succeed(1).AddErrbackDeferred(func(error) *number { return again })).got(1)
	})
	t.Run("a value is not asked for when there is an error", func(t *testing.T) {
		h := listen(t, deferred.Fail[int](errFirst).AddDeferred(waitFor(deferred.Succeed(1))))
		h.failed(errFirst)
	})
	t.Run("nil is an error", func(t *testing.T) {
		listen(t, deferred.Succeed(1).AddDeferred(waitFor(nil))).failed(deferred.ErrNilDeferred)
	})
	t.Run("a result given by hand while waiting is one too many", func(t *testing.T) {
		inner := deferred.New[int](nil)
		outer := deferred.Succeed(1).AddDeferred(waitFor(inner))
		h := listen(t, outer)
		mustPanic(t, deferred.ErrAlreadyCalled, func() { outer.Callback(1) })
		inner.Callback(2)
		h.got(2)
	})
}

func TestResultMoves(t *testing.T) {
	t.Run("from an inner one that has fired", func(t *testing.T) {
		inner := deferred.Succeed(2)
		listen(t, deferred.Succeed(1).AddDeferred(waitFor(inner))).got(2)
		listen(t, inner).got(0)
	})
	t.Run("from an inner one that fires later", func(t *testing.T) {
		inner := deferred.New[int](nil)
		h := listen(t, deferred.Succeed(1).AddDeferred(waitFor(inner)))
		inner.Callback(2)
		h.got(2)
		listen(t, inner).got(0)
	})
	t.Run("an error from one that has failed", func(t *testing.T) {
		inner := deferred.Fail[int](errFirst)
		listen(t, deferred.Succeed(1).AddDeferred(waitFor(inner))).failed(errFirst)
		listen(t, inner).got(0)
	})
	t.Run("an error from one that fails later", func(t *testing.T) {
		inner := deferred.New[int](nil)
		h := listen(t, deferred.Succeed(1).AddDeferred(waitFor(inner)))
		inner.Errback(errFirst)
		h.failed(errFirst)
		listen(t, inner).got(0)
	})
	t.Run("through three, the outermost waiting first", func(t *testing.T) {
		first, second, third := deferred.New[int](nil), deferred.New[int](nil), deferred.New[int](nil)
		first.AddDeferred(waitFor(second))
		second.AddDeferred(waitFor(third))
		h := listen(t, first)
		first.Callback(1)
		second.Callback(2)
		h.nothing()
		third.Callback(3)
		h.got(3)
		listen(t, second).got(0)
		listen(t, third).got(0)
	})
	t.Run("through nested ones", func(t *testing.T) {
		inner, late := deferred.New[int](nil), deferred.New[int](nil)
		outer := deferred.Succeed(0).AddDeferred(func(int) *number {
			return deferred.Succeed(0).AddDeferred(func(int) *number { return inner.AddDeferred(waitFor(late)) })
		})
		h := listen(t, outer)
		inner.Callback(1)
		h.nothing()
		late.Callback(4)
		h.got(4)
	})
	t.Run("through nested ones with steps of their own", func(t *testing.T) {
		var log diary
		inner := deferred.New[int](nil).AddCallback(log.step("inner"))
		outer := deferred.Succeed(0).AddDeferred(func(int) *number {
			middle := deferred.Succeed(0).AddDeferred(waitFor(inner))
			return middle.AddCallback(log.step("middle"))
		})
		h := listen(t, outer.AddCallback(log.step("outer")))
		inner.Callback(0)
		log.is(t, "inner", "middle", "outer")
		h.got(3)
	})
	t.Run("a step added to the middle one afterwards runs", func(t *testing.T) {
		last := deferred.New[int](nil)
		middle := deferred.Succeed(0).AddDeferred(waitFor(last))
		outer := deferred.Succeed(0).AddDeferred(waitFor(middle))
		h, between := listen(t, outer), listen(t, middle)
		last.Callback(3)
		h.got(3)
		between.got(0)
	})
}

func TestChainDeferred(t *testing.T) {
	t.Run("the other one gets the value, the first goes on with none", func(t *testing.T) {
		first, other := deferred.New[int](nil), deferred.New[int](nil)
		after := listen(t, first.ChainDeferred(other))
		h := listen(t, other)
		first.Callback(3)
		h.got(3)
		after.got(0)
	})
	t.Run("an error is the other one's alone", func(t *testing.T) {
		first, other := deferred.New[int](nil), deferred.New[int](nil)
		after := listen(t, first.ChainDeferred(other))
		h := listen(t, other)
		first.Errback(errFirst)
		h.failed(errFirst)
		after.got(0)
	})
	t.Run("if the other one has a result, that is the first one's error", func(t *testing.T) {
		first := deferred.Succeed(1).ChainDeferred(deferred.Succeed(2))
		listen(t, first).failed(deferred.ErrAlreadyCalled)
	})
	t.Run("cancelling the other one leaves the first alone", func(t *testing.T) {
		first, other := deferred.New[int](nil), deferred.New[int](nil)
		first.ChainDeferred(other)
		other.Cancel()
		equal(t, "the first is called", first.Called(), false)
		first.Callback(1)
		listen(t, first).got(0)
		listen(t, other).failed(deferred.ErrCancelled)
	})
	t.Run("steps added to the first while the other one's run come after those", func(t *testing.T) { // DF10
		var log diary
		first, other := deferred.New[int](nil), deferred.New[int](nil)
		first.ChainDeferred(other).AddCallback(log.step("there before"))
		other.AddCallback(func(n int) (int, error) {
			first.AddCallback(log.step("added"))
			first.Pause()
			first.Unpause()
			return n, nil
		}).AddCallback(log.step("of the other"))
		first.Callback(1)
		log.is(t, "of the other", "there before", "added")
	})
	t.Run("the same through two, one after the other", func(t *testing.T) {
		var log diary
		a, b, c := deferred.New[int](nil), deferred.New[int](nil), deferred.New[int](nil)
		a.ChainDeferred(b.ChainDeferred(c))
		c.AddCallback(func(n int) (int, error) {
			a.AddCallback(log.step("a"))
			b.AddCallback(log.step("b"))
			return n, nil
		}).AddCallback(log.step("c"))
		a.Callback(1)
		log.is(t, "c", "b", "a")
		a.AddCallback(log.step("later"))
		log.is(t, "c", "b", "a", "later")
	})
	t.Run("a first one that is paused meanwhile goes on when it is not any more", func(t *testing.T) {
		var log diary
		first, other := deferred.New[int](nil), deferred.New[int](nil)
		first.ChainDeferred(other).AddCallback(log.step("of the first"))
		other.AddCallback(func(n int) (int, error) { first.Pause(); return n, nil })
		first.Callback(1)
		log.is(t)
		first.Unpause()
		log.is(t, "of the first")
	})
}
