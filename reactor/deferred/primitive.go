package deferred

import "slices"

// ConcurrencyPrimitive is a DeferredLock or a DeferredSemaphore:
// twisted/internet/defer.py:1243 _ConcurrencyPrimitive.
type ConcurrencyPrimitive[P any] interface {
	// Acquire fires when it is the caller's turn.
	Acquire() *Deferred[P]
	// Release ends the turn.
	Release()
}

// Run calls f when p is acquired and releases p when f's result is there:
// twisted/internet/defer.py:1253 run. That result is the Deferred's.
// Cancelling it means the acquiring or what f returned, whichever it is
// waiting for. T has to be told: Run[int](lock, f).
func Run[T, P any, F Maybe[T]](p ConcurrencyPrimitive[P], f F) *Deferred[T] {
	return Chain(p.Acquire(), func(P) *Deferred[T] {
		return MaybeDeferred[T](f).AddBoth(func(value T, err error) (T, error) {
			p.Release()
			return value, err
		})
	})
}

// queue is Deferreds that wait for their turn, first come, first served.
type queue[T any] struct{ waiting []*Deferred[T] }

// join gives a Deferred at the end of the queue. One that is cancelled leaves.
func (q *queue[T]) join() *Deferred[T] {
	d := New(func(d *Deferred[T]) {
		if i := slices.Index(q.waiting, d); i >= 0 {
			q.waiting = slices.Delete(q.waiting, i, i+1)
		}
	})
	q.waiting = append(q.waiting, d)
	return d
}

// next takes the first out of the queue, or gives nil.
func (q *queue[T]) next() *Deferred[T] {
	if len(q.waiting) == 0 {
		return nil
	}
	d := q.waiting[0]
	q.waiting[0] = nil
	q.waiting = q.waiting[1:]
	return d
}
