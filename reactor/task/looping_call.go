package task

import (
	"errors"
	"fmt"
	"time"

	"proxyherd/reactor"
	"proxyherd/reactor/deferred"
)

// What a LoopingCall is asked for at the wrong moment.
var (
	ErrLoopRunning    = errors.New("the looping call is running already, or its last call has not ended: stop it and wait for its Deferred")
	ErrLoopNotRunning = errors.New("the looping call is not running")
	ErrInterval       = errors.New("the interval of a looping call must not be negative")
)

// LoopingCall calls a function again and again, on a grid of times:
// twisted/internet/task.py:27 LoopingCall. NewLoopingCall or WithCount makes
// it. It belongs to one goroutine, the clock's.
type LoopingCall struct {
	clock reactor.Time
	f     func() *deferred.Deferred[struct{}]

	interval time.Duration
	started  time.Time // the grid's origin, for WithCount
	counted  time.Time // up to when WithCount has counted
	expected time.Time // the grid time that was last waited for
	pending  reactor.DelayedCall
	done     *deferred.Deferred[*LoopingCall] // nil unless somebody is owed an answer
	running  bool
	calling  bool // f, or the Deferred that it returned, has not ended
}

// NewLoopingCall makes a LoopingCall of f on a clock, which in Twisted is the
// global reactor: twisted/internet/task.py:70 __init__. A Deferred that f
// returns holds the next call back until it fires; nil means that f is done.
func NewLoopingCall(clock reactor.Time, f func() *deferred.Deferred[struct{}]) *LoopingCall {
	return &LoopingCall{clock: clock, f: f}
}

// WithCount makes a LoopingCall that tells f how many intervals have passed
// since its last call, 1 if none was missed: twisted/internet/task.py:78
// withCount. The time is counted in whole nanoseconds, so the count never comes
// out as 0 and then 2, as Twisted's can. With an interval of 0 nothing can be
// missed, and it is always 1.
func WithCount(clock reactor.Time, f func(count int) *deferred.Deferred[struct{}]) *LoopingCall {
	l := &LoopingCall{clock: clock}
	l.f = func() *deferred.Deferred[struct{}] { return f(l.count()) }
	return l
}

func (l *LoopingCall) count() int {
	now := l.clock.Seconds()
	last := l.counted
	l.counted = now
	if l.interval == 0 {
		return 1
	}
	return int(now.Sub(l.started)/l.interval - last.Sub(l.started)/l.interval)
}

// Running reports whether it has been started and neither stopped nor failed.
func (l *LoopingCall) Running() bool { return l.running }

// Interval is what Start was last given.
func (l *LoopingCall) Interval() time.Duration { return l.interval }

// Start calls f every interval, the first time before it returns if now is
// set, else after one interval: twisted/internet/task.py:146. The times are
// those of Start plus whole intervals, however long f takes; a time that was
// missed is left out, not made up for. (A reactor reads the clock once in each
// callback, so that there an f that takes longer than the interval is called
// once more, at once, before times are left out.) With an interval of 0, f is
// called in every turn of the loop.
//
// The Deferred fires with the LoopingCall after Stop, or fails with what f
// panicked with or its Deferred failed with, after which there are no more
// calls. Cancelling the Deferred stops the calls too. The error is
// ErrLoopRunning or ErrInterval.
func (l *LoopingCall) Start(interval time.Duration, now bool) (*deferred.Deferred[*LoopingCall], error) {
	if l.running || l.calling {
		return nil, fmt.Errorf("starting a looping call: %w", ErrLoopRunning)
	}
	if interval < 0 {
		return nil, fmt.Errorf("starting a looping call every %v: %w", interval, ErrInterval)
	}
	done := deferred.New(func(*deferred.Deferred[*LoopingCall]) { l.finish() })
	l.done, l.running, l.interval = done, true, interval
	l.started = l.clock.Seconds()
	l.expected, l.counted = l.started, l.started
	if now {
		l.counted = l.started.Add(-interval) // the first call counts as one
		l.call()
	} else {
		l.schedule()
	}
	return done, nil // l.done may be gone: the first call may have been the last
}

// Stop ends it: twisted/internet/task.py:178. Start's Deferred fires now, or if
// f is under way when that ends. It returns ErrLoopNotRunning if it is not
// running.
func (l *LoopingCall) Stop() error {
	if !l.running {
		return fmt.Errorf("stopping it: %w", ErrLoopNotRunning)
	}
	l.running = false
	if !l.calling {
		l.finish().Callback(l)
	}
	return nil
}

// Reset waits a whole interval from now for the next call, and moves the grid
// there: twisted/internet/task.py:190. While f is under way it changes nothing.
// It returns ErrLoopNotRunning if it is not running.
func (l *LoopingCall) Reset() error {
	if !l.running {
		return fmt.Errorf("resetting it: %w", ErrLoopNotRunning)
	}
	if l.pending != nil {
		_ = l.pending.Cancel() // it is pending: call clears it when it runs
		l.expected = l.clock.Seconds()
		l.schedule()
	}
	return nil
}

// finish leaves nothing pending, and gives the Deferred that is owed an answer.
func (l *LoopingCall) finish() *deferred.Deferred[*LoopingCall] {
	l.running = false
	if l.pending != nil {
		_ = l.pending.Cancel() // it is pending: call clears it when it runs
		l.pending = nil
	}
	done := l.done
	l.done = nil
	return done
}

// call calls f once and goes on when that has ended.
func (l *LoopingCall) call() {
	l.pending, l.calling = nil, true
	attempt(l.f).AddBoth(func(_ struct{}, err error) (struct{}, error) {
		l.calling = false
		if l.done == nil {
			return struct{}{}, err // cancelled: nobody is owed an answer
		}
		l.called(err)
		return struct{}{}, nil // an error is Start's Deferred's now
	})
}

// called is told that a call, with the Deferred that it returned, has ended.
func (l *LoopingCall) called(err error) {
	switch {
	case err != nil:
		l.finish().Errback(err)
	case l.running:
		l.schedule()
	default:
		l.finish().Callback(l)
	}
}

// schedule waits for the next time on the grid that is still to come.
func (l *LoopingCall) schedule() {
	if l.interval == 0 {
		l.pending = l.clock.CallLater(0, l.call)
		return
	}
	now := l.clock.Seconds()
	missed := max(now.Sub(l.expected)/l.interval, 0) // a clock may be set back
	l.expected = l.expected.Add((missed + 1) * l.interval)
	l.pending = l.clock.CallLater(l.expected.Sub(now), l.call)
}
