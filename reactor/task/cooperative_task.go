package task

import (
	"errors"
	"fmt"
	"iter"

	"proxyherd/reactor"
	"proxyherd/reactor/deferred"
)

// What a CooperativeTask answers to Pause and Stop once it has ended, and to a
// Resume too many: twisted/internet/task.py:280 to 310. The three ways to end
// are ErrTaskFinished each.
var (
	ErrTaskFinished = errors.New("the task has ended")
	ErrTaskDone     = fmt.Errorf("%w: its work is done", ErrTaskFinished)
	ErrTaskStopped  = fmt.Errorf("%w: it was stopped", ErrTaskFinished)
	ErrTaskFailed   = fmt.Errorf("%w: its work failed", ErrTaskFinished)
	ErrNotPaused    = errors.New("the task is not paused: it was resumed more often than paused")
)

// CooperativeTask is a piece of Work that a Cooperator does:
// twisted/internet/task.py:335 CooperativeTask.
type CooperativeTask struct {
	cooperator *Cooperator
	next       func() (*deferred.Deferred[struct{}], bool)
	end        func() // lets the work tidy up

	pauses   int
	stepping bool  // the work itself is running
	state    error // why it has ended, nil before
	failure  error // what WhenDone fails with; nil if the work is done
	waiting  []*deferred.Deferred[*CooperativeTask]
}

func newTask(c *Cooperator, work Work) *CooperativeTask {
	t := &CooperativeTask{cooperator: c}
	t.next, t.end = iter.Pull(work)
	return t
}

// WhenDone gives a Deferred of its own to each caller, which fires with the
// task when the work is done, or fails with its error, with ErrTaskStopped or
// with ErrSchedulerStopped: twisted/internet/task.py:385.
func (t *CooperativeTask) WhenDone() *deferred.Deferred[*CooperativeTask] {
	d := deferred.New[*CooperativeTask](nil)
	if t.state == nil {
		t.waiting = append(t.waiting, d)
	} else {
		t.tell(d)
	}
	return d
}

func (t *CooperativeTask) tell(d *deferred.Deferred[*CooperativeTask]) {
	if t.failure != nil {
		d.Errback(t.failure)
	} else {
		d.Callback(t)
	}
}

// Pause holds the work until as many Resume: twisted/internet/task.py:405. Once
// the task has ended it returns how.
func (t *CooperativeTask) Pause() error {
	if t.state != nil {
		return fmt.Errorf("pausing a task: %w", t.state)
	}
	t.hold()
	return nil
}

func (t *CooperativeTask) hold() {
	t.pauses++
	t.cooperator.hold(t)
}

// Resume undoes one Pause: twisted/internet/task.py:420. It returns
// ErrNotPaused if there is none. On a task that has ended meanwhile it does
// nothing more.
func (t *CooperativeTask) Resume() error {
	if t.pauses == 0 {
		return fmt.Errorf("resuming a task: %w", ErrNotPaused)
	}
	t.release()
	return nil
}

func (t *CooperativeTask) release() {
	t.pauses--
	if t.pauses == 0 && t.state == nil {
		t.cooperator.admit(t)
	}
}

// Stop ends the work where it is: twisted/internet/task.py:457. Once the task
// has ended it returns how.
func (t *CooperativeTask) Stop() error {
	if t.state != nil {
		return fmt.Errorf("stopping a task: %w", t.state)
	}
	t.complete(ErrTaskStopped, ErrTaskStopped)
	return nil
}

// complete ends the task. Work that is running itself cannot tidy up yet: then
// step settles the rest.
func (t *CooperativeTask) complete(state, failure error) {
	t.state, t.failure = state, failure
	t.cooperator.remove(t)
	if !t.stepping {
		t.settle()
	}
}

// settle lets the work tidy up, and tells who waits.
func (t *CooperativeTask) settle() {
	if err := t.tidyUp(); err != nil {
		t.failure = fmt.Errorf("%w; and tidying up: %w", t.failure, err)
	}
	waiting := t.waiting
	t.waiting = nil
	for _, d := range waiting {
		t.tell(d)
	}
}

// step has the work make one step: twisted/internet/task.py:477.
func (t *CooperativeTask) step() {
	yielded, more, err := t.advance()
	switch {
	case t.state != nil: // it has stopped itself, or its cooperator
		t.settle()
	case err != nil:
		t.fail(err)
	case !more:
		t.complete(ErrTaskDone, nil)
	case yielded != nil:
		t.hold()
		yielded.AddBoth(func(_ struct{}, err error) (struct{}, error) {
			switch {
			case t.state != nil: // ended meanwhile: not the task's business
				return struct{}{}, err
			case err != nil:
				t.fail(err)
			default:
				t.release()
			}
			return struct{}{}, nil // an error is the task's now
		})
	}
}

func (t *CooperativeTask) fail(err error) {
	t.complete(fmt.Errorf("%w: %w", ErrTaskFailed, err), err)
}

// advance runs the work up to its next yield.
func (t *CooperativeTask) advance() (yielded *deferred.Deferred[struct{}], more bool, err error) {
	t.stepping = true
	defer func() {
		t.stepping = false
		if v := recover(); v != nil {
			err = reactor.Recovered(v)
		}
	}()
	yielded, more = t.next()
	return yielded, more, nil
}

// tidyUp has yield return false in work that has not ended by itself, and
// returns what the work panicked with then.
func (t *CooperativeTask) tidyUp() (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = reactor.Recovered(v)
		}
	}()
	t.end()
	return nil
}
