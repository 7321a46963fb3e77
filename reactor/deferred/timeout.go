package deferred

import (
	"errors"
	"fmt"
	"time"
)

// Clock is what AddTimeout needs of a reactor: reactor.Time is one.
type Clock[C Call] interface {
	// CallLater calls f once, after delay.
	CallLater(delay time.Duration, f func()) C
}

// Call is a call that may be taken back.
type Call interface {
	// Cancel takes the call back; it returns an error if it is too late.
	Cancel() error
}

// AddTimeout cancels d unless its result, after the steps added so far, is
// there within timeout: Deferred.addTimeout, which Twisted has since 16.5. The
// ErrCancelled that comes of it is turned into an ErrTimeout; what else a
// canceller gives is left alone. It returns d.
func AddTimeout[T any, C Call](d *Deferred[T], timeout time.Duration, clock Clock[C]) *Deferred[T] {
	late := false
	call := clock.CallLater(timeout, func() {
		late = true
		d.Cancel()
	})
	return d.AddBoth(func(value T, err error) (T, error) {
		if !late {
			_ = call.Cancel() // it has not run, so it is not too late
		} else if errors.Is(err, ErrCancelled) {
			err = fmt.Errorf("%w: waited for %v", ErrTimeout, timeout)
		}
		return value, err
	})
}
