package task_test

import (
	"testing"
	"time"

	"proxyherd/reactor/deferred"
	"proxyherd/reactor/reactortest"
	"proxyherd/reactor/task"
)

// TestLoopingCallOnAReactor is twisted/test/test_task.py's ReactorLoopTestCase:
// in virtual time, but turn by turn as on every reactor.
func TestLoopingCallOnAReactor(t *testing.T) {
	// run runs a loop in a network until nothing is left to do.
	run := func(t *testing.T, body func(r *reactortest.Reactor)) {
		t.Helper()
		n := reactortest.NewNetwork(reactortest.Options{})
		r := n.Reactor("r")
		r.CallWhenRunning(func() { body(r) })
		n.Advance(time.Hour)
	}
	t.Run("a panic in the call fails its Deferred and ends it", func(t *testing.T) { // LC3
		calls := 0
		var done *result[*task.LoopingCall]
		run(t, func(r *reactortest.Reactor) {
			done = start(t, task.NewLoopingCall(r, func() *deferred.Deferred[struct{}] {
				calls++
				panic(errBroken)
			}), time.Second, false)
		})
		done.want(t, errBroken)
		if calls != 1 {
			t.Fatalf("%d calls", calls)
		}
	})
	t.Run("a panic in the first call, within Start, fails its Deferred", func(t *testing.T) { // LC3
		var done *result[*task.LoopingCall]
		run(t, func(r *reactortest.Reactor) {
			l := task.NewLoopingCall(r, func() *deferred.Deferred[struct{}] { panic(errBroken) })
			done = start(t, l, time.Second, true)
			if l.Running() {
				t.Error("it runs")
			}
		})
		done.want(t, errBroken)
	})
	t.Run("a panic after Stop, in the same call, fails its Deferred", func(t *testing.T) {
		var done *result[*task.LoopingCall]
		run(t, func(r *reactortest.Reactor) {
			var l *task.LoopingCall
			l = task.NewLoopingCall(r, func() *deferred.Deferred[struct{}] {
				wantNil(t, l.Stop())
				panic(errBroken)
			})
			done = start(t, l, 0, true)
		})
		done.want(t, errBroken)
	})
	t.Run("without an interval it is called once in every turn", func(t *testing.T) { // LC5
		var order []string
		run(t, func(r *reactortest.Reactor) {
			var l *task.LoopingCall
			l = task.NewLoopingCall(r, func() *deferred.Deferred[struct{}] {
				order = append(order, "call")
				if len(order) < 6 {
					r.CallLater(0, note(&order, "turn"))
				} else if err := l.Stop(); err != nil {
					t.Error(err)
				}
				return nothing
			})
			start(t, l, 0, true)
		})
		wantOrder(t, order, "call", "turn", "call", "turn", "call", "turn", "call")
	})
	t.Run("Stop by another timer prevents the first call", func(t *testing.T) {
		var done *result[*task.LoopingCall]
		run(t, func(r *reactortest.Reactor) {
			l := task.NewLoopingCall(r, func() *deferred.Deferred[struct{}] { t.Error("called"); return nothing })
			r.CallLater(0, func() { wantNil(t, l.Stop()) })
			done = start(t, l, 10*time.Millisecond, false)
		})
		done.want(t, nil)
	})
	t.Run("waits for what the call returned", func(t *testing.T) { // LC2
		var times []float64
		run(t, func(r *reactortest.Reactor) {
			var l *task.LoopingCall
			l = task.NewLoopingCall(r, func() *deferred.Deferred[struct{}] {
				times = append(times, since(r).Seconds())
				if len(times) == 4 {
					wantNil(t, l.Stop())
				}
				return task.DeferLater(r, 2500*time.Millisecond, func() (struct{}, error) { return struct{}{}, nil })
			})
			start(t, l, time.Second, true)
		})
		wantTimes(t, times, 0, 3, 6, 9)
	})
	t.Run("Stop while it waits takes effect when the waiting ends", func(t *testing.T) { // LC6
		run(t, func(r *reactortest.Reactor) {
			working := deferred.New[struct{}](nil)
			l := task.NewLoopingCall(r, func() *deferred.Deferred[struct{}] { return working })
			done := start(t, l, time.Second, true)
			wantNil(t, l.Stop())
			done.wantNothing(t)
			working.Callback(struct{}{})
			done.want(t, nil)
		})
	})
	t.Run("the failure of what the call returned fails its Deferred", func(t *testing.T) { // LC3
		var done *result[*task.LoopingCall]
		run(t, func(r *reactortest.Reactor) {
			done = start(t, task.NewLoopingCall(r, func() *deferred.Deferred[struct{}] {
				return task.DeferLater(r, time.Second, func() (struct{}, error) { return struct{}{}, errBroken })
			}), time.Second, true)
		})
		done.want(t, errBroken)
	})
}
