package task_test

import (
	"testing"
	"time"

	"proxyherd/reactor/deferred"
	"proxyherd/reactor/task"
)

// TestCooperator is twisted/test/test_cooperator.py's TestCooperator and
// AliasTests, and CO1.
func TestCooperator(t *testing.T) {
	t.Run("does work to its end", func(t *testing.T) {
		var c task.Clock
		var steps []string
		done := watch(task.NewCooperator(task.CooperatorConfig{Clock: &c}).Coiterate(noteSteps(&steps, "a", 3)))
		wantOrder(t, steps) // never before it has returned
		turns(&c, 1)
		wantOrder(t, steps, "a", "a", "a")
		done.want(t, nil)
	})
	t.Run("refuses work when it has stopped", func(t *testing.T) {
		var c task.Clock
		var steps []string
		cooperator := task.NewCooperator(task.CooperatorConfig{Clock: &c})
		cooperator.Stop()
		refused := cooperator.Cooperate(noteSteps(&steps, "a", 1))
		watch(refused.WhenDone()).want(t, task.ErrSchedulerStopped)
		wantErr(t, refused.Pause(), task.ErrSchedulerStopped)
		turns(&c, 3)
		wantOrder(t, steps)
	})
	t.Run("takes work on again when it is started again", func(t *testing.T) {
		var c task.Clock
		var steps []string
		cooperator := stepwise(&c, 1)
		cooperator.Stop()
		cooperator.Start()
		done := watch(cooperator.Coiterate(noteSteps(&steps, "a", 1)))
		turns(&c, 2)
		done.want(t, nil)
	})
	t.Run("Stop ends running work without another step", func(t *testing.T) {
		var c task.Clock
		var steps []string
		cooperator := stepwise(&c, 1)
		tidied := false
		done := watch(cooperator.Coiterate(func(yield func(*deferred.Deferred[struct{}]) bool) {
			defer func() { tidied = true }()
			for yield(nothing) {
				steps = append(steps, "a")
			}
		}))
		turns(&c, 3)
		wantOrder(t, steps, "a", "a")
		cooperator.Stop()
		done.want(t, task.ErrSchedulerStopped)
		if !tidied {
			t.Error("the work could not tidy up")
		}
		turns(&c, 3)
		wantOrder(t, steps, "a", "a")
		if n := len(c.GetDelayedCalls()); n != 0 {
			t.Errorf("%d calls pending", n)
		}
	})
	t.Run("Stop ends work that waits for a Deferred", func(t *testing.T) {
		var c task.Clock
		cooperator := stepwise(&c, 1)
		waits := deferred.New[struct{}](nil)
		done := watch(cooperator.Coiterate(func(yield func(*deferred.Deferred[struct{}]) bool) {
			if yield(waits) {
				t.Error("a step after Stop")
			}
		}))
		turns(&c, 1)
		cooperator.Stop()
		done.want(t, task.ErrSchedulerStopped)
		waits.Callback(struct{}{})
		turns(&c, 1)
		done.want(t, task.ErrSchedulerStopped)
	})
	t.Run("Stop ends work within a step, and lets it tidy up", func(t *testing.T) {
		var c task.Clock
		cooperator := stepwise(&c, 1)
		tidied := false
		done := watch(cooperator.Coiterate(func(yield func(*deferred.Deferred[struct{}]) bool) {
			cooperator.Stop()
			tidied = !yield(nothing)
		}))
		turns(&c, 2)
		done.want(t, task.ErrSchedulerStopped)
		if !tidied {
			t.Error("the work went on")
		}
	})
	t.Run("a panic in the work is its failure", func(t *testing.T) {
		var c task.Clock
		done := watch(stepwise(&c, 1).Coiterate(func(func(*deferred.Deferred[struct{}]) bool) { panic(errBroken) }))
		turns(&c, 1)
		done.want(t, errBroken)
	})
	t.Run("a panic in work that tidies up is told, and why it was ended", func(t *testing.T) {
		var c task.Clock
		ended := stepwise(&c, 1).Cooperate(func(yield func(*deferred.Deferred[struct{}]) bool) {
			yield(nothing)
			panic(errBroken)
		})
		done := watch(ended.WhenDone())
		turns(&c, 1)
		wantNil(t, ended.Stop())
		done.want(t, errBroken)
		done.want(t, task.ErrTaskStopped)
	})
	t.Run("the failure of what the work waits for is its failure", func(t *testing.T) {
		var c task.Clock
		waits := deferred.New[struct{}](nil)
		done := watch(stepwise(&c, 1).Coiterate(yields(t, waits)))
		turns(&c, 1)
		done.wantNothing(t)
		waits.Errback(errBroken)
		done.want(t, errBroken)
	})
	t.Run("a Deferred that has failed already is its failure", func(t *testing.T) {
		var c task.Clock
		done := watch(stepwise(&c, 1).Coiterate(yields(t, deferred.Fail[struct{}](errBroken))))
		turns(&c, 1)
		done.want(t, errBroken)
	})
	t.Run("tasks take turns, one step each", func(t *testing.T) {
		var c task.Clock
		var steps []string
		cooperator := stepwise(&c, 4)
		for _, name := range []string{"a", "b", "c"} {
			cooperator.Cooperate(noteSteps(&steps, name, 2))
		}
		turns(&c, 4)
		wantOrder(t, steps, "a", "b", "c", "a", "b", "c")
	})
	t.Run("nobody loses a step when another task ends", func(t *testing.T) {
		var c task.Clock
		var steps []string
		cooperator := stepwise(&c, 1)
		cooperator.Cooperate(noteSteps(&steps, "a", 0)) // ends with its first step
		cooperator.Cooperate(noteSteps(&steps, "b", 2))
		cooperator.Cooperate(noteSteps(&steps, "c", 2))
		turns(&c, 8)
		wantOrder(t, steps, "b", "c", "b", "c")
	})
	t.Run("a turn is over when the predicate says so, after a whole step", func(t *testing.T) {
		var c task.Clock
		var steps []string
		cooperator := stepwise(&c, 2)
		cooperator.Cooperate(noteSteps(&steps, "a", -1))
		cooperator.Cooperate(noteSteps(&steps, "b", -1))
		cooperator.Cooperate(noteSteps(&steps, "c", -1))
		turns(&c, 1)
		wantOrder(t, steps, "a", "b")
		turns(&c, 1)
		wantOrder(t, steps, "a", "b", "c", "a") // it goes on where it was
		cooperator.Stop()
	})
	t.Run("a turn is over after ten milliseconds if nobody says otherwise", func(t *testing.T) { // CO1
		var c task.Clock
		cooperator := task.NewCooperator(task.CooperatorConfig{Clock: &c})
		began := time.Now()
		cooperator.Cooperate(func(yield func(*deferred.Deferred[struct{}]) bool) {
			for yield(nothing) { // for ever
			}
		})
		turns(&c, 1) // would never return
		if took := time.Since(began); took < 10*time.Millisecond {
			t.Errorf("the turn took %v", took)
		}
		cooperator.Stop()
	})
	t.Run("work added when work ends is done in the next turns, one at a time", func(t *testing.T) {
		var c task.Clock
		var steps []string
		cooperator := stepwise(&c, 1)
		var second *result[*task.CooperativeTask]
		cooperator.Coiterate(noteSteps(&steps, "first", 1)).AddCallback(func(ended *task.CooperativeTask) (*task.CooperativeTask, error) {
			second = watch(cooperator.Coiterate(noteSteps(&steps, "second", 1)))
			return ended, nil
		})
		for pending := 1; second == nil || second.fired == 0; pending = len(c.GetDelayedCalls()) {
			if pending != 1 {
				t.Fatalf("%d turns pending", pending)
			}
			turns(&c, 1)
		}
		wantOrder(t, steps, "first", "second")
	})
	t.Run("without a task there is no turn to come", func(t *testing.T) {
		var c task.Clock
		var steps []string
		cooperator := stepwise(&c, 1)
		only := cooperator.Cooperate(noteSteps(&steps, "a", -1))
		if n := len(c.GetDelayedCalls()); n != 1 {
			t.Fatalf("%d turns pending, want 1", n)
		}
		wantNil(t, only.Stop())
		if n := len(c.GetDelayedCalls()); n != 0 {
			t.Fatalf("%d turns pending, want none", n)
		}
	})
	t.Run("a failing predicate does not end it for good", func(t *testing.T) {
		var c task.Clock
		var steps []string
		fails := true
		cooperator := task.NewCooperator(task.CooperatorConfig{Clock: &c, TerminationPredicateFactory: func() func() bool {
			if fails {
				fails = false
				panic(errBroken)
			}
			return func() bool { return false }
		}})
		done := watch(cooperator.Coiterate(noteSteps(&steps, "a", 1)))
		func() {
			defer func() {
				if v := recover(); v != errBroken {
					t.Errorf("recovered %v", v)
				}
			}()
			turns(&c, 1)
		}()
		turns(&c, 1)
		done.want(t, nil)
	})
	t.Run("needs a clock", func(t *testing.T) {
		defer func() {
			if recover() == nil {
				t.Error("no panic")
			}
		}()
		task.NewCooperator(task.CooperatorConfig{})
	})
}

func TestCooperatorRunning(t *testing.T) {
	var c task.Clock
	made := func(notStarted bool) *task.Cooperator {
		return task.NewCooperator(task.CooperatorConfig{Clock: &c, NotStarted: notStarted})
	}
	want := func(t *testing.T, cooperator *task.Cooperator, running bool) {
		t.Helper()
		if cooperator.Running() != running {
			t.Errorf("Running is %v", !running)
		}
	}
	t.Run("when it was made", func(t *testing.T) { want(t, made(false), true) })
	t.Run("not when it was made so", func(t *testing.T) { want(t, made(true), false) })
	t.Run("once it was started, and does the work that waited", func(t *testing.T) {
		cooperator := made(true)
		var steps []string
		done := watch(cooperator.Coiterate(noteSteps(&steps, "a", 1)))
		turns(&c, 3)
		wantOrder(t, steps)
		cooperator.Start()
		want(t, cooperator, true)
		turns(&c, 3)
		done.want(t, nil)
	})
	t.Run("not once it was stopped", func(t *testing.T) {
		cooperator := made(false)
		cooperator.Stop()
		want(t, cooperator, false)
	})
}
