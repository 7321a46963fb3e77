// Package task schedules work on a clock that is handed to it
// (twisted/internet/task.py).
package task

import (
	"time"

	"proxyherd/reactor"
	"proxyherd/reactor/internal/delayed"
)

// Clock is a reactor.Time whose time moves only when it is told to:
// twisted/internet/task.py:725 Clock. The zero value is ready and starts at the
// Unix epoch, in UTC. A Clock belongs to one goroutine.
type Clock struct {
	// calls lacks its Now until the first use, so that the zero value works.
	calls   delayed.Calls
	start   time.Time // the zero Time stands for the epoch
	elapsed time.Duration
}

var _ reactor.Time = (*Clock)(nil)

// NewClock makes a Clock that starts at start: twisted/internet/task.py:734
// __init__.
func NewClock(start time.Time) *Clock { return &Clock{start: start} }

// Seconds is the clock's time: twisted/internet/task.py:738.
func (c *Clock) Seconds() time.Time {
	if c.start.IsZero() {
		c.start = time.Unix(0, 0).UTC()
	}
	return c.start.Add(c.elapsed)
}

// CallLater schedules f for delay from now: twisted/internet/task.py:757. It
// panics if delay is negative or f nil, as every reactor.Time does; Twisted's
// Clock takes a negative delay.
func (c *Clock) CallLater(delay time.Duration, f func()) reactor.DelayedCall {
	c.calls.Now = c.Seconds
	return c.calls.Later(delay, f)
}

// GetDelayedCalls lists the pending calls: twisted/internet/task.py:771. The
// slice is the caller's.
func (c *Clock) GetDelayedCalls() []reactor.DelayedCall { return c.calls.Pending() }

// Advance moves the time by amount and then runs what is due, in the order of
// the due times: twisted/internet/task.py:778. The time jumps first, so a call
// sees where the clock ends, not when it was due. Calls made meanwhile that are
// due run too, so a call that schedules itself again with no delay never lets
// Advance return. A panic in a call comes out of Advance, and the calls after
// it stay pending.
func (c *Clock) Advance(amount time.Duration) {
	c.elapsed += amount
	for {
		c.calls.Admit() // what the call before has scheduled
		f := c.calls.Due(c.Seconds())
		if f == nil {
			return
		}
		f()
	}
}

// Pump advances by each of timings in turn: twisted/internet/task.py:796.
func (c *Clock) Pump(timings ...time.Duration) {
	for _, amount := range timings {
		c.Advance(amount)
	}
}
