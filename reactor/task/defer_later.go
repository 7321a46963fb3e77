package task

import (
	"time"

	"proxyherd/reactor"
	"proxyherd/reactor/deferred"
)

// DeferLater calls f once, after delay, and gives its result:
// twisted/internet/task.py:807 deferLater. A panic in f is a
// *deferred.PanicError. Cancelling the Deferred before then takes the call
// back, and it fails with deferred.ErrCancelled.
func DeferLater[T any](clock reactor.Time, delay time.Duration, f func() (T, error)) *deferred.Deferred[T] {
	var call reactor.DelayedCall
	d := deferred.New(func(*deferred.Deferred[T]) {
		_ = call.Cancel() // it is pending: it fires d when it runs
	})
	// f is a step of d, so that the time having come is what fires d: f may
	// cancel d, and panic, without harm.
	d.AddCallback(func(T) (T, error) { return f() })
	call = clock.CallLater(delay, func() { d.Callback(*new(T)) })
	return d
}

// attempt calls f, and makes a panic a failure and nil a success.
func attempt(f func() *deferred.Deferred[struct{}]) (d *deferred.Deferred[struct{}]) {
	defer func() {
		if v := recover(); v != nil {
			d = deferred.Fail[struct{}](reactor.Recovered(v))
		}
	}()
	if d = f(); d == nil {
		d = deferred.Succeed(struct{}{})
	}
	return d
}
