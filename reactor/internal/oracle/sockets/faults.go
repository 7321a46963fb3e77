//go:build linux

package sockets

import (
	"errors"

	"proxyherd/reactor"
)

// faults is the reactor's Logger. A reactor goes on after a panic; one that no
// script asked for is a fault of the player, which must not look like an event,
// nor leave a scenario without an end.
type faults struct {
	crash func()
	first *reactor.PanicError
}

func (f *faults) Msg(string, string) {}

func (f *faults) Err(_ string, err error, _ string) {
	var panicked *reactor.PanicError
	if f.first == nil && errors.As(err, &panicked) && panicked.Value != any(boom{}) {
		f.first = panicked
		f.crash()
	}
}
