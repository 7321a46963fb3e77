package deferred

import (
	"fmt"
	"runtime"
	"strings"
	"sync/atomic"
)

var debugging atomic.Bool

// SetDebugging turns on or off, for Deferreds made from now on, that each
// remembers where it was made and where its result was given:
// twisted/internet/defer.py:162 setDebugging. The panic of a second result and
// the report of an unhandled error tell both then. It costs about a
// microsecond a Deferred. It is safe from any goroutine.
func SetDebugging(on bool) { debugging.Store(on) }

// GetDebugging reports what SetDebugging said:
// twisted/internet/defer.py:173 getDebugging.
func GetDebugging() bool { return debugging.Load() }

// traceDepth is how many callers are remembered: the application's own lie
// within a few frames of the call.
const traceDepth = 16

// trace is what is known of a Deferred's life. It is apart from the Deferred,
// because it outlives it in the report.
type trace struct {
	created, fired []uintptr

	// left is the error that nobody has taken, if there is one. The cleanup
	// reads it on another goroutine.
	left    atomic.Pointer[UnhandledError]
	watched bool
}

// noteFired remembers where the result was given, also of a Deferred that was
// made before debugging was on, or without New.
func (d *Deferred[T]) noteFired() {
	if d.trace == nil {
		d.trace = &trace{}
	}
	d.trace.fired = callers()
}

// alreadyCalled is ErrAlreadyCalled with what is known.
func (t *trace) alreadyCalled() error {
	if t == nil {
		return ErrAlreadyCalled
	}
	return fmt.Errorf("%w%s", ErrAlreadyCalled, places(t.created, t.fired))
}

func callers() []uintptr {
	pcs := make([]uintptr, traceDepth)
	return pcs[:runtime.Callers(2, pcs)]
}

// places tells both stacks, without this package's own part in them.
func places(created, fired []uintptr) string {
	var text strings.Builder
	for _, place := range []struct {
		title string
		pcs   []uintptr
	}{{"Deferred was created", created}, {"First invoker was", fired}} {
		if len(place.pcs) == 0 {
			continue
		}
		fmt.Fprintf(&text, "\n%s:", place.title)
		frames := runtime.CallersFrames(place.pcs)
		for more := true; more; {
			var f runtime.Frame
			if f, more = frames.Next(); !strings.HasPrefix(f.Function, ownPrefix) {
				fmt.Fprintf(&text, "\n\t%s (%s:%d)", f.Function, f.File, f.Line)
			}
		}
	}
	return text.String()
}

// ownPrefix begins the names of this package's functions.
const ownPrefix = "proxyherd/reactor/deferred."
