package reactor

import (
	"time"

	"proxyherd/reactor/deferred"
)

// Reactor is everything a loop offers to code that runs on it. Ask for the
// smallest of its parts that will do.
type Reactor interface {
	Core
	TCP
	Time
	Threads
}

// Core starts, stops and observes the loop:
// twisted/internet/interfaces.py:1262 IReactorCore.
type Core interface {
	// Running reports whether the loop has started and not yet begun the
	// "during" phase of its shutdown.
	Running() bool

	// Run fires the "startup" event and turns the loop on the calling
	// goroutine until Stop or Crash. It returns ErrReactorAlreadyRunning, or
	// ErrReactorNotRestartable once Stop was called, or the operating system's
	// error if the loop could not be set up. After Stop it returns nil, and not
	// before the jobs of CallInThread that were running have ended.
	Run() error

	// Stop asks for an orderly end: the "shutdown" event is fired at the end of
	// this turn or the next. It returns ErrReactorNotRunning if the loop is not
	// running or is already stopping.
	Stop() error

	// Crash ends the loop after this turn without firing any event and without
	// telling any protocol. Run may be called again.
	Crash()

	// CallWhenRunning calls f now if the loop runs, else once it has started,
	// in order of registration.
	CallWhenRunning(f func())

	// AddSystemEventTrigger registers f for one firing of an event: "startup"
	// and "shutdown" are the reactor's own, other names are the caller's. A
	// Deferred returned by a Before trigger holds the event back until it
	// fires, with or without an error; f may return nil. It returns
	// ErrInvalidPhase for a phase that does not exist.
	AddSystemEventTrigger(phase Phase, eventType string, f Trigger) (TriggerID, error)

	// RemoveSystemEventTrigger takes a trigger back. It returns
	// ErrUnknownTrigger if that id is unknown, was removed, or has run, and
	// ErrInvalidPhase if it has none of the phases, as the zero TriggerID.
	RemoveSystemEventTrigger(id TriggerID) error

	// FireSystemEvent runs the triggers of an event.
	FireSystemEvent(eventType string)

	// Resolve looks up an IPv4 address of name off the loop. The Deferred fires
	// on the loop, with a dotted quad or an error that is ErrDNSLookup.
	Resolve(name string) *deferred.Deferred[string]
}

// TCP listens and connects: twisted/internet/interfaces.py:625 IReactorTCP.
type TCP interface {
	// ListenTCP binds and listens before it returns. Port 0 lets the system
	// choose; GetHost of the port tells. backlog is the length of the queue of
	// connections not yet accepted, 50 if it is not positive. iface is the
	// IPv4 or IPv6 literal to bind to, "" for every IPv4 address, and "::" for
	// every address of both kinds. A failure is
	// a *CannotListenError.
	ListenTCP(port int, factory Factory, backlog int, iface string) (ListeningPort, error)

	// ConnectTCP starts connecting to a host, by name or literal, and returns
	// at once: no result comes before it returns. timeout bounds the attempt;
	// 0 means 30 seconds, negative none. bind is the local address to
	// connect from, nil for any. A name is looked up anew by each attempt of the
	// Connector, and its addresses are tried one after the other, IPv4 first, each
	// for an equal part of the time that is left.
	ConnectTCP(host string, port int, factory ClientFactory, timeout time.Duration, bind Address) Connector
}

// Time is the loop's clock and its timers:
// twisted/internet/interfaces.py:1117 IReactorTime.
type Time interface {
	// Seconds is the loop's time, one reading for the whole of a callback. On a
	// running reactor it is the system's clock, and its monotonic part drives
	// the timers, so that a stepped clock shifts none of them.
	Seconds() time.Time

	// CallLater calls f once, after delay and never before CallLater returns; a
	// zero delay means the next turn. It panics if delay is negative or f nil.
	CallLater(delay time.Duration, f func()) DelayedCall

	// GetDelayedCalls lists the pending calls, in no particular order. The
	// slice is the caller's.
	GetDelayedCalls() []DelayedCall
}

// DelayedCall is a pending call: twisted/internet/interfaces.py:1160
// IDelayedCall. Cancel, Delay and Reset return ErrAlreadyCancelled or
// ErrAlreadyCalled when it is too late; inside its own function a call counts
// as called.
type DelayedCall interface {
	// GetTime is the time at which the call is due.
	GetTime() time.Time
	// Cancel takes the call back.
	Cancel() error
	// Delay moves the due time by d, which may be negative.
	Delay(d time.Duration) error
	// Reset moves the due time to d from now.
	Reset(d time.Duration) error
	// Active reports that the call has neither run nor been cancelled.
	Active() bool
}

// Threads moves work between the loop and other goroutines:
// twisted/internet/interfaces.py:1217 IReactorThreads.
type Threads interface {
	// CallFromThread runs f on the loop, in the turn that follows, in the order
	// of the calls. It is safe from any goroutine and from the loop itself,
	// and before Run, when f waits for the start. Once the loop has ended for
	// good f is dropped and false returned.
	CallFromThread(f func()) bool

	// CallInThread runs f on a worker goroutine of the reactor's bounded pool.
	// A panic in f is logged. f is dropped, and false returned, once the pool
	// has stopped.
	CallInThread(f func()) bool

	// SuggestThreadPoolSize sets how many workers the pool may have, at least 1.
	SuggestThreadPoolSize(size int)
}

// Phase is one of the three steps in which an event's triggers run.
type Phase int

// The phases in the order in which they run.
const (
	Before Phase = iota + 1
	During
	After
)

// String names the phase as Twisted does.
func (p Phase) String() string {
	switch p {
	case Before:
		return "before"
	case During:
		return "during"
	case After:
		return "after"
	}
	return "invalid phase"
}

// Trigger is called when a system event is fired. Only a Before trigger's
// Deferred is waited for.
type Trigger func() *deferred.Deferred[struct{}]

// TriggerID names a registered trigger.
type TriggerID struct {
	Phase     Phase
	EventType string
	Number    uint64
}
