package deferred

// Maybe is the functions whose result is a T now, or later, or an error.
type Maybe[T any] interface {
	func() T | func() (T, error) | func() *Deferred[T]
}

// Execute is the result of f as a Deferred: twisted/internet/defer.py:101
// execute. A panic in f is its error.
func Execute[T any](f func() (T, error)) *Deferred[T] {
	value, err := try(f)
	if err != nil {
		return Fail[T](err)
	}
	return Succeed(value)
}

// MaybeDeferred calls f and gives its result as a Deferred:
// twisted/internet/defer.py:118 maybeDeferred. A Deferred that f returns is
// passed through, it is the same one; a panic in f is the error. T has to be
// told: MaybeDeferred[int](f).
func MaybeDeferred[T any, F Maybe[T]](f F) *Deferred[T] {
	switch f := any(f).(type) {
	case func() *Deferred[T]:
		d, err := try(func() (*Deferred[T], error) { return f(), nil })
		switch {
		case err != nil:
			return Fail[T](err)
		case d == nil:
			return Fail[T](ErrNilDeferred)
		}
		return d
	case func() (T, error):
		return Execute(f)
	default:
		now := f.(func() T) // the only other one that Maybe lets in
		return Execute(func() (T, error) { return now(), nil })
	}
}
