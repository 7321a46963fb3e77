package task_test

import (
	"slices"
	"testing"
	"time"

	"proxyherd/reactor/deferred"
	"proxyherd/reactor/task"
)

// TestWithCount is LC8.
func TestWithCount(t *testing.T) {
	counting := func(c *task.Clock) (l *task.LoopingCall, counts *[]int) {
		counts = new([]int)
		return task.WithCount(c, func(n int) *deferred.Deferred[struct{}] {
			*counts = append(*counts, n)
			return nothing
		}), counts
	}
	want := func(t *testing.T, got []int, want ...int) {
		t.Helper()
		if !slices.Equal(got, want) {
			t.Fatalf("counts %v, want %v", got, want)
		}
	}
	t.Run("is one a call, the first included", func(t *testing.T) {
		var c task.Clock
		l, counts := counting(&c)
		start(t, l, 500*time.Millisecond, true)
		want(t, *counts, 1)
		c.Pump(seconds(0.5, 0.5)...)
		want(t, *counts, 1, 1, 1)
	})
	t.Run("has the intervals that passed in a long sleep", func(t *testing.T) {
		var c task.Clock
		l, counts := counting(&c)
		start(t, l, 500*time.Millisecond, true)
		c.Pump(seconds(0.5, 2.0, 0.5)...)
		want(t, *counts, 1, 1, 4, 1)
	})
	t.Run("rises only when a whole call was missed", func(t *testing.T) {
		var c task.Clock
		l, counts := counting(&c)
		start(t, l, 500*time.Millisecond, false)
		c.Pump(seconds(0.75, 0.25, 0.9, 0.1)...) // calls at 0.75, 1, 1.9, 2
		want(t, *counts, 1, 1, 1, 1)
		c.Advance(1100 * time.Millisecond) // at 3.1, due at 2.5
		want(t, *counts, 1, 1, 1, 1, 2)
	})
	t.Run("has the calls missed while one was waited for", func(t *testing.T) {
		var c task.Clock
		var counts []int
		working := deferred.New[struct{}](nil)
		l := task.WithCount(&c, func(n int) *deferred.Deferred[struct{}] {
			counts = append(counts, n)
			if len(counts) == 2 {
				return working
			}
			return nothing
		})
		start(t, l, 200*time.Millisecond, true)
		c.Pump(seconds(0.2, 0.2, 0.2)...) // waits since 0.2, until 0.6
		working.Callback(struct{}{})
		c.Advance(200 * time.Millisecond)
		want(t, counts, 1, 1, 3)
	})
	t.Run("is never 0 and then 2", func(t *testing.T) {
		var c task.Clock
		l, counts := counting(&c)
		start(t, l, 100*time.Millisecond, true)
		for range 40 {
			c.Advance(100 * time.Millisecond)
		}
		if len(*counts) != 41 || slices.Min(*counts) != 1 || slices.Max(*counts) != 1 {
			t.Fatalf("counts %v, want 41 times 1", *counts)
		}
	})
	t.Run("is always 1 without an interval", func(t *testing.T) {
		var c task.Clock
		var counts []int
		var l *task.LoopingCall
		l = task.WithCount(&c, func(n int) *deferred.Deferred[struct{}] {
			if counts = append(counts, n); len(counts) == 3 {
				wantNil(t, l.Stop())
			}
			return nothing
		})
		start(t, l, 0, true)
		c.Advance(time.Second)
		want(t, counts, 1, 1, 1)
	})
}
