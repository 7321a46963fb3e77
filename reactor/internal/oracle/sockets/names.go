//go:build linux

package sockets

import (
	"errors"

	"proxyherd/reactor"
)

// boom is what the statement "raise" panics with.
type boom struct{}

// names are Twisted's classes, and Python's where Twisted has none. An error
// has the name of the first that it is: subclasses before their classes, and
// the failures to connect before the ends of a connection that they may wrap.
var names = []struct {
	err  error
	name string
}{
	{reactor.ErrTimeout, "TimeoutError"},
	{reactor.ErrUser, "UserError"},
	{reactor.ErrConnectionRefused, "ConnectionRefusedError"},
	{reactor.ErrConnectBind, "ConnectBindError"},
	{reactor.ErrConnect, "ConnectError"},
	{reactor.ErrConnectionAborted, "ConnectionAborted"},
	{reactor.ErrConnectionLost, "ConnectionLost"},
	{reactor.ErrConnectionDone, "ConnectionDone"},
	{reactor.ErrNotConnecting, "NotConnectingError"},
	{reactor.ErrReactorNotRunning, "ReactorNotRunning"},
	{reactor.ErrConnectorBusy, "RuntimeError"},
	{reactor.ErrProducerRegistered, "RuntimeError"},
	{reactor.ErrUnknownTrigger, "ValueError"},
	{reactor.ErrInvalidPhase, "KeyError"},
}

// nameOf is what Twisted calls an error. One without a name there stands as it
// is, and differs.
func nameOf(err error) string {
	var cannotListen *reactor.CannotListenError
	var panicked *reactor.PanicError
	if errors.As(err, &cannotListen) {
		return "CannotListenError"
	}
	if errors.As(err, &panicked) && panicked.Value == any(boom{}) {
		return "Boom"
	}
	for _, n := range names {
		if errors.Is(err, n.err) {
			return n.name
		}
	}
	return err.Error()
}

// givable are the reasons that "give" knows.
var givable = map[string]error{
	"ConnectionDone": reactor.ErrConnectionDone,
	"ConnectionLost": reactor.ErrConnectionLost,
	"UserError":      reactor.ErrUser,
}
