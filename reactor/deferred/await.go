package deferred

import (
	"context"
	"errors"
)

// ErrLoopEnded is what Await returns when the loop takes no more calls.
var ErrLoopEnded = errors.New("deferred: the loop has ended")

// ErrGoexit is the result of InlineCallbacks when body ended its goroutine.
var ErrGoexit = errors.New("deferred: the function ended its goroutine instead of returning")

// Await calls start on the loop and blocks the calling goroutine, never the
// loop, until the result of the Deferred that start returns is there. The
// result moves: the Deferred is left with the zero value. post runs a function
// on the loop and reports whether it will: the CallFromThread of a reactor.
//
// When ctx ends first, the Deferred is cancelled and the cause of ctx's end
// returned at once; a loop may end without firing its Deferreds, so a ctx
// without an end is a promise that it will not. The error is ErrLoopEnded if
// post refuses. Calling Await on the loop itself blocks it for ever.
func Await[T any](ctx context.Context, post func(f func()) bool, start func() *Deferred[T]) (T, error) {
	done := make(chan Result[T], 1) // so that the loop never waits for us
	var d *Deferred[T]              // the loop's
	var none T
	if !post(func() {
		d = MaybeDeferred[T](start)
		d.AddBoth(func(value T, err error) (T, error) {
			done <- Result[T]{value, err}
			return none, nil
		})
	}) {
		return none, ErrLoopEnded
	}
	select {
	case r := <-done:
		return r.Value, r.Err
	case <-ctx.Done():
		post(func() { d.Cancel() })
		return none, context.Cause(ctx)
	}
}

// InlineCallbacks runs body on a goroutine of its own, where it may Await one
// thing after the other, and gives what it returns:
// twisted/internet/defer.py:1179 inlineCallbacks. It is called on the loop, and
// the Deferred fires on the loop; nothing fires if post refuses, for there is
// no loop then. A panic in body is the error.
//
// body is not on the loop: what belongs to the loop is touched in the functions
// that it gives to Await. Cancelling the Deferred ends body's ctx, so that an
// Await in it cancels what it waits for; what body returns after that is
// dropped.
func InlineCallbacks[T any](post func(f func()) bool, body func(ctx context.Context) (T, error)) *Deferred[T] {
	ctx, cancel := context.WithCancel(context.Background())
	d := New(func(*Deferred[T]) { cancel() })
	go func() {
		result := Result[T]{Err: ErrGoexit} // unless body returns
		defer func() {
			cancel()
			post(func() { d.finish(result) })
		}()
		result.Value, result.Err = try(func() (T, error) { return body(ctx) })
	}()
	return d
}

// finish gives a result unless it comes too late.
func (d *Deferred[T]) finish(r Result[T]) {
	switch {
	case d.called:
	case r.Err != nil:
		d.Errback(r.Err)
	default:
		d.Callback(r.Value)
	}
}
