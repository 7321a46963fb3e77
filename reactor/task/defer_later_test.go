package task_test

import (
	"testing"
	"time"

	"proxyherd/reactor/deferred"
	"proxyherd/reactor/task"
)

// TestDeferLater is twisted/test/test_task.py's DeferLaterTests, and DL1.
func TestDeferLater(t *testing.T) {
	t.Run("gives the result when the time has come", func(t *testing.T) {
		var c task.Clock
		got := watch(task.DeferLater(&c, 2*time.Second, func() (string, error) { return "tea", nil }))
		c.Advance(2*time.Second - 1)
		got.wantNothing(t)
		c.Advance(1)
		got.want(t, nil)
		if got.value != "tea" {
			t.Fatalf("gave %q", got.value)
		}
	})
	t.Run("gives the error, and a panic too", func(t *testing.T) {
		var c task.Clock
		failed := watch(task.DeferLater(&c, 0, func() (int, error) { return 0, errBroken }))
		panicked := watch(task.DeferLater(&c, 0, func() (int, error) { panic(errBroken) }))
		failed.wantNothing(t) // not before it has returned
		c.Advance(0)
		failed.want(t, errBroken)
		panicked.want(t, errBroken)
	})
	t.Run("cancelled, it takes the call back", func(t *testing.T) {
		var c task.Clock
		d := task.DeferLater(&c, time.Second, func() (int, error) { t.Error("called"); return 0, nil })
		got := watch(d)
		d.Cancel()
		got.want(t, deferred.ErrCancelled)
		if n := len(c.GetDelayedCalls()); n != 0 {
			t.Fatalf("%d calls pending", n)
		}
		c.Advance(time.Minute)
	})
	t.Run("cancelled by its own function, it goes on", func(t *testing.T) {
		var c task.Clock
		var d *deferred.Deferred[int]
		d = task.DeferLater(&c, time.Second, func() (int, error) { d.Cancel(); return 3, nil })
		got := watch(d)
		c.Advance(time.Second)
		got.want(t, nil)
	})
}
