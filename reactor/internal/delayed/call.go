package delayed

import (
	"container/heap"
	"fmt"
	"time"

	"proxyherd/reactor"
)

// GetTime is the time at which the call is due.
func (call *Call) GetTime() time.Time { return call.time.Add(call.later) }

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
	call.moveTo(call.calls.Now().Add(d))
	return nil
}

// Delay moves the due time by d.
func (call *Call) Delay(d time.Duration) error {
	if err := call.over(); err != nil {
		return err
	}
	call.moveTo(call.GetTime().Add(d))
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
func (call *Call) moveTo(due time.Time) {
	if !due.Before(call.time) {
		call.later = due.Sub(call.time)
		return
	}
	call.time, call.later = due, 0
	if call.index >= 0 {
		heap.Fix(&call.calls.heap, call.index)
	}
	call.calls.sooner(due)
}

// settle makes the due time the place in the heap.
func (call *Call) settle() {
	call.time, call.later = call.GetTime(), 0
}

// callHeap orders calls by time, then by number.
type callHeap []*Call

func (h callHeap) Len() int { return len(h) }
func (h callHeap) Less(i, j int) bool {
	if !h[i].time.Equal(h[j].time) {
		return h[i].time.Before(h[j].time)
	}
	return h[i].number < h[j].number
}
func (h callHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i]; h[i].index, h[j].index = i, j }
func (h *callHeap) Push(x any) {
	call := x.(*Call)
	call.index = len(*h)
	*h = append(*h, call)
}
func (h *callHeap) Pop() any {
	old := *h
	last := len(old) - 1
	call := old[last]
	old[last] = nil
	call.index = -1
	*h = old[:last]
	return call
}
