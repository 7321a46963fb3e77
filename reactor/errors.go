package reactor

import (
	"errors"
	"fmt"
	"net"
	"runtime/debug"
	"syscall"

	"proxyherd/reactor/deferred"
)

// A class is one of Twisted's exception classes as a sentinel error: errors.Is
// follows the class tree, so that ErrConnectionDone is an ErrConnectionClosed.
type class struct {
	text   string
	parent error
}

func (c *class) Error() string { return c.text }

// Is reports whether target is one of the class's ancestors.
func (c *class) Is(target error) bool { return c.parent != nil && errors.Is(c.parent, target) }

// The ways in which a connection ends: twisted/internet/error.py:212 to 241.
var (
	// ErrConnectionClosed is every end of a connection.
	ErrConnectionClosed error = &class{text: "connection was closed"}
	// ErrConnectionDone is a clean end, from either side.
	ErrConnectionDone error = &class{"connection was closed cleanly", ErrConnectionClosed}
	// ErrConnectionLost is any other end: a reset, a failed write, a reactor
	// that stopped.
	ErrConnectionLost error = &class{"connection to the other side was lost in a non-clean fashion", ErrConnectionClosed}
	// ErrConnectionAborted is an end by AbortConnection on our side.
	ErrConnectionAborted error = &class{"connection was aborted locally", ErrConnectionLost}
)

// The ways in which an attempt to connect fails:
// twisted/internet/error.py:71 to 147.
var (
	// ErrConnect is every failure to connect but that of the name.
	ErrConnect error = &class{text: "an error occurred while connecting"}
	// ErrConnectBind is a local address that could not be bound.
	ErrConnectBind error = &class{"could not bind to the local address", ErrConnect}
	// ErrUnknownHost is a host that is not known.
	ErrUnknownHost error = &class{"hostname could not be looked up", ErrConnect}
	// ErrNoRoute is a network that cannot be reached.
	ErrNoRoute error = &class{"no route to host", ErrConnect}
	// ErrConnectionRefused is a host that answered that nobody listens.
	ErrConnectionRefused error = &class{"connection was refused by other side", ErrConnect}
	// ErrTCPTimedOut is the kernel's own time-out.
	ErrTCPTimedOut error = &class{"TCP connection timed out", ErrConnect}
	// ErrUser is an attempt that was given up.
	ErrUser error = &class{"user aborted connection", ErrConnect}
	// ErrTimeout is an attempt that took longer than its timeout. It is an
	// ErrUser, as in Twisted: code that tests for that catches both.
	ErrTimeout error = &class{"user timeout caused connection failure", ErrUser}
	// ErrDNSLookup is a name that could not be looked up. It is not an
	// ErrConnect.
	ErrDNSLookup error = &class{text: "DNS lookup failed"}
)

// What is asked for at the wrong moment: twisted/internet/error.py:271 to 408.
var (
	ErrAlreadyCalled         = errors.New("tried to cancel an already-called event")
	ErrAlreadyCancelled      = errors.New("tried to cancel an already-cancelled event")
	ErrNotConnecting         = errors.New("the connector was not connecting when it was asked to stop connecting")
	ErrConnectorBusy         = errors.New("cannot connect in this state: the connector is connecting or connected")
	ErrReactorNotRunning     = errors.New("cannot stop a reactor that is not running")
	ErrReactorNotRestartable = errors.New("a reactor that was stopped cannot be run again: make a new one")
	ErrReactorAlreadyRunning = errors.New("reactor is already running")
	ErrProducerRegistered    = errors.New("another producer is registered already: unregister it first")
	ErrInvalidPhase          = errors.New("invalid phase: use reactor.Before, reactor.During or reactor.After")
	ErrUnknownTrigger        = errors.New("unknown system event trigger: never added, removed before, or already run")
)

// CannotListenError says which port could not be opened and why:
// twisted/internet/error.py:29 CannotListenError. It unwraps to the system's
// error.
type CannotListenError struct {
	Interface string
	Port      int
	Err       error
}

func (e *CannotListenError) Error() string {
	iface := e.Interface
	if iface == "" {
		iface = "any"
	}
	return fmt.Sprintf("couldn't listen on %s:%d: %v", iface, e.Port, e.Err)
}

func (e *CannotListenError) Unwrap() error { return e.Err }

// ConnectingCancelledError says that an endpoint's attempt to connect was
// cancelled before there was a connection: twisted/internet/error.py:421
// ConnectingCancelledError. It is deferred.ErrCancelled, and as in Twisted no
// ErrConnect.
type ConnectingCancelledError struct {
	Address Address // of the other side
}

func (e *ConnectingCancelledError) Error() string {
	return fmt.Sprintf("connecting to %v was cancelled", e.Address)
}

// Is reports whether target is deferred.ErrCancelled.
func (e *ConnectingCancelledError) Is(target error) bool { return target == deferred.ErrCancelled }

// PanicError is a panic out of a callback, as the reason for which its
// connection was lost: twisted/python/failure.py:145 Failure, of a panic.
type PanicError = deferred.PanicError

// Recovered makes a *PanicError of what recover returned, and nil of nil. Call
// it from the deferred function that recovered, so that the stack is the
// panic's.
func Recovered(value any) error {
	if value == nil {
		return nil
	}
	return &PanicError{Value: value, Stack: debug.Stack()}
}

// GetConnectError makes the failure of a connection attempt of the system's
// error: twisted/internet/error.py:191 getConnectError. The result is one of
// the classes above and unwraps to err too.
func GetConnectError(err error) error {
	kind := ErrConnect
	var unknown *net.DNSError
	switch {
	case errors.As(err, &unknown):
		kind = ErrUnknownHost
	case errors.Is(err, syscall.ENETUNREACH), errors.Is(err, syscall.EHOSTUNREACH):
		kind = ErrNoRoute
	case errors.Is(err, syscall.ECONNREFUSED):
		kind = ErrConnectionRefused
	case errors.Is(err, syscall.ETIMEDOUT):
		kind = ErrTCPTimedOut
	}
	return fmt.Errorf("%w: %w", kind, err)
}
