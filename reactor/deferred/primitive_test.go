package deferred_test

import (
	"testing"

	"proxyherd/reactor/deferred"
)

type (
	lock      = deferred.DeferredLock
	semaphore = deferred.DeferredSemaphore
)

func tokens(t *testing.T, n int) *semaphore {
	t.Helper()
	s, err := deferred.NewDeferredSemaphore(n)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestDeferredLock(t *testing.T) {
	t.Run("first come, first served", func(t *testing.T) {
		var l lock
		first := listen(t, l.Acquire())
		second, third := listen(t, l.Acquire()), listen(t, l.Acquire())
		first.got(&l)
		second.nothing()
		l.Release()
		second.got(&l)
		third.nothing()
		equal(t, "locked while handed over", l.Locked(), true)
		l.Release()
		third.got(&l)
		l.Release()
		equal(t, "locked", l.Locked(), false)
		mustPanic(t, deferred.ErrNotAcquired, l.Release)
	})
	t.Run("Run releases when the result is there, which passes through", func(t *testing.T) {
		var l lock
		result := deferred.New[int](nil)
		h := listen(t, deferred.Run[int](&l, func() *number { return result }))
		next := listen(t, deferred.Run[int](&l, func() int { return 2 }))
		equal(t, "locked", l.Locked(), true)
		next.nothing()
		result.Callback(1)
		h.got(1)
		next.got(2)
		equal(t, "locked after all", l.Locked(), false)
		listen(t, deferred.Run[int](&l, func() (int, error) { return 0, errFirst })).failed(errFirst)
		listen(t, deferred.Run[int](&l, func() int { panic(errSecond) })).failed(errSecond)
		equal(t, "locked after errors", l.Locked(), false)
	})
	t.Run("cancelling a Run means what it waits for", func(t *testing.T) {
		var l lock
		result := deferred.New[int](nil)
		running := deferred.Run[int](&l, func() *number { return result })
		waiting := deferred.Run[int](&l, func() int { t.Error("ran after it was cancelled"); return 0 })
		waiting.Cancel()
		listen(t, waiting).failed(deferred.ErrCancelled)
		running.Cancel()
		listen(t, running).failed(deferred.ErrCancelled)
		equal(t, "locked", l.Locked(), false)
	})
	t.Run("cancelling what was acquired does nothing", func(t *testing.T) {
		var l lock
		d := l.Acquire()
		d.Cancel()
		listen(t, d).got(&l)
		equal(t, "locked", l.Locked(), true)
	})
	t.Run("cancelling before gives up the place", func(t *testing.T) {
		var l lock
		l.Acquire()
		given, next := l.Acquire(), l.Acquire()
		h, n := listen(t, given), listen(t, next)
		given.Cancel()
		h.failed(deferred.ErrCancelled)
		l.Release()
		n.got(&l)
	})
}

func TestDeferredSemaphore(t *testing.T) {
	t.Run("so many at a time, first come, first served", func(t *testing.T) {
		s := tokens(t, 2)
		first, second := listen(t, s.Acquire()), listen(t, s.Acquire())
		third, fourth := listen(t, s.Acquire()), listen(t, s.Acquire())
		first.got(s)
		second.got(s)
		third.nothing()
		s.Release()
		third.got(s)
		fourth.nothing()
		s.Release()
		fourth.got(s)
		s.Release()
		s.Release()
		equal(t, "tokens", s.Tokens(), 2)
		mustPanic(t, deferred.ErrNotAcquired, s.Release)
	})
	t.Run("Run gives the token back", func(t *testing.T) {
		s := tokens(t, 1)
		result := deferred.New[int](nil)
		h := listen(t, deferred.Run[int](s, func() *number { return result }))
		equal(t, "tokens", s.Tokens(), 0)
		result.Errback(errFirst)
		h.failed(errFirst)
		equal(t, "tokens", s.Tokens(), 1)
	})
	t.Run("fewer than one token is refused", func(t *testing.T) {
		for _, n := range []int{0, -1} {
			_, err := deferred.NewDeferredSemaphore(n)
			if deferred.Check(err, deferred.ErrNoTokens) == nil {
				t.Errorf("%d tokens: %v", n, err)
			}
		}
	})
	t.Run("cancelling what was acquired does nothing", func(t *testing.T) {
		s := tokens(t, 1)
		d := s.Acquire()
		d.Cancel()
		listen(t, d).got(s)
		equal(t, "tokens", s.Tokens(), 0)
	})
	t.Run("cancelling before gives up the place", func(t *testing.T) {
		s := tokens(t, 1)
		s.Acquire()
		d := s.Acquire()
		h := listen(t, d)
		d.Cancel()
		h.failed(deferred.ErrCancelled)
		s.Release()
		equal(t, "tokens", s.Tokens(), 1)
	})
}

func TestDeferredQueue(t *testing.T) {
	get := func(t *testing.T, q *deferred.DeferredQueue[int]) *number {
		t.Helper()
		d, err := q.Get()
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	put := func(t *testing.T, q *deferred.DeferredQueue[int], objects ...int) {
		t.Helper()
		for _, n := range objects {
			if err := q.Put(n); err != nil {
				t.Fatal(err)
			}
		}
	}
	full := func(t *testing.T, q *deferred.DeferredQueue[int]) {
		t.Helper()
		if err := q.Put(1); deferred.Check(err, deferred.ErrQueueOverflow) == nil {
			t.Errorf("Put: %v", err)
		}
	}
	drained := func(t *testing.T, q *deferred.DeferredQueue[int]) {
		t.Helper()
		if _, err := q.Get(); deferred.Check(err, deferred.ErrQueueUnderflow) == nil {
			t.Errorf("Get: %v", err)
		}
	}
	t.Run("first in, first out, within its bounds", func(t *testing.T) {
		q := deferred.NewDeferredQueue[int](2, 2)
		put(t, q, 1, 2)
		full(t, q)
		listen(t, get(t, q)).got(1)
		listen(t, get(t, q)).got(2)
		first, second := listen(t, get(t, q)), listen(t, get(t, q))
		drained(t, q)
		put(t, q, 3)
		first.got(3)
		second.nothing()
		put(t, q, 4)
		second.got(4)

		none := deferred.NewDeferredQueue[int](0, 1)
		full(t, none)
		h := listen(t, get(t, none))
		put(t, none, 5)
		h.got(5)
		drained(t, deferred.NewDeferredQueue[int](1, 0))
	})
	t.Run("without bounds it takes all", func(t *testing.T) {
		q := deferred.NewDeferredQueue[int](deferred.Unlimited, deferred.Unlimited)
		for i := range 100 {
			put(t, q, i)
		}
		for i := range 100 {
			listen(t, get(t, q)).got(i)
		}
	})
	t.Run("cancelling what was got does nothing", func(t *testing.T) {
		q := deferred.NewDeferredQueue[int](deferred.Unlimited, deferred.Unlimited)
		put(t, q, 1)
		d := get(t, q)
		d.Cancel()
		listen(t, d).got(1)
	})
	t.Run("cancelling before gives up the place, and what is put is kept", func(t *testing.T) {
		q := deferred.NewDeferredQueue[int](deferred.Unlimited, deferred.Unlimited)
		d := get(t, q)
		h := listen(t, d)
		d.Cancel()
		h.failed(deferred.ErrCancelled)
		put(t, q, 1)
		listen(t, get(t, q)).got(1)
	})
}
