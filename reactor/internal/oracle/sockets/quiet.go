//go:build linux

package sockets

import (
	"maps"
	"time"

	"proxyherd/reactor"
)

// quiet tells when a step has had all its consequences. It knows nothing of
// what a step should bring; it looks at three things from inside the loop, in
// callbacks of its own:
//
//   - the reactor: no call is due soon but quiet's own;
//   - the kernel: nothing is on its way (see view);
//   - both: for some turns of the loop no event came, and after as many turns
//     more the kernel's view is the same.
//
// That is sound because nothing else can move a connection. Both reactors poll
// level-triggered, so whatever was ready at the first look was seen in the turns
// between the looks, and gave an event, changed the kernel's view, or left a
// call in the reactor: a reactor that goes on reading or writing without events
// cannot leave both queues of both ends as they were. What becomes ready later
// must come from the kernel, and it has nothing to send.
type quiet struct {
	reactor reactor.Time
	numbers []int
	over    func(settled bool)

	changes  int // counts events: whoever sees one adds to it
	seen     int
	calm     int // turns without an event
	last     view
	deadline time.Time
}

const (
	turns = 3                // turns without an event before each look at the kernel
	retry = time.Millisecond // between looks while something is on its way
	soon  = 5 * time.Second  // a call due later is no part of the step: a connect timeout
	limit = 20 * time.Second // and then the step is called unsettled
)

// begin waits for the end of a step, and then calls over, once.
func (q *quiet) begin() {
	q.deadline = q.reactor.Seconds().Add(limit)
	q.restless()
	q.again(0)
}

func (q *quiet) again(delay time.Duration) { q.reactor.CallLater(delay, q.turn) }

// restless forgets what was seen: something has happened since.
func (q *quiet) restless() { q.seen, q.calm, q.last = q.changes, 0, nil }

// turn is called in every turn until the step is over.
func (q *quiet) turn() {
	switch {
	case q.reactor.Seconds().After(q.deadline):
		q.over(false)
	case q.seen != q.changes:
		q.restless()
		q.again(0)
	case q.dueSoon():
		q.restless()
		q.again(retry)
	case q.calm < turns:
		q.calm++
		q.again(0)
	default:
		q.lookAtKernel()
	}
}

func (q *quiet) lookAtKernel() {
	now := look(q.numbers)
	switch {
	case now.onTheWay():
		q.restless()
		q.again(retry)
	case q.last == nil || !maps.Equal(now, q.last):
		q.calm, q.last = 0, now
		q.again(0)
	default:
		q.over(true)
	}
}

func (q *quiet) dueSoon() bool {
	limit := q.reactor.Seconds().Add(soon)
	for _, call := range q.reactor.GetDelayedCalls() {
		if call.GetTime().Before(limit) {
			return true
		}
	}
	return false
}
