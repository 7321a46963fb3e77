package deferred

import (
	"fmt"
	"runtime"
	"sync/atomic"
)

// UnhandledError is an error that was the last result of a Deferred, and that
// nobody took before the Deferred was garbage: what
// twisted/internet/defer.py:655 DebugInfo logs.
type UnhandledError struct {
	// Err is the error.
	Err error

	created, fired []uintptr
}

// Error tells the error and, for a Deferred that was made with SetDebugging on,
// where it was made and where its result was given.
func (e *UnhandledError) Error() string {
	return fmt.Sprintf("unhandled error in Deferred: %v%s", e.Err, places(e.created, e.fired))
}

// Unwrap gives the error.
func (e *UnhandledError) Unwrap() error { return e.Err }

var reporter atomic.Pointer[func(*UnhandledError)]

// ReportUnhandled sets who hears of errors that nobody took, from now on:
// twisted/internet/defer.py:655 DebugInfo, which logs them. nil, as at the
// start, means nobody.
//
// Python knows at once when the last reference to a Deferred is gone; Go knows
// when its collector comes by, which may be late and, at the program's end,
// never. A Deferred that its own error refers to is not found. report is called
// on a goroutine of the runtime's and must not block: to log on the loop, post
// to it. Only a Deferred that ends with an error costs anything. A panic in the
// canceller of a list's member is reported too, at once and on the goroutine
// that cancels. It is safe from any goroutine.
func ReportUnhandled(report func(*UnhandledError)) {
	if report == nil {
		reporter.Store(nil)
		return
	}
	reporter.Store(&report)
}

func report(e *UnhandledError) {
	if f := reporter.Load(); f != nil {
		(*f)(e)
	}
}

// noteLeft remembers the error that is left when all steps have run, or that
// there is none any more. While d waits for another Deferred, what it has is not
// its result.
func (d *Deferred[T]) noteLeft() {
	if d.err == nil || !d.idle() || d.source != nil {
		if d.trace != nil {
			d.trace.left.Store(nil)
		}
		return
	}
	if reporter.Load() == nil {
		return
	}
	if d.trace == nil {
		d.trace = &trace{}
	}
	t := d.trace
	t.left.Store(&UnhandledError{Err: d.err, created: t.created, fired: t.fired})
	if !t.watched {
		t.watched = true
		// Not a finalizer: those never run for what refers to itself in a circle.
		runtime.AddCleanup(d, (*trace).collected, t)
	}
}

// collected is called when the Deferred is garbage.
func (t *trace) collected() {
	if e := t.left.Load(); e != nil {
		report(e)
	}
}
