package deferred

// then carries a result over to a Deferred of another type. Of the two
// functions one is set.
type then[T, U any] struct {
	value func(T) (U, error)
	inner func(T) *Deferred[U]
	next  *Deferred[U]
}

// Then gives the value of d, changed by f, as a new Deferred of another type; a
// panic in f is the new one's error. d keeps its value for callbacks added to
// it later; an error moves to the new one. Cancelling the new one cancels d.
func Then[T, U any](d *Deferred[T], f func(T) (U, error)) *Deferred[U] {
	return carry(d, &then[T, U]{value: f}, f == nil)
}

// Chain is Then for an f whose result is a Deferred itself, and AddDeferred for
// another type: the new Deferred waits for d, then for the one that f returned,
// and Cancel means whichever that is.
func Chain[T, U any](d *Deferred[T], f func(T) *Deferred[U]) *Deferred[U] {
	return carry(d, &then[T, U]{inner: f}, f == nil)
}

func carry[T, U any](d *Deferred[T], s *then[T, U], missing bool) *Deferred[U] {
	next := New[U](nil)
	next.source = d
	s.next = next
	d.add(s, missing)
	return next
}

func (s *then[T, U]) apply(d *Deferred[T]) runner {
	var none U
	switch {
	case d.err != nil:
		_, err := d.take()
		s.next.settle(none, err)
	case s.value != nil:
		s.next.settle(try(func() (U, error) { return s.value(d.value) }))
	default:
		inner, err := try(func() (*Deferred[U], error) { return s.inner(d.value), nil })
		if err != nil {
			s.next.settle(none, err)
		} else {
			s.next.waitFor(inner)
		}
	}
	d.release() // as with moveTo
	return s.next
}
