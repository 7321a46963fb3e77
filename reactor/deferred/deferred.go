// Package deferred is a result that will be there later, and what is to be done
// with it: twisted/internet/defer.py in Go, with the result's type checked by
// the compiler.
//
// A Deferred belongs to one goroutine, as a rule the reactor's. It never starts
// a goroutine and never waits.
package deferred

import (
	"errors"
	"fmt"
	"runtime/debug"
)

// ErrAlreadyCalled is the panic value of a second Callback or Errback:
// twisted/internet/defer.py:34 AlreadyCalledError.
var ErrAlreadyCalled = errors.New("deferred: the result is already there: Callback or Errback was called twice")

// ErrCancelled is the result of a Deferred that was cancelled:
// twisted/internet/defer.py:39 CancelledError.
var ErrCancelled = errors.New("deferred: cancelled")

// PanicError is the result of a callback that panicked.
type PanicError struct {
	Value any
	Stack []byte
}

func (e *PanicError) Error() string { return fmt.Sprintf("panic in a callback: %v", e.Value) }

// Unwrap gives the panic's value if that is an error.
func (e *PanicError) Unwrap() error { err, _ := e.Value.(error); return err }

// A Deferred is a value of type T, or an error, that is not there yet:
// twisted/internet/defer.py:186 Deferred. What is added with AddCallback and
// its sisters runs in order once the result is there, each with what the one
// before returned; an error passes over callbacks to the next errback, a value
// over errbacks to the next callback. The zero value is ready for use.
type Deferred[T any] struct {
	steps   []func(T, error) (T, error)
	value   T
	err     error
	called  bool
	running bool
	paused  int

	canceller func(*Deferred[T])
	// swallow lets one late result go unheard: the one of an operation that
	// was cancelled and cannot be stopped.
	swallow bool
}

// New makes a Deferred. cancel, if not nil, is what Cancel calls to stop the
// work; it may give a result itself.
func New[T any](cancel func(*Deferred[T])) *Deferred[T] {
	return &Deferred[T]{canceller: cancel}
}

// Succeed is a Deferred whose value is there: twisted/internet/defer.py:59.
func Succeed[T any](value T) *Deferred[T] {
	return &Deferred[T]{called: true, value: value}
}

// Fail is a Deferred whose error is there: twisted/internet/defer.py:82.
func Fail[T any](err error) *Deferred[T] {
	return &Deferred[T]{called: true, err: must(err)}
}

// Called reports whether the result is there, or was given by Cancel.
func (d *Deferred[T]) Called() bool { return d.called }

// Callback gives the value and runs what was added:
// twisted/internet/defer.py:360. It panics with ErrAlreadyCalled if there is a
// result.
func (d *Deferred[T]) Callback(value T) { d.fire(value, nil) }

// Errback gives an error instead: twisted/internet/defer.py:385. err must not
// be nil.
func (d *Deferred[T]) Errback(err error) {
	var zero T
	d.fire(zero, must(err))
}

func (d *Deferred[T]) fire(value T, err error) {
	if d.called {
		if d.swallow {
			d.swallow = false
			return
		}
		panic(ErrAlreadyCalled)
	}
	d.called, d.canceller = true, nil
	d.value, d.err = value, err
	d.run()
}

// AddCallback adds a step for the value: twisted/internet/defer.py:299. It
// returns d.
func (d *Deferred[T]) AddCallback(callback func(T) (T, error)) *Deferred[T] {
	return d.AddBoth(func(value T, err error) (T, error) {
		if err != nil {
			return value, err
		}
		return callback(value)
	})
}

// AddErrback adds a step for an error: twisted/internet/defer.py:309. Returning
// a nil error turns it into the value returned. It returns d.
func (d *Deferred[T]) AddErrback(errback func(error) (T, error)) *Deferred[T] {
	return d.AddBoth(func(value T, err error) (T, error) {
		if err == nil {
			return value, nil
		}
		return errback(err)
	})
}

// AddCallbacks adds one step with two sides: errback does not see callback's
// own error. twisted/internet/defer.py:277. It returns d.
func (d *Deferred[T]) AddCallbacks(callback func(T) (T, error), errback func(error) (T, error)) *Deferred[T] {
	return d.AddBoth(func(value T, err error) (T, error) {
		if err != nil {
			return errback(err)
		}
		return callback(value)
	})
}

// AddBoth adds a step for either: twisted/internet/defer.py:320. A panic in it
// becomes a *PanicError for the next. It returns d.
func (d *Deferred[T]) AddBoth(step func(T, error) (T, error)) *Deferred[T] {
	d.steps = append(d.steps, step)
	if d.called {
		d.run()
	}
	return d
}

// Pause holds the steps back until as many Unpause:
// twisted/internet/defer.py:426.
func (d *Deferred[T]) Pause() { d.paused++ }

// Unpause undoes one Pause: twisted/internet/defer.py:433.
func (d *Deferred[T]) Unpause() {
	d.paused--
	if d.paused == 0 && d.called {
		d.run()
	}
}

// Cancel asks for the work to stop: twisted/internet/defer.py:444. Without a
// result yet, the canceller is called; if it gives none, the result is
// ErrCancelled. Where there was no canceller, one late result is swallowed.
// With a result it does nothing.
func (d *Deferred[T]) Cancel() {
	if d.called {
		return
	}
	if cancel := d.canceller; cancel != nil {
		d.canceller = nil // asked once, however often Cancel is called
		cancel(d)
		if d.called {
			return
		}
	} else {
		d.swallow = true
	}
	d.Errback(ErrCancelled)
}

// run works off the steps. A step added by a step waits its turn in the same
// loop, so a chain of any length needs no stack.
func (d *Deferred[T]) run() {
	if d.running {
		return
	}
	d.running = true
	for d.paused == 0 && len(d.steps) > 0 {
		step := d.steps[0]
		d.steps[0] = nil
		d.steps = d.steps[1:]
		d.value, d.err = guarded(step, d.value, d.err)
	}
	d.running = false
}

func guarded[T any](step func(T, error) (T, error), value T, err error) (result T, failure error) {
	defer func() {
		if p := recover(); p != nil {
			failure = &PanicError{Value: p, Stack: debug.Stack()}
		}
	}()
	return step(value, err)
}

func must(err error) error {
	if err == nil {
		panic("deferred: Errback and Fail need an error that is not nil")
	}
	return err
}

// Then gives the value of d, changed by f, as a new Deferred of another type;
// an error passes through. d's own value is handed over: callbacks added to d
// later see it still, an error counts as taken care of by the new one.
// Cancelling the new one cancels d.
func Then[T, U any](d *Deferred[T], f func(T) (U, error)) *Deferred[U] {
	next := New(func(*Deferred[U]) { d.Cancel() })
	d.AddBoth(func(value T, err error) (T, error) {
		if err != nil {
			next.Errback(err)
			return value, nil
		}
		changed, err := guarded(func(v U, _ error) (U, error) { return f(value) }, *new(U), nil)
		if err != nil {
			next.Errback(err)
		} else {
			next.Callback(changed)
		}
		return value, nil
	})
	return next
}
