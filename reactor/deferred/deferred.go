package deferred

// A Deferred is a value of type T, or an error, that is not there yet:
// twisted/internet/defer.py:186 Deferred. What is added with AddCallback and
// its sisters runs in order once the result is there, each with what the one
// before returned; an error passes over callbacks to the next errback, a value
// over errbacks to the next callback. The zero value is ready for use; a
// Deferred must not be copied.
type Deferred[T any] struct {
	_     noCopy
	value T
	err   error

	steps steps[T]

	// source is what the result is to come from, if from elsewhere. While it is
	// set no step runs, and Cancel goes there.
	source source
	cancel func(*Deferred[T])
	trace  *trace // nil, but for debugging and for errors nobody took
	paused int32

	called     bool
	running    bool
	cancelling bool
	// swallow lets one late result go unheard: the one of an operation that
	// was cancelled and cannot be stopped.
	swallow bool
}

// New makes a Deferred: twisted/internet/defer.py:246 __init__. cancel, if not
// nil, is what Cancel calls to stop the work; it may give a result itself.
func New[T any](cancel func(*Deferred[T])) *Deferred[T] {
	d := &Deferred[T]{cancel: cancel}
	if debugging.Load() {
		d.trace = &trace{created: callers()}
	}
	return d
}

// Succeed is a Deferred whose value is there: twisted/internet/defer.py:59
// succeed.
func Succeed[T any](value T) *Deferred[T] {
	d := New[T](nil)
	d.accept(value, nil) // and nothing to run yet
	return d
}

// Fail is a Deferred whose error is there: twisted/internet/defer.py:82 fail.
// It panics with ErrNilError if err is nil.
func Fail[T any](err error) *Deferred[T] {
	d := New[T](nil)
	d.Errback(err)
	return d
}

// Called reports whether a result was given, by Callback, Errback, Cancel or
// the Deferred it comes from. Steps may be waiting all the same: for Unpause,
// or for a Deferred that a step returned.
func (d *Deferred[T]) Called() bool { return d.called }

// Callback gives the value and runs what was added:
// twisted/internet/defer.py:360 callback. It panics with ErrAlreadyCalled if
// there is a result.
func (d *Deferred[T]) Callback(value T) {
	if d.accept(value, nil) {
		d.run()
	}
}

// Errback gives an error instead: twisted/internet/defer.py:385 errback. It
// panics with ErrNilError if err is nil, and with ErrAlreadyCalled if there is
// a result.
func (d *Deferred[T]) Errback(err error) {
	if err == nil {
		panic(ErrNilError)
	}
	var none T
	if d.accept(none, err) {
		d.run()
	}
}

// Pause holds the steps back until as many Unpause:
// twisted/internet/defer.py:426 pause.
func (d *Deferred[T]) Pause() { d.paused++ }

// Unpause undoes one Pause: twisted/internet/defer.py:433 unpause.
func (d *Deferred[T]) Unpause() {
	d.paused--
	d.run()
}

// accept takes a result from outside. It reports false for the one that goes
// unheard.
func (d *Deferred[T]) accept(value T, err error) bool {
	if d.called || d.source != nil {
		if d.swallow {
			d.swallow = false
			return false
		}
		panic(d.trace.alreadyCalled())
	}
	if debugging.Load() {
		d.noteFired()
	}
	d.settle(value, err)
	return true
}

// settle makes a result d's, wherever it comes from.
func (d *Deferred[T]) settle(value T, err error) {
	d.value, d.err = value, err
	d.called, d.source, d.cancel = true, nil, nil
}

// take moves the result away. What is left is a value, so that an error that
// went elsewhere does not count as forgotten here.
func (d *Deferred[T]) take() (T, error) {
	value, err := d.value, d.err
	var none T
	d.value, d.err = none, nil
	if d.trace != nil {
		d.trace.left.Store(nil)
	}
	return value, err
}

// noCopy makes go vet speak up about a copy, which would fire for itself.
type noCopy struct{}

func (*noCopy) Lock()   {}
func (*noCopy) Unlock() {}
