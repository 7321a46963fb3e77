// Package delayed is the heap of calls that wait for their time, shared by
// every reactor and test clock: twisted/internet/base.py:34 DelayedCall, and
// from :702 callLater on the timers of ReactorBase.
package delayed

import (
	"container/heap"
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

	fresh     []*Call
	heap      callHeap
	number    uint64
	cancelled int
}

// Call is one pending call; a reactor.DelayedCall.
type Call struct {
	calls *Calls
	f     func()
	time  time.Time     // where it stands in the heap
	later time.Duration // what Reset and Delay have added since
	// number breaks ties: calls due at the same instant run in the order in
	// which they were made. Twisted promises no order there.
	number            uint64
	index             int // in the heap; -1 while it is not there
	called, cancelled bool
}

// Later schedules f; it panics if delay is negative or f nil.
func (c *Calls) Later(delay time.Duration, f func()) *Call {
	if delay < 0 {
		panic("reactor: CallLater with a negative delay: " + delay.String())
	}
	if f == nil {
		panic("reactor: CallLater with no function to call")
	}
	c.number++
	call := &Call{calls: c, f: f, time: c.Now().Add(delay), number: c.number, index: -1}
	c.fresh = append(c.fresh, call)
	c.sooner(call.time)
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
		heap.Push(&c.heap, call)
	}
	c.fresh = c.fresh[:0]
	if c.cancelled > 50 && c.cancelled > len(c.heap)/2 {
		c.sweep()
	}
}

// Due takes the first call that is due at now out of the heap and returns its
// function, nil if none is. The call counts as called before its function runs.
func (c *Calls) Due(now time.Time) func() {
	for len(c.heap) > 0 && !c.heap[0].time.After(now) {
		call := heap.Pop(&c.heap).(*Call)
		switch {
		case call.cancelled:
			c.cancelled--
		case call.later > 0:
			call.settle()
			heap.Push(&c.heap, call)
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
	var next time.Time
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
		if !found || call.time.Before(next) {
			next, found = call.time, true
		}
	}
	return next, found
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
	for i, call := range kept {
		call.index = i
	}
	heap.Init(&c.heap)
}

func (c *Calls) sooner(due time.Time) {
	if c.Sooner != nil {
		c.Sooner(due)
	}
}
