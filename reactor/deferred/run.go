package deferred

import "runtime/debug"

// A runner is a Deferred of whatever type, as far as running its steps goes.
type runner interface {
	// work runs steps until none is left, or d has to wait, or another Deferred
	// got a result by one of them, which is returned. If that step lasts until
	// the other one's are done, d stays running, and is to be worked again.
	work() runner
	// idle reports that no step is left or under way.
	idle() bool
	// release ends a step that is under way.
	release()
}

// run works off the steps whose turn has come:
// twisted/internet/defer.py:502 _runCallbacks. A step that is added by a step
// waits for that one to return.
func (d *Deferred[T]) run() {
	if d.running || !d.called {
		return
	}
	if next := d.work(); next != nil {
		runChain(d, next)
	}
}

// runChain runs the Deferreds that get their results on the way from one loop,
// so that a chain of any length needs no stack.
func runChain(d, next runner) {
	var room [8]runner
	chain := append(room[:0], d, next)
	defer func() { // none is left, but if a step ended its goroutine
		for _, d := range chain {
			d.release()
		}
	}()
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

// held reports that steps may not run: d is paused, or waits for another one.
func (d *Deferred[T]) held() bool { return d.paused != 0 || d.source != nil }

// ready reports that there is a result and nothing that holds the steps back,
// no step under way either.
func (d *Deferred[T]) ready() bool { return d.called && !d.running && !d.held() }

func (d *Deferred[T]) idle() bool { return !d.running && d.steps.empty() }

func (d *Deferred[T]) release() { d.running = false }

func (d *Deferred[T]) work() (next runner) {
	if d.held() { // since it got its result, or since it was worked last
		d.release()
		return nil
	}
	d.running = true
	defer d.rest(&next) // one for all the steps: it costs as much as a step
	for !d.held() {
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
	if p := recover(); p != nil {
		d.release()
		d.err = &PanicError{Value: p, Stack: debug.Stack()}
		*next = d
		return
	}
	if *next == nil {
		d.release()
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
