package deferred

type (
	innerCallback[T any] func(T) *Deferred[T]
	innerErrback[T any]  func(error) *Deferred[T]
	// moveTo gives what an inner Deferred came to, to the outer one that waits.
	moveTo[T any] struct{ outer *Deferred[T] }
	// chainTo gives the result to a Deferred that knows nothing of it.
	chainTo[T any] struct{ other *Deferred[T] }
)

// AddDeferred adds a step for the value whose own result is a Deferred: in
// Twisted, a callback that returns one. The steps after it wait until the
// steps that the inner Deferred has by then are done, and go on with its
// result, which moves: the inner one is left with the zero value. Cancel means
// the inner one meanwhile. Chains of any depth need no stack. If f returns d
// itself the result is ErrCircular. AddDeferred returns d.
func (d *Deferred[T]) AddDeferred(f func(T) *Deferred[T]) *Deferred[T] {
	return d.add(innerCallback[T](f), f == nil)
}

// AddErrbackDeferred is AddDeferred for an error, as for another attempt. It
// returns d.
func (d *Deferred[T]) AddErrbackDeferred(f func(error) *Deferred[T]) *Deferred[T] {
	return d.add(innerErrback[T](f), f == nil)
}

// ChainDeferred gives the result to other as well, a Deferred that somebody
// else made: twisted/internet/defer.py:332 chainDeferred. d goes on with the
// zero value when other's steps have run; an error is other's alone. Cancelling
// other does not cancel d. It returns d.
func (d *Deferred[T]) ChainDeferred(other *Deferred[T]) *Deferred[T] {
	return d.add(chainTo[T]{other}, other == nil)
}

func (f innerCallback[T]) apply(d *Deferred[T]) runner {
	if d.err == nil {
		d.waitFor(f(d.value))
	}
	return nil
}

func (f innerErrback[T]) apply(d *Deferred[T]) runner {
	if d.err != nil {
		d.waitFor(f(d.err))
	}
	return nil
}

// waitFor makes inner's result d's: now if it is there, else when inner has
// done what it has to do.
func (d *Deferred[T]) waitFor(inner *Deferred[T]) {
	var none T
	switch {
	case inner == nil:
		d.settle(none, ErrNilDeferred)
	case inner == d:
		d.settle(none, ErrCircular)
	case inner.ready() && inner.idle():
		d.settle(inner.take())
	default:
		d.source = inner
		inner.steps.push(moveTo[T]{d})
	}
}

func (s moveTo[T]) apply(d *Deferred[T]) runner {
	s.outer.settle(d.take())
	d.release() // it is done with the result, and free while the outer one goes on
	return s.outer
}

func (s chainTo[T]) apply(d *Deferred[T]) runner {
	if s.other.accept(d.take()) {
		return s.other
	}
	return nil
}
