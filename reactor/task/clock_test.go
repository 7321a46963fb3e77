package task_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"proxyherd/reactor"
	"proxyherd/reactor/task"
)

var epoch = time.Unix(0, 0).UTC()

// note appends its argument to a list when it is called.
func note[T any](list *[]T, what T) func() { return func() { *list = append(*list, what) } }

func wantOrder(t *testing.T, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Fatalf("calls ran in the order %q, want %q", got, want)
	}
}

func wantDue(t *testing.T, call reactor.DelayedCall, after time.Duration) {
	t.Helper()
	if got := call.GetTime(); !got.Equal(epoch.Add(after)) {
		t.Fatalf("due %v after the start, want %v", got.Sub(epoch), after)
	}
}

func wantNil(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestClock is twisted/test/test_task.py's ClockTestCase, and the rules CK1 to
// CK5.
func TestClock(t *testing.T) {
	t.Run("starts at the epoch and tells the time that it was moved to", func(t *testing.T) {
		var c task.Clock
		if !c.Seconds().Equal(epoch) {
			t.Fatalf("starts at %v", c.Seconds())
		}
		c.Advance(1500 * time.Millisecond)
		if got := c.Seconds().Sub(epoch); got != 1500*time.Millisecond {
			t.Fatalf("%v after the start, want 1.5s", got)
		}
	})
	t.Run("starts where NewClock says", func(t *testing.T) {
		start := time.Date(2013, 11, 8, 12, 0, 0, 0, time.UTC)
		c := task.NewClock(start)
		c.Advance(time.Hour)
		if got := c.Seconds(); !got.Equal(start.Add(time.Hour)) {
			t.Fatalf("it is %v", got)
		}
	})
	t.Run("a call knows when it is due", func(t *testing.T) {
		var c task.Clock
		call := c.CallLater(time.Second, func() {})
		wantDue(t, call, time.Second)
		if !call.Active() {
			t.Fatal("a pending call is not active")
		}
	})
	t.Run("a cancelled call is gone", func(t *testing.T) {
		var c task.Clock
		call := c.CallLater(time.Second, func() { t.Error("a cancelled call ran") })
		wantNil(t, call.Cancel())
		if n := len(c.GetDelayedCalls()); n != 0 {
			t.Fatalf("%d calls pending", n)
		}
		if err := call.Cancel(); !errors.Is(err, reactor.ErrAlreadyCancelled) {
			t.Fatalf("cancelled twice: %v", err)
		}
		c.Advance(time.Minute)
	})
	t.Run("every call is one of its own", func(t *testing.T) {
		var c task.Clock
		first, second := c.CallLater(10, func() {}), c.CallLater(5, func() {})
		if first == second {
			t.Fatal("two CallLater gave the same call")
		}
		wantDue(t, first, 10)
		wantDue(t, second, 5)
	})
	t.Run("Advance runs what is due and nothing else", func(t *testing.T) {
		var c task.Clock
		var ran []string
		c.CallLater(time.Second, note(&ran, "call"))
		c.Advance(999 * time.Millisecond)
		wantOrder(t, ran)
		c.Advance(time.Millisecond)
		wantOrder(t, ran, "call")
		c.Advance(time.Hour)
		wantOrder(t, ran, "call")
	})
	t.Run("a call cannot cancel itself while it runs", func(t *testing.T) {
		var c task.Clock
		var call reactor.DelayedCall
		var err error
		call = c.CallLater(time.Second, func() { err = call.Cancel() })
		c.Advance(time.Second)
		if !errors.Is(err, reactor.ErrAlreadyCalled) {
			t.Fatalf("Cancel gave %v", err)
		}
		if call.Active() {
			t.Fatal("active after it ran")
		}
	})
	t.Run("Delay counts from the due time", func(t *testing.T) {
		var c task.Clock
		call := c.CallLater(1*time.Second, func() {})
		c.Advance(500 * time.Millisecond)
		wantNil(t, call.Delay(3*time.Second))
		wantDue(t, call, 4*time.Second)
	})
	t.Run("Reset to a later time counts from now", func(t *testing.T) {
		var c task.Clock
		call := c.CallLater(2*time.Second, func() {})
		c.Advance(time.Second)
		wantNil(t, call.Reset(3*time.Second))
		wantDue(t, call, 4*time.Second)
	})
	t.Run("Reset to a sooner time counts from now", func(t *testing.T) {
		var c task.Clock
		call := c.CallLater(4*time.Second, func() {})
		wantNil(t, call.Reset(3*time.Second))
		wantDue(t, call, 3*time.Second)
	})
	t.Run("GetDelayedCalls lists every pending call", func(t *testing.T) {
		var c task.Clock
		made := []reactor.DelayedCall{c.CallLater(10, func() {}), c.CallLater(20, func() {}), c.CallLater(5, func() {})}
		c.Advance(1)
		made = append(made, c.CallLater(1, func() {}))
		got := c.GetDelayedCalls()
		if len(got) != len(made) {
			t.Fatalf("%d calls listed, want %d", len(got), len(made))
		}
		for i, call := range made {
			if !slices.Contains(got, call) {
				t.Errorf("call %d is not listed", i)
			}
		}
	})
	t.Run("a new clock has no calls", func(t *testing.T) {
		var c task.Clock
		if n := len(c.GetDelayedCalls()); n != 0 {
			t.Fatalf("%d calls", n)
		}
	})
	t.Run("a call made later but due sooner runs first", func(t *testing.T) {
		var c task.Clock
		var ran []string
		c.CallLater(10*time.Second, note(&ran, "later"))
		c.CallLater(5*time.Second, note(&ran, "sooner"))
		c.Advance(15 * time.Second)
		wantOrder(t, ran, "sooner", "later")
	})
	t.Run("Reset changes the order", func(t *testing.T) {
		var c task.Clock
		var ran []string
		moved := c.CallLater(10*time.Second, note(&ran, "moved"))
		c.CallLater(8*time.Second, note(&ran, "left"))
		wantNil(t, moved.Reset(4*time.Second))
		c.Advance(20 * time.Second)
		wantOrder(t, ran, "moved", "left")
	})
	t.Run("Reset inside a call changes the order of the rest", func(t *testing.T) {
		var c task.Clock
		var ran []string
		moved := c.CallLater(2*time.Second, note(&ran, "moved"))
		c.CallLater(3*time.Second, note(&ran, "left"))
		c.CallLater(1*time.Second, func() {
			ran = append(ran, "mover")
			if err := moved.Reset(3 * time.Second); err != nil { // now is 5: due at 8
				t.Error(err)
			}
		})
		c.Pump(5*time.Second, 3*time.Second)
		wantOrder(t, ran, "mover", "left", "moved")
	})
}

func TestClockAdvance(t *testing.T) {
	t.Run("jumps to the end first", func(t *testing.T) { // CK1
		var c task.Clock
		var seen []time.Duration
		for _, after := range []time.Duration{2, 1} {
			c.CallLater(after, func() { seen = append(seen, c.Seconds().Sub(epoch)) })
		}
		c.Advance(10)
		if !slices.Equal(seen, []time.Duration{10, 10}) {
			t.Fatalf("the calls saw %v, want the end of the advance", seen)
		}
	})
	t.Run("runs what its calls schedule, if that is due", func(t *testing.T) { // CK2
		var c task.Clock
		var ran []string
		c.CallLater(1, func() {
			ran = append(ran, "first")
			c.CallLater(0, note(&ran, "at once"))
			c.CallLater(1, note(&ran, "not yet"))
		})
		c.Advance(5)
		wantOrder(t, ran, "first", "at once")
		c.Advance(1)
		wantOrder(t, ran, "first", "at once", "not yet")
	})
	t.Run("keeps the order of calls due at the same time", func(t *testing.T) { // CK3
		var c task.Clock
		var ran []int
		for i := range 50 {
			c.CallLater(time.Second, note(&ran, i))
		}
		c.Advance(time.Second)
		if len(ran) != 50 || !slices.IsSorted(ran) {
			t.Fatalf("ran as %v", ran)
		}
	})
	t.Run("lets a panic out and keeps the rest", func(t *testing.T) { // CK4
		var c task.Clock
		var ran []string
		c.CallLater(1, func() { panic("boom") })
		c.CallLater(2, note(&ran, "rest"))
		func() {
			defer func() {
				if v := recover(); v != "boom" {
					t.Errorf("recovered %v, want the call's panic", v)
				}
			}()
			c.Advance(5)
		}()
		wantOrder(t, ran)
		if n := len(c.GetDelayedCalls()); n != 1 {
			t.Fatalf("%d calls pending, want the one after the panic", n)
		}
		c.Advance(0)
		wantOrder(t, ran, "rest")
	})
	t.Run("Pump is one Advance after another", func(t *testing.T) { // CK5
		var c task.Clock
		var seen []time.Duration
		c.CallLater(3, func() { seen = append(seen, c.Seconds().Sub(epoch)) })
		c.Pump(1, 1, 1, 1)
		if !slices.Equal(seen, []time.Duration{3}) || !c.Seconds().Equal(epoch.Add(4)) {
			t.Fatalf("ran at %v, ended at %v", seen, c.Seconds())
		}
	})
}
