package factories

import "proxyherd/reactor"

// or is value, or what it means where it is not set.
func or[T comparable](value, unset T) T {
	var zero T
	if value == zero {
		return unset
	}
	return value
}

// forget cancels call, if there is one.
func forget(call *reactor.DelayedCall) {
	if *call != nil {
		_ = (*call).Cancel() // too late is as good
		*call = nil
	}
}
