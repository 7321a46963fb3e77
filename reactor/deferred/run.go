package deferred

import "runtime/debug"

// A runner is a Deferred of whatever type, as far as running its steps goes.
type runner interface {
	// work runs steps until none is left, or d has to wait, or another Deferred
	// got a result by one of them, which is returned.
	work() runner
	// idle reports that no step is left.
	idle() bool
}

// run works off the steps whose turn has come:
// twisted/internet/defer.py:502 _runCallbacks. Deferreds that get their results
// on the way are run from this one loop, so that a chain of any length needs no
// stack.
func (d *Deferred[T]) run() {
	next := d.work()
	if next == nil {
		return
	}
	var room [8]runner
	chain := append(room[:0], d, next)
	for len(chain) > 0 {
		last := len(chain) - 1
		next := chain[last].work()
		switch {
		case next == nil:
			chain = chain[:last]
		case chain[last].idle():
			chain[last] = next // nothing to come back for
		default:
			chain = append(chain, next)
		}
	}
}

// ready reports that there is a result and nothing that holds the steps back. A
// step that is added by a step waits for that one to return.
func (d *Deferred[T]) ready() bool {
	return d.called && !d.running && d.paused == 0 && d.source == nil
}

func (d *Deferred[T]) idle() bool { return d.steps.empty() }

func (d *Deferred[T]) work() (next runner) {
	if !d.ready() {
		return nil
	}
	d.running = true
	defer d.rest(&next) // one for all the steps: it costs as much as a step
	for d.paused == 0 && d.source == nil {
		s := d.steps.pop()
		if s == nil {
			return nil
		}
		if next = s.apply(d); next != nil {
			return next
		}
	}
	return nil
}

// rest ends a work. A panic has become the result then, and the steps that are
// left are still to run.
func (d *Deferred[T]) rest(next *runner) {
	d.running = false
	if p := recover(); p != nil {
		d.err = &PanicError{Value: p, Stack: debug.Stack()}
		*next = d
		return
	}
	if d.err != nil || d.trace != nil {
		d.noteLeft()
	}
}

// try calls f; a panic in it is its error.
func try[T any](f func() (T, error)) (value T, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &PanicError{Value: p, Stack: debug.Stack()}
		}
	}()
	return f()
}
