package task_test

import (
	"slices"
	"testing"
	"time"

	"proxyherd/reactor"
	"proxyherd/reactor/deferred"
	"proxyherd/reactor/task"
)

// noting makes a looping call that notes the seconds at which it is called.
func noting(c reactor.Time) (l *task.LoopingCall, times *[]float64) {
	times = new([]float64)
	return task.NewLoopingCall(c, func() *deferred.Deferred[struct{}] {
		*times = append(*times, since(c).Seconds())
		return nothing
	}), times
}

func wantTimes(t *testing.T, got []float64, want ...float64) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Fatalf("called at %v s, want %v", got, want)
	}
}

// seconds turns numbers of seconds into durations.
func seconds(s ...float64) []time.Duration {
	durations := make([]time.Duration, len(s))
	for i := range s {
		durations[i] = time.Duration(s[i] * float64(time.Second))
	}
	return durations
}

// TestLoopingCall is twisted/test/test_task.py's LoopTestCase, and LC1 to LC9.
func TestLoopingCall(t *testing.T) {
	t.Run("is called at once and every interval, until Stop, which gives it back", func(t *testing.T) {
		var c task.Clock
		l, times := noting(&c)
		done := start(t, l, time.Second, true)
		wantTimes(t, *times, 0) // before Start has returned
		if !l.Running() || l.Interval() != time.Second {
			t.Fatalf("running: %v, every %v", l.Running(), l.Interval())
		}
		c.Pump(seconds(0.5, 0.5, 1, 1)...)
		wantTimes(t, *times, 0, 1, 2, 3)
		done.wantNothing(t)
		wantNil(t, l.Stop())
		done.want(t, nil)
		if done.value != l || l.Running() {
			t.Fatalf("gave back %p, not %p; or runs still: %v", done.value, l, l.Running())
		}
		c.Advance(time.Hour)
		wantTimes(t, *times, 0, 1, 2, 3)
		if n := len(c.GetDelayedCalls()); n != 0 {
			t.Fatalf("%d calls pending", n)
		}
	})
	t.Run("is called first after an interval, if it is told so", func(t *testing.T) {
		var c task.Clock
		l, times := noting(&c)
		start(t, l, 2*time.Second, false)
		wantTimes(t, *times)
		c.Pump(seconds(1, 1, 1, 1)...)
		wantTimes(t, *times, 2, 4)
	})
	t.Run("uses the clock that it is given", func(t *testing.T) { // LC9
		var c, other task.Clock
		l, times := noting(&c)
		start(t, l, time.Second, false)
		other.Advance(time.Minute)
		wantTimes(t, *times)
		c.Advance(time.Second)
		wantTimes(t, *times, 1)
	})
	t.Run("leaves out the times that a slow call has missed", func(t *testing.T) { // LC4
		var c task.Clock
		var times []float64
		l := task.NewLoopingCall(&c, func() *deferred.Deferred[struct{}] {
			times = append(times, since(&c).Seconds())
			if len(times) == 2 {
				c.Advance(3500 * time.Millisecond) // it takes that long
			}
			return nothing
		})
		start(t, l, time.Second, true)
		c.Pump(seconds(1, 0.25, 0.25, 1)...) // 1, then 4.75, 5, 6
		wantTimes(t, times, 0, 1, 5, 6)
	})
	t.Run("is called once after a long sleep, and then on the grid", func(t *testing.T) { // LC4
		var c task.Clock
		l, times := noting(&c)
		start(t, l, time.Second, true)
		c.Pump(seconds(1, 3.5, 0.5, 1, 0.5, 0.5)...) // wakes at 1, 4.5, 5, 6, 6.5, 7
		wantTimes(t, *times, 0, 1, 4.5, 5, 6, 7)
	})
	t.Run("does not drift", func(t *testing.T) { // LC4
		var c task.Clock
		l, times := noting(&c)
		start(t, l, 100*time.Millisecond, false)
		for range 1000 { // woken late each time, by 70 ms at the most
			c.Advance(130 * time.Millisecond)
		}
		// 130 s: every grid time was late, and none was made up for.
		last := (*times)[len(*times)-1]
		if last != 130 || len(*times) != 1000 {
			t.Fatalf("%d calls, the last at %v s; want 1000 and 130 s", len(*times), last)
		}
		next := c.GetDelayedCalls()[0].GetTime().Sub(epoch)
		if next != 130100*time.Millisecond {
			t.Fatalf("the next is at %v, which is not on the grid", next)
		}
	})
	t.Run("refuses a negative interval", func(t *testing.T) { // LC1
		var c task.Clock
		l, times := noting(&c)
		d, err := l.Start(-1, true)
		wantErr(t, err, task.ErrInterval)
		if d != nil || l.Running() {
			t.Fatal("it started")
		}
		wantTimes(t, *times)
	})
	t.Run("refuses to start while it runs, or while a call is under way", func(t *testing.T) { // LC1
		var c task.Clock
		working := deferred.New[struct{}](nil)
		l := task.NewLoopingCall(&c, func() *deferred.Deferred[struct{}] { return working })
		done := start(t, l, time.Second, true)
		_, err := l.Start(time.Second, true)
		wantErr(t, err, task.ErrLoopRunning)
		wantNil(t, l.Stop())
		_, err = l.Start(time.Second, true)
		wantErr(t, err, task.ErrLoopRunning)
		working.Callback(struct{}{})
		done.want(t, nil)
		start(t, l, time.Second, true)
	})
	t.Run("refuses Stop and Reset when it does not run", func(t *testing.T) { // LC6
		var c task.Clock
		l, _ := noting(&c)
		wantErr(t, l.Stop(), task.ErrLoopNotRunning)
		wantErr(t, l.Reset(), task.ErrLoopNotRunning)
	})
	t.Run("stopped right after a start without an interval, it is never called", func(t *testing.T) {
		var c task.Clock
		l, times := noting(&c)
		done := start(t, l, 0, false)
		wantNil(t, l.Stop())
		done.want(t, nil)
		c.Advance(time.Minute)
		wantTimes(t, *times)
	})
	t.Run("stopped before its first interval has passed, it is never called", func(t *testing.T) {
		var c task.Clock
		l, times := noting(&c)
		done := start(t, l, 10*time.Second, false)
		c.Advance(9 * time.Second)
		wantNil(t, l.Stop())
		done.want(t, nil)
		c.Advance(time.Minute)
		wantTimes(t, *times)
	})
	t.Run("Stop within a call takes effect when that ends", func(t *testing.T) { // LC6
		var c task.Clock
		var done *result[*task.LoopingCall]
		var l *task.LoopingCall
		l = task.NewLoopingCall(&c, func() *deferred.Deferred[struct{}] {
			wantNil(t, l.Stop())
			done.wantNothing(t)
			return nothing
		})
		done = start(t, l, time.Second, false)
		c.Advance(time.Second)
		done.want(t, nil)
	})
	t.Run("Reset waits a whole interval from now and moves the grid", func(t *testing.T) { // LC7
		var c task.Clock
		l, times := noting(&c)
		start(t, l, 5*time.Second, false)
		c.Advance(3 * time.Second)
		wantNil(t, l.Reset())
		c.Pump(seconds(2, 3)...) // 5, 8
		wantTimes(t, *times, 8)
		c.Pump(seconds(2, 3)...) // 10, 13
		wantTimes(t, *times, 8, 13)
	})
	t.Run("Reset within a call changes nothing", func(t *testing.T) { // LC7
		var c task.Clock
		var times []float64
		var l *task.LoopingCall
		l = task.NewLoopingCall(&c, func() *deferred.Deferred[struct{}] {
			times = append(times, since(&c).Seconds())
			wantNil(t, l.Reset())
			return nothing
		})
		start(t, l, time.Second, true)
		c.Pump(seconds(1.25, 0.75)...) // were the grid moved, the next would be at 2.25
		wantTimes(t, times, 0, 1.25, 2)
	})
	t.Run("keeps its grid when the clock is set back", func(t *testing.T) { // LC4
		var c task.Clock
		calls := 0
		l := task.NewLoopingCall(&c, func() *deferred.Deferred[struct{}] {
			if calls++; calls == 2 {
				c.Advance(-10 * time.Second)
			}
			return nothing
		})
		start(t, l, time.Second, true)
		c.Advance(time.Second)
		wantDue(t, c.GetDelayedCalls()[0], 2*time.Second)
		c.Advance(11 * time.Second)
		if calls != 3 {
			t.Fatalf("%d calls, want the third at 2 s", calls)
		}
	})
	t.Run("cancelling its Deferred stops it", func(t *testing.T) {
		var c task.Clock
		l, times := noting(&c)
		d, err := l.Start(time.Second, true)
		wantNil(t, err)
		done := watch(d)
		d.Cancel()
		done.want(t, deferred.ErrCancelled)
		if l.Running() || len(c.GetDelayedCalls()) != 0 {
			t.Fatal("it runs on")
		}
		c.Advance(time.Minute)
		wantTimes(t, *times, 0)
	})
	t.Run("cancelling its Deferred while a call is under way stops it too", func(t *testing.T) {
		var c task.Clock
		working := deferred.New[struct{}](nil)
		l := task.NewLoopingCall(&c, func() *deferred.Deferred[struct{}] { return working })
		d, err := l.Start(time.Second, true)
		wantNil(t, err)
		done := watch(d)
		d.Cancel()
		working.Callback(struct{}{})
		watch(working).want(t, nil)
		done.want(t, deferred.ErrCancelled)
		if n := len(c.GetDelayedCalls()); n != 0 {
			t.Fatalf("%d calls pending", n)
		}
	})
}
