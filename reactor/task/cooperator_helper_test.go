package task_test

import (
	"errors"
	"testing"
	"time"

	"proxyherd/reactor/deferred"
	"proxyherd/reactor/task"
)

// turnTime is more than a Cooperator's rest between turns.
const turnTime = time.Millisecond

// stepwise is a Cooperator whose turns have so many steps, for as many turns as
// the clock is advanced.
func stepwise(c *task.Clock, steps int) *task.Cooperator {
	return task.NewCooperator(task.CooperatorConfig{
		Clock: c,
		TerminationPredicateFactory: func() func() bool {
			made := 0
			return func() bool { made++; return made >= steps }
		},
	})
}

// noteSteps is work that notes its name, n times; n < 0 is for ever.
func noteSteps(to *[]string, name string, n int) task.Work {
	return func(yield func(*deferred.Deferred[struct{}]) bool) {
		for i := 0; i != n; i++ {
			*to = append(*to, name)
			if !yield(nothing) {
				return
			}
		}
	}
}

// turns lets n turns pass.
func turns(c *task.Clock, n int) {
	for range n {
		c.Advance(turnTime)
	}
}

// yields is work that yields d and must not be asked to go on.
func yields(t *testing.T, d *deferred.Deferred[struct{}]) task.Work {
	return func(yield func(*deferred.Deferred[struct{}]) bool) {
		if yield(d) {
			t.Error("a step after the end")
		}
	}
}

func isFinished(err error) bool { return errors.Is(err, task.ErrTaskFinished) }
