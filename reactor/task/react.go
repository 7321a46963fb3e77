package task

import (
	"errors"
	"fmt"

	"proxyherd/reactor"
	"proxyherd/reactor/deferred"
)

// React runs a whole program on a reactor: it calls main with it, runs it until
// main's Deferred fires, and stops it: twisted/internet/task.py:838 react. The
// result is main's error, or the reactor's if it could not run; nil if all went
// well, also when the reactor was stopped before the Deferred fired. Twisted
// logs it and exits; here func main does:
//
//	if err := task.React(r, serve); err != nil {
//		log.Fatal(err) // exit code 1
//	}
//
// A nil Deferred means that main has nothing to wait for: the reactor starts
// and stops. What main shall know besides the reactor, a function literal
// brings along.
func React[R reactor.Core, T any](r R, main func(r R) *deferred.Deferred[T]) error {
	// Whoever else stops the reactor has stopped it: it is not to be asked twice.
	stopping := false
	// Before is a phase that exists, so there is nothing to refuse.
	_, _ = r.AddSystemEventTrigger(reactor.Before, "shutdown", func() *deferred.Deferred[struct{}] {
		stopping = true
		return nil
	})
	var failure error
	finish := func(value T, err error) (T, error) {
		failure = err
		if !stopping {
			// The only error is that it was stopped just before.
			r.CallWhenRunning(func() { _ = r.Stop() })
		}
		return value, nil
	}
	if d := main(r); d != nil {
		d.AddBoth(finish)
	} else {
		_, _ = finish(*new(T), nil)
	}
	if err := r.Run(); err != nil {
		return fmt.Errorf("running the reactor: %w", errors.Join(err, failure))
	}
	return failure
}
