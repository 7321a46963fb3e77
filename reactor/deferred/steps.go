package deferred

// A step is one thing to do with a result. Each kind below is a func value or a
// pointer, which an interface holds without memory of its own: adding a step
// costs the caller's closure and nothing else.
type step[T any] interface {
	// apply changes d's result. It returns the Deferred that got a result by
	// it, if one did, so that its steps run next without recursion; they are
	// part of this step unless it has released d.
	apply(d *Deferred[T]) runner
}

type (
	callback[T any]  func(T) (T, error)
	errback[T any]   func(error) (T, error)
	both[T any]      func(T, error) (T, error)
	callbacks[T any] struct {
		callback func(T) (T, error)
		errback  func(error) (T, error)
	}
)

// AddCallback adds a step for the value: twisted/internet/defer.py:299
// addCallback. It returns d.
func (d *Deferred[T]) AddCallback(f func(T) (T, error)) *Deferred[T] {
	return d.add(callback[T](f), f == nil)
}

// AddErrback adds a step for an error: twisted/internet/defer.py:309
// addErrback. Returning a nil error turns it into the value returned. It
// returns d.
func (d *Deferred[T]) AddErrback(f func(error) (T, error)) *Deferred[T] {
	return d.add(errback[T](f), f == nil)
}

// AddBoth adds a step for either: twisted/internet/defer.py:320 addBoth. The
// value is of no meaning where there is an error. A panic in f, as in any step,
// becomes a *PanicError for the next. It returns d.
func (d *Deferred[T]) AddBoth(f func(T, error) (T, error)) *Deferred[T] {
	return d.add(both[T](f), f == nil)
}

// AddCallbacks adds one step with two sides: onError does not see the error of
// onValue. twisted/internet/defer.py:277 addCallbacks. A nil onError lets errors
// pass. It returns d.
func (d *Deferred[T]) AddCallbacks(onValue func(T) (T, error), onError func(error) (T, error)) *Deferred[T] {
	return d.add(&callbacks[T]{onValue, onError}, onValue == nil)
}

// add appends a step, and runs it at once if its turn has come. A step without
// a function is refused here, where the mistake is.
func (d *Deferred[T]) add(s step[T], missing bool) *Deferred[T] {
	if missing {
		panic(ErrNilStep)
	}
	d.steps.push(s)
	if d.called {
		d.run()
	}
	return d
}

func (f callback[T]) apply(d *Deferred[T]) runner {
	if d.err == nil {
		d.value, d.err = f(d.value)
	}
	return nil
}

func (f errback[T]) apply(d *Deferred[T]) runner {
	if d.err != nil {
		d.value, d.err = f(d.err)
	}
	return nil
}

func (f both[T]) apply(d *Deferred[T]) runner {
	d.value, d.err = f(d.value, d.err)
	return nil
}

func (s *callbacks[T]) apply(d *Deferred[T]) runner {
	switch {
	case d.err == nil:
		d.value, d.err = s.callback(d.value)
	case s.errback != nil:
		d.value, d.err = s.errback(d.err)
	}
	return nil
}
