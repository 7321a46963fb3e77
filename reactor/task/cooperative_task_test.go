package task_test

import (
	"testing"

	"proxyherd/reactor/deferred"
	"proxyherd/reactor/task"
)

// TestCooperativeTask is twisted/test/test_cooperator.py's RunStateTests, and
// CO2.
func TestCooperativeTask(t *testing.T) {
	// endless is a task that notes its steps, one a turn.
	endless := func(t *testing.T) (c *task.Clock, cooperator *task.Cooperator, endless *task.CooperativeTask, steps *[]string) {
		c, steps = new(task.Clock), new([]string)
		cooperator = stepwise(c, 1)
		t.Cleanup(cooperator.Stop)
		return c, cooperator, cooperator.Cooperate(noteSteps(steps, "step", -1)), steps
	}
	wantSteps := func(t *testing.T, steps *[]string, n int) {
		t.Helper()
		if len(*steps) != n {
			t.Fatalf("%d steps, want %d", len(*steps), n)
		}
	}

	t.Run("makes no step while it is paused", func(t *testing.T) {
		c, _, paused, steps := endless(t)
		turns(c, 1)
		wantNil(t, paused.Pause())
		turns(c, 3)
		wantSteps(t, steps, 1)
		wantNil(t, paused.Resume())
		wantSteps(t, steps, 1) // not before the next turn
		turns(c, 2)
		wantSteps(t, steps, 3)
	})
	t.Run("cannot be resumed when it is not paused", func(t *testing.T) {
		_, _, running, _ := endless(t)
		wantErr(t, running.Resume(), task.ErrNotPaused)
	})
	t.Run("paused twice needs two resumes", func(t *testing.T) {
		c, _, paused, steps := endless(t)
		wantNil(t, paused.Pause())
		wantNil(t, paused.Pause())
		wantNil(t, paused.Resume())
		turns(c, 3)
		wantSteps(t, steps, 0)
		wantNil(t, paused.Resume())
		turns(c, 1)
		wantSteps(t, steps, 1)
		wantErr(t, paused.Resume(), task.ErrNotPaused)
	})
	t.Run("paused while it waits for a Deferred needs both", func(t *testing.T) {
		for _, resumeFirst := range []bool{true, false} {
			var c task.Clock
			cooperator := stepwise(&c, 1)
			waits, went := deferred.New[struct{}](nil), false
			waiting := cooperator.Cooperate(func(yield func(*deferred.Deferred[struct{}]) bool) {
				went = yield(waits)
			})
			turns(&c, 1)
			wantNil(t, waiting.Pause())
			release := func() { waits.Callback(struct{}{}) }
			resume := func() { wantNil(t, waiting.Resume()) }
			if resumeFirst {
				release, resume = resume, release
			}
			release()
			turns(&c, 3)
			if went {
				t.Fatal("went on after one of the two")
			}
			resume()
			turns(&c, 1)
			if !went {
				t.Fatal("did not go on after both")
			}
		}
	})
	t.Run("tells everyone who asks when it is done", func(t *testing.T) {
		var c task.Clock
		var steps []string
		done := stepwise(&c, 1).Cooperate(noteSteps(&steps, "step", 1))
		d1, d2 := done.WhenDone(), done.WhenDone()
		if d1 == d2 {
			t.Fatal("the same Deferred twice")
		}
		first, second := watch(d1), watch(d2)
		turns(&c, 1)
		first.wantNothing(t)
		turns(&c, 1)
		first.want(t, nil)
		second.want(t, nil)
		if first.value != done || second.value != done {
			t.Fatal("told something else than the task")
		}
	})
	t.Run("tells the error of the work", func(t *testing.T) {
		var c task.Clock
		failed := watch(stepwise(&c, 1).Cooperate(func(func(*deferred.Deferred[struct{}]) bool) { panic(errBroken) }).WhenDone())
		turns(&c, 1)
		failed.want(t, errBroken)
	})
	t.Run("tells that it was stopped", func(t *testing.T) {
		_, _, stopped, _ := endless(t)
		told := watch(stopped.WhenDone())
		wantNil(t, stopped.Stop())
		told.want(t, task.ErrTaskStopped)
	})
	t.Run("tells at once when it has ended already", func(t *testing.T) {
		var c task.Clock
		var steps []string
		done := stepwise(&c, 1).Cooperate(noteSteps(&steps, "step", 0))
		turns(&c, 1)
		watch(done.WhenDone()).want(t, nil)
	})
	t.Run("stopped makes no step and cannot be controlled", func(t *testing.T) {
		c, _, stopped, steps := endless(t)
		wantNil(t, stopped.Stop())
		turns(c, 3)
		wantSteps(t, steps, 0)
		for _, err := range []error{stopped.Stop(), stopped.Pause()} {
			wantErr(t, err, task.ErrTaskStopped)
			if !isFinished(err) {
				t.Errorf("%v is no ErrTaskFinished", err)
			}
		}
	})
	t.Run("paused and then stopped, resuming it does nothing", func(t *testing.T) {
		c, _, stopped, steps := endless(t)
		wantNil(t, stopped.Pause())
		wantNil(t, stopped.Stop())
		wantNil(t, stopped.Resume())
		turns(c, 3)
		wantSteps(t, steps, 0)
		wantErr(t, stopped.Stop(), task.ErrTaskStopped)
	})
	t.Run("stopped while it waits, what it waited for means nothing", func(t *testing.T) {
		for _, err := range []error{nil, errBroken} {
			var c task.Clock
			waits := deferred.New[struct{}](nil)
			stopped := stepwise(&c, 1).Cooperate(yields(t, waits))
			told := watch(stopped.WhenDone())
			turns(&c, 1)
			wantNil(t, stopped.Stop())
			if err == nil {
				waits.Callback(struct{}{})
			} else {
				waits.Errback(err)
				watch(waits).want(t, err) // and is still somebody's to take
			}
			turns(&c, 3)
			told.want(t, task.ErrTaskStopped)
		}
	})
	t.Run("done cannot be stopped", func(t *testing.T) {
		var c task.Clock
		var steps []string
		done := stepwise(&c, 1).Cooperate(noteSteps(&steps, "step", 0))
		turns(&c, 1)
		wantErr(t, done.Stop(), task.ErrTaskDone)
	})
	t.Run("failed cannot be stopped", func(t *testing.T) {
		var c task.Clock
		failed := stepwise(&c, 1).Cooperate(func(func(*deferred.Deferred[struct{}]) bool) { panic(errBroken) })
		watch(failed.WhenDone())
		turns(&c, 1)
		wantErr(t, failed.Stop(), task.ErrTaskFailed)
		wantErr(t, failed.Pause(), errBroken)
	})
	t.Run("may stop the cooperator when it has ended", func(t *testing.T) {
		c, cooperator, other, _ := endless(t)
		var steps []string
		ended := cooperator.Cooperate(noteSteps(&steps, "step", 0))
		told := watch(other.WhenDone())
		ended.WhenDone().AddCallback(func(ended *task.CooperativeTask) (*task.CooperativeTask, error) {
			cooperator.Stop()
			return ended, nil
		})
		turns(c, 4)
		told.want(t, task.ErrSchedulerStopped)
		if cooperator.Running() || len(c.GetDelayedCalls()) != 0 {
			t.Error("it runs on")
		}
	})
}
