package deferred_test

import (
	"context"
	"errors"
	"runtime"
	"testing"

	"go.uber.org/goleak"

	"proxyherd/reactor/deferred"
)

// loop is a reactor's mailbox; the test is the loop.
type loop chan func()

func newLoop(t *testing.T) loop {
	t.Cleanup(func() { goleak.VerifyNone(t) })
	return make(loop, 100)
}

func (l loop) post(f func()) bool { l <- f; return true }

// result turns the loop until d has one.
func result[T any](t *testing.T, l loop, d *deferred.Deferred[T]) *heard[T] {
	t.Helper()
	h := listen(t, d)
	for h.times == 0 {
		(<-l)()
	}
	return h
}

func await(ctx context.Context, l loop, d *number) (int, error) {
	return deferred.Await(ctx, l.post, func() *number { return d })
}

func TestInlineCallbacks(t *testing.T) {
	t.Run("waits for a value and an error, then returns", func(t *testing.T) {
		l := newLoop(t)
		d := deferred.InlineCallbacks(l.post, func(ctx context.Context) (string, error) {
			n, err := await(ctx, l, deferred.Succeed(7))
			if n != 7 || err != nil {
				return "", errSecond
			}
			if _, err = await(ctx, l, deferred.Fail[int](errFirst)); !errors.Is(err, errFirst) {
				return "", errSecond
			}
			return "both", nil
		})
		result(t, l, d).got("both")
	})
	t.Run("a panic or an error of the body is the error", func(t *testing.T) {
		l := newLoop(t)
		result(t, l, deferred.InlineCallbacks(l.post, func(context.Context) (int, error) { panic(errFirst) })).failed(errFirst)
		result(t, l, deferred.InlineCallbacks(l.post, func(context.Context) (int, error) { return 0, errSecond })).failed(errSecond)
	})
	t.Run("a body that waits for nothing", func(t *testing.T) {
		l := newLoop(t)
		d := deferred.InlineCallbacks(l.post, func(context.Context) (struct{}, error) { return struct{}{}, nil })
		equal(t, "called before the loop turned", d.Called(), false)
		result(t, l, d).got(struct{}{})
	})
	t.Run("an error that the body takes care of is gone", func(t *testing.T) {
		l := newLoop(t)
		result(t, l, deferred.InlineCallbacks(l.post, func(ctx context.Context) (int, error) {
			if _, err := await(ctx, l, deferred.Fail[int](errFirst)); err == nil {
				return 0, errSecond
			}
			return 5, nil
		})).got(5)
	})
	t.Run("so is one that comes later", func(t *testing.T) {
		l := newLoop(t)
		late := deferred.New[int](nil)
		d := deferred.InlineCallbacks(l.post, func(ctx context.Context) (int, error) {
			if _, err := await(ctx, l, late); err == nil {
				return 0, errSecond
			}
			return 5, nil
		})
		(<-l)() // it waits now
		late.Errback(errFirst)
		result(t, l, d).got(5)
	})
	t.Run("thousands of waits need no stack", func(t *testing.T) {
		l := newLoop(t)
		var depths []int
		d := deferred.InlineCallbacks(l.post, func(ctx context.Context) (int, error) {
			sum := 0
			for range 5000 {
				n, err := deferred.Await(ctx, l.post, func() *number { depths = append(depths, depth()); return deferred.Succeed(1) })
				if err != nil {
					return sum, err
				}
				sum += n
			}
			return sum, nil
		})
		result(t, l, d).got(5000)
		equal(t, "calls deep at the last", depths[4999], depths[0])
	})
	t.Run("returning without a value of interest", func(t *testing.T) {
		l := newLoop(t)
		passed := false
		result(t, l, deferred.InlineCallbacks(l.post, func(ctx context.Context) (struct{}, error) {
			n, err := await(ctx, l, deferred.Succeed(1))
			passed = n == 1
			return struct{}{}, err
		})).got(struct{}{})
		equal(t, "came past the wait", passed, true)
	})
	t.Run("what it returns is the result", func(t *testing.T) {
		l := newLoop(t)
		result(t, l, deferred.InlineCallbacks(l.post, func(ctx context.Context) (int, error) {
			n, err := await(ctx, l, deferred.Succeed(20))
			return n + 1, err
		})).got(21)
	})
	t.Run("cancelling cancels what it waits for", func(t *testing.T) {
		l := newLoop(t)
		asked := false
		inner := deferred.New(func(*number) { asked = true })
		ended := make(chan error, 1)
		d := deferred.InlineCallbacks(l.post, func(ctx context.Context) (int, error) {
			n, err := await(ctx, l, inner)
			ended <- err
			return n, err
		})
		h := listen(t, d)
		(<-l)() // it waits now
		d.Cancel()
		h.failed(deferred.ErrCancelled)
		equal(t, "the error in the body", <-ended, context.Canceled)
		for !asked {
			(<-l)()
		}
		(<-l)() // what it returned comes too late, and is dropped
		equal(t, "times heard", h.times, 1)
	})
	t.Run("a body that ends its goroutine", func(t *testing.T) {
		l := newLoop(t)
		d := deferred.InlineCallbacks(l.post, func(context.Context) (int, error) { runtime.Goexit(); return 0, nil })
		result(t, l, d).failed(deferred.ErrGoexit)
	})
}

func TestAwait(t *testing.T) {
	t.Run("a start that panics is an error", func(t *testing.T) {
		l := newLoop(t)
		result(t, l, deferred.InlineCallbacks(l.post, func(ctx context.Context) (int, error) {
			return deferred.Await(ctx, l.post, func() *number { panic(errFirst) })
		})).failed(errFirst)
	})
	t.Run("the result moves", func(t *testing.T) {
		l := newLoop(t)
		d := deferred.Succeed(3)
		result(t, l, deferred.InlineCallbacks(l.post, func(ctx context.Context) (int, error) { return await(ctx, l, d) })).got(3)
		listen(t, d).got(0)
	})
	t.Run("a loop that has ended is an error", func(t *testing.T) {
		refuse := func(func()) bool { return false }
		_, err := deferred.Await(t.Context(), refuse, func() *number { return deferred.Succeed(1) })
		equal(t, "error", err, deferred.ErrLoopEnded)
	})
	t.Run("the cause of the context's end is the error", func(t *testing.T) {
		l := newLoop(t)
		ctx, cancel := context.WithCancelCause(t.Context())
		cancel(errFirst)
		d := deferred.New[int](nil)
		_, err := await(ctx, l, d)
		equal(t, "error", err, errFirst)
		(<-l)()
		(<-l)()
		equal(t, "cancelled", d.Called(), true)
	})
}
