package task

import (
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"

	"proxyherd/reactor"
	"proxyherd/reactor/deferred"
)

// ErrSchedulerStopped is the result of a task whose Cooperator has stopped:
// twisted/internet/task.py:272 SchedulerStopped.
var ErrSchedulerStopped = errors.New("the cooperator has stopped: it runs no task")

// Work is a long job in small steps, written as a function that yields after
// each step:
//
//	func(yield func(*deferred.Deferred[struct{}]) bool) {
//		for _, file := range files {
//			if !yield(send(file)) {
//				return
//			}
//		}
//	}
//
// What it yields is waited for before the next step; nil asks for no wait. A
// Deferred that fails ends the work, with that error, and so does a panic.
// Where the work is ended from outside, yield returns false, so that it can
// tidy up. It runs in a coroutine of the loop's: never beside other code.
type Work = iter.Seq[*deferred.Deferred[struct{}]]

// Cooperator does many pieces of Work by turns, in the gaps of a loop:
// twisted/internet/task.py:499 Cooperator. It belongs to one goroutine, the
// clock's.
type Cooperator struct {
	config CooperatorConfig

	tasks   []*CooperativeTask // those that have not ended
	ready   []*CooperativeTask // of those, the ones that could make a step
	next    int                // whose step is next, in ready
	tick    reactor.DelayedCall
	ticking bool
	started bool
	stopped bool
}

// CooperatorConfig is a Cooperator's settings: the arguments of
// twisted/internet/task.py:532 __init__.
type CooperatorConfig struct {
	// Clock calls the Cooperator back between its turns. It is required.
	Clock reactor.Time

	// TerminationPredicateFactory is called at the start of each turn and makes
	// the function that tells, after each step, whether the turn is over:
	// twisted/internet/task.py:532. nil means that it is over after 10 ms, of
	// real time: the clock's own may stand still within a callback. For runs
	// that must be repeatable, count steps instead.
	TerminationPredicateFactory func() func() bool

	// NotStarted keeps the tasks waiting until Start.
	NotStarted bool
}

// The length of a turn, and the rest until the next one:
// twisted/internet/task.py:319 MAX_SLICE and :329 _EPSILON. On a Clock the
// rest, which is more than nothing, makes Advance return.
const (
	turnTime = 10 * time.Millisecond
	restTime = 10 * time.Nanosecond
)

// NewCooperator makes a Cooperator: twisted/internet/task.py:532 __init__. It
// panics if there is no clock.
func NewCooperator(config CooperatorConfig) *Cooperator {
	if config.Clock == nil {
		panic("task: CooperatorConfig.Clock is required: give NewCooperator a reactor or a Clock")
	}
	if config.TerminationPredicateFactory == nil {
		config.TerminationPredicateFactory = func() func() bool {
			end := time.Now().Add(turnTime)
			return func() bool { return !time.Now().Before(end) }
		}
	}
	return &Cooperator{config: config, started: !config.NotStarted}
}

// Cooperate takes on a piece of work: twisted/internet/task.py:582. Its first
// step is made in a later turn of the loop.
func (c *Cooperator) Cooperate(work Work) *CooperativeTask {
	t := newTask(c, work)
	if c.stopped {
		t.complete(ErrSchedulerStopped, fmt.Errorf("adding a task: %w", ErrSchedulerStopped))
		return t
	}
	c.tasks = append(c.tasks, t)
	c.admit(t)
	return t
}

// Coiterate takes on a piece of work and gives what Cooperate's WhenDone would:
// twisted/internet/task.py:562.
func (c *Cooperator) Coiterate(work Work) *deferred.Deferred[*CooperativeTask] {
	return c.Cooperate(work).WhenDone()
}

// Start lets the tasks run: twisted/internet/task.py:651. After Stop it takes
// tasks on again.
func (c *Cooperator) Start() {
	c.started, c.stopped = true, false
	c.schedule()
}

// Stop ends every task with ErrSchedulerStopped, and refuses new ones in the
// same way: twisted/internet/task.py:662. Tasks that are paused or wait end
// too; in Twisted they would do so when they go on.
func (c *Cooperator) Stop() {
	c.stopped = true
	for len(c.tasks) > 0 {
		c.tasks[0].complete(ErrSchedulerStopped, ErrSchedulerStopped)
	}
}

// Running reports whether it was started and not stopped.
func (c *Cooperator) Running() bool { return c.started && !c.stopped }

// admit takes a task among those that could make a step.
func (c *Cooperator) admit(t *CooperativeTask) {
	c.ready = append(c.ready, t)
	c.schedule()
}

// hold takes a task out of those that could make a step, if it is among them.
func (c *Cooperator) hold(t *CooperativeTask) {
	i := slices.Index(c.ready, t)
	if i < 0 {
		return
	}
	c.ready = slices.Delete(c.ready, i, i+1)
	if i < c.next {
		c.next-- // nobody loses a step by it
	}
	if len(c.ready) == 0 && c.tick != nil {
		_ = c.tick.Cancel() // it is pending: turn clears it when it runs
		c.tick = nil
	}
}

// remove forgets a task that has ended.
func (c *Cooperator) remove(t *CooperativeTask) {
	c.hold(t)
	if i := slices.Index(c.tasks, t); i >= 0 {
		c.tasks = slices.Delete(c.tasks, i, i+1)
	}
}

// schedule makes sure that there will be a turn if there is something to do.
func (c *Cooperator) schedule() {
	if c.started && !c.ticking && c.tick == nil && len(c.ready) > 0 {
		c.tick = c.config.Clock.CallLater(restTime, c.turn)
	}
}

// turn makes steps, one task after the other, until the time is up.
func (c *Cooperator) turn() {
	c.tick, c.ticking = nil, true
	defer func() {
		c.ticking = false
		c.schedule()
	}()
	over := c.config.TerminationPredicateFactory()
	for len(c.ready) > 0 {
		if c.next >= len(c.ready) {
			c.next = 0
		}
		t := c.ready[c.next]
		c.next++
		t.step()
		if over() {
			return
		}
	}
}
