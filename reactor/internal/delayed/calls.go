// Package delayed is the heap of calls that wait for their time, shared by
// every reactor and test clock: twisted/internet/base.py:34 DelayedCall, and
// from :702 callLater on the timers of ReactorBase.
package delayed

import (
	"time"

	"proxyherd/reactor"
)

// Calls holds pending calls. The zero value needs only Now.
//
// New calls wait in a list of their own until Admit: what a running call
// schedules for "now" belongs to the next turn, and cannot starve the loop.
type Calls struct {
	// Now is the loop's clock.
	Now func() time.Time
	// Sooner, if set, is told when a call becomes due earlier than before, so
	// that a sleeping loop can set its alarm.
	Sooner func(due time.Time)

	// epoch is when the loop was first asked for the time. All times are kept as
	// nanoseconds since then, which are quick to compare; the clock's monotonic part
	// counts as in time.Time.
	epoch time.Time
	// asked is the time that was converted last, and elapsed what came of it: within a
	// turn the clock may stand still.
	asked     time.Time
	elapsed   int64
	fresh     []*Call
	heap      callHeap
	number    uint64
	cancelled int
}

// Call is one pending call; a reactor.DelayedCall.
type Call struct {
	calls *Calls
	f     func()
	time  int64 // where it stands in the heap, in nanoseconds since the epoch
	due   int64 // not earlier: Reset and Delay may have put it off
	// number breaks ties: calls due at the same instant run in the order in
	// which they were made. Twisted promises no order there.
	number            uint64
	index             int32 // in the heap
	called, cancelled bool
}

// notThere is the index of a call that is not in the heap.
const notThere = -1

// Later schedules f; it panics if delay is negative or f nil.
func (c *Calls) Later(delay time.Duration, f func()) *Call {
	if delay < 0 {
		panic("reactor: CallLater with a negative delay: " + delay.String())
	}
	if f == nil {
		panic("reactor: CallLater with no function to call")
	}
	c.number++
	due := plus(c.now(), int64(delay))
	call := &Call{calls: c, f: f, due: due, time: due, number: c.number, index: notThere}
	c.fresh = append(c.fresh, call)
	c.sooner(due)
	return call
}

// Admit moves new calls to the heap, where Due finds them.
func (c *Calls) Admit() {
	for i, call := range c.fresh {
		c.fresh[i] = nil
		if call.cancelled {
			c.cancelled--
			continue
		}
		call.settle()
		c.heap.push(call)
	}
	c.fresh = c.fresh[:0]
	if c.cancelled > 50 && c.cancelled > len(c.heap)/2 {
		c.sweep()
	}
}

// Due takes the first call that is due at now out of the heap and returns its
// function, nil if none is. The call counts as called before its function runs.
func (c *Calls) Due(now time.Time) func() {
	for at := c.since(now); len(c.heap) > 0 && c.heap[0].time <= at; {
		call := c.heap.pop()
		switch {
		case call.cancelled:
			c.cancelled--
		case call.due > call.time:
			call.settle()
			c.heap.push(call)
		default:
			call.called = true
			f := call.f
			call.f = nil
			return f
		}
	}
	return nil
}

// Next is the earliest time at which Due may have something, and false if
// nothing is pending. It may be early: a call in the heap that was cancelled or
// put off is found out only when it surfaces.
func (c *Calls) Next() (time.Time, bool) {
	var next int64
	found := false
	if len(c.heap) > 0 {
		next, found = c.heap[0].time, true
	}
	for _, call := range c.fresh {
		if call.cancelled {
			continue
		}
		// From here on a sleeping loop relies on this time, so that bringing
		// the call forward must be told to Sooner.
		call.settle()
		if !found || call.due < next {
			next, found = call.due, true
		}
	}
	if !found {
		return time.Time{}, false
	}
	return c.time(next), true
}

// Pending lists the calls that are neither called nor cancelled.
func (c *Calls) Pending() []reactor.DelayedCall {
	pending := make([]reactor.DelayedCall, 0, len(c.heap)+len(c.fresh)-c.cancelled)
	for _, list := range [][]*Call{c.heap, c.fresh} {
		for _, call := range list {
			if !call.cancelled {
				pending = append(pending, call)
			}
		}
	}
	return pending
}

// sweep drops cancelled calls from the heap, once they are most of it.
func (c *Calls) sweep() {
	kept := c.heap[:0]
	for _, call := range c.heap {
		if !call.cancelled {
			kept = append(kept, call)
		}
	}
	clear(c.heap[len(kept):])
	c.heap = kept
	c.cancelled = 0
	kept.order()
}

func (c *Calls) sooner(due int64) {
	if c.Sooner != nil {
		c.Sooner(c.time(due))
	}
}

// now is the loop's clock, in nanoseconds since the epoch.
func (c *Calls) now() int64 { return c.since(c.Now()) }

func (c *Calls) since(t time.Time) int64 {
	if c.epoch.IsZero() {
		c.epoch = t
	}
	if t != c.asked {
		c.asked, c.elapsed = t, int64(t.Sub(c.epoch))
	}
	return c.elapsed
}

func (c *Calls) time(nanos int64) time.Time { return c.epoch.Add(time.Duration(nanos)) }
