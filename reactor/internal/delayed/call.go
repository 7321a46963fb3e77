package delayed

import (
	"fmt"
	"math"
	"time"

	"proxyherd/reactor"
)

// GetTime is the time at which the call is due.
func (call *Call) GetTime() time.Time { return call.calls.time(call.due) }

// Active reports that the call has neither run nor been cancelled.
func (call *Call) Active() bool { return !call.called && !call.cancelled }

// String names the call in a log line, in every state.
func (call *Call) String() string {
	state := "pending"
	switch {
	case call.cancelled:
		state = "cancelled"
	case call.called:
		state = "called"
	}
	return fmt.Sprintf("call %d, due at %s (%s)", call.number, call.GetTime().Format(time.RFC3339Nano), state)
}

// Cancel takes the call back. The heap is not searched for it: it is dropped
// when it surfaces.
func (call *Call) Cancel() error {
	if err := call.over(); err != nil {
		return err
	}
	call.cancelled = true
	call.f = nil
	call.calls.cancelled++
	return nil
}

// Reset moves the due time to d from now.
func (call *Call) Reset(d time.Duration) error {
	if err := call.over(); err != nil {
		return err
	}
	call.moveTo(plus(call.calls.now(), int64(d)))
	return nil
}

// Delay moves the due time by d.
func (call *Call) Delay(d time.Duration) error {
	if err := call.over(); err != nil {
		return err
	}
	call.moveTo(plus(call.due, int64(d)))
	return nil
}

func (call *Call) over() error {
	switch {
	case call.cancelled:
		return reactor.ErrAlreadyCancelled
	case call.called:
		return reactor.ErrAlreadyCalled
	}
	return nil
}

// moveTo changes the due time. Later costs nothing: the call stays where it is
// in the heap and is moved when it surfaces, so a time-out that is reset with
// every line received is one assignment.
func (call *Call) moveTo(due int64) {
	call.due = due
	if due >= call.time {
		return
	}
	call.settle()
	if call.index != notThere {
		call.calls.heap.sooner(call)
	}
	call.calls.sooner(due)
}

// settle makes the due time the place in the heap.
func (call *Call) settle() { call.time = call.due }

// plus is a time that is so much later. It ends where an int64 does: what is due in
// 292 years never comes.
func plus(at, d int64) int64 {
	sum := at + d
	switch {
	case d > 0 && sum < at:
		return math.MaxInt64
	case d < 0 && sum > at:
		return math.MinInt64
	}
	return sum
}
