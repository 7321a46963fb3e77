package threads

import (
	"fmt"
	"time"

	"proxyherd/reactor/deferred"
)

// probeEvery is how often a blocked call asks whether the loop is still there.
const probeEvery = 250 * time.Millisecond

// BlockingCallFromThread runs f on the loop and waits for its Deferred:
// twisted/internet/threads.py:93 blockingCallFromThread. A result that is known
// at once is deferred.Succeed. A panic in f is a *deferred.PanicError. Never
// call it on the loop: it would wait for itself.
//
// If the loop ends first, for good, it returns deferred.ErrLoopEnded within a
// quarter of a second. In Twisted it would wait for ever, and hold up the
// reactor's end, which waits for the workers. deferred.Await is the same for
// those who have a context to say when to give up.
func BlockingCallFromThread[T any](loop Loop, f func() *deferred.Deferred[T]) (T, error) {
	type outcome struct {
		value T
		err   error
	}
	// Room for one, so that the loop never waits for the worker.
	outcomes := make(chan outcome, 1)
	ended := func() (T, error) {
		return *new(T), fmt.Errorf("calling from a thread: %w", deferred.ErrLoopEnded)
	}
	if !loop.CallFromThread(func() {
		deferred.MaybeDeferred[T](f).AddBoth(func(value T, err error) (T, error) {
			outcomes <- outcome{value, err}
			return value, nil // an error is the worker's now
		})
	}) {
		return ended()
	}
	probe := time.NewTicker(probeEvery)
	defer probe.Stop()
	for {
		select {
		case o := <-outcomes:
			return o.value, o.err
		case <-probe.C:
		}
		// What was accepted just before the end is dropped without a word; that
		// nothing is accepted any more is how the end can be seen from here.
		if loop.CallFromThread(func() {}) {
			continue
		}
		select {
		case o := <-outcomes: // it came just before the end
			return o.value, o.err
		default:
			return ended()
		}
	}
}
