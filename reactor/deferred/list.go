package deferred

import (
	"errors"
	"fmt"
	"slices"
)

// ErrNoneSucceeded is the result of FireOnOneCallback when every member failed,
// wrapped with their errors. With twisted/internet/defer.py:766
// fireOnOneCallback that is a list of failures.
var ErrNoneSucceeded = errors.New("deferred: no member of the list succeeded")

// Result is what a member of a twisted/internet/defer.py:743 DeferredList came
// to. Value is of no meaning where Err is not nil.
type Result[T any] struct {
	Value T
	Err   error
}

// First is the first value of a list's members, and which member it was of,
// from 0: the result with twisted/internet/defer.py:766 fireOnOneCallback.
type First[T any] struct {
	Value T
	Index int
}

// ListOptions are what a twisted/internet/defer.py:743 DeferredList does with
// errors. The zero value waits for all members and leaves their errors to them.
type ListOptions struct {
	// FireOnOneErrback fires the list at the first error, with a *FirstError.
	FireOnOneErrback bool
	// ConsumeErrors replaces a member's error by the zero value in that member,
	// so that nobody else has to take care of it.
	ConsumeErrors bool
}

// DeferredList fires when all members have, with their results in the order of
// the members: twisted/internet/defer.py:743 DeferredList. An empty list fires
// at once. Members keep their own values and callbacks. Cancelling the list
// cancels every member. The slice of members is copied; the results are the
// receiver's.
func DeferredList[T any](members []*Deferred[T], options ListOptions) *Deferred[[]Result[T]] {
	l := newList[T, []Result[T]](members, options)
	l.all = func() ([]Result[T], error) { return l.results, nil }
	if len(members) == 0 {
		l.outcome.settle(l.all())
	}
	return l.join()
}

// FireOnOneCallback fires with the first value of a member: DeferredList with
// the flag twisted/internet/defer.py:766 fireOnOneCallback, whose result is of
// another type. If every member fails it fails with ErrNoneSucceeded. Of an
// empty list, as in Twisted, nothing ever comes.
func FireOnOneCallback[T any](members []*Deferred[T], options ListOptions) *Deferred[First[T]] {
	l := newList[T, First[T]](members, options)
	l.first = func(value T, index int) First[T] { return First[T]{value, index} }
	l.all = func() (First[T], error) {
		errs := make([]error, len(l.results))
		for i, r := range l.results {
			errs[i] = r.Err
		}
		return First[T]{}, fmt.Errorf("%w: %w", ErrNoneSucceeded, errors.Join(errs...))
	}
	return l.join()
}

// GatherResults fires with the values of all members, in order, or with a
// *FirstError as soon as one fails: twisted/internet/defer.py:876
// gatherResults. Cancelling it cancels every member.
func GatherResults[T any](members []*Deferred[T], consumeErrors bool) *Deferred[[]T] {
	all := DeferredList(members, ListOptions{FireOnOneErrback: true, ConsumeErrors: consumeErrors})
	return Then(all, func(results []Result[T]) ([]T, error) {
		values := make([]T, len(results))
		for i, r := range results {
			values[i] = r.Value
		}
		return values, nil
	})
}

// list is what the members know of each other. R is the type of its outcome.
type list[T, R any] struct {
	members []*Deferred[T]
	results []Result[T]
	missing int
	options ListOptions
	outcome *Deferred[R]
	first   func(T, int) R    // what one value makes, if one is enough
	all     func() (R, error) // what all results make
}

// member is the step that tells the list what a member came to.
type member[T, R any] struct {
	list  *list[T, R]
	index int
}

func newList[T, R any](members []*Deferred[T], options ListOptions) *list[T, R] {
	l := &list[T, R]{
		members: slices.Clone(members), results: make([]Result[T], len(members)),
		missing: len(members), options: options, outcome: New[R](nil),
	}
	l.outcome.source = l
	return l
}

func (l *list[T, R]) join() *Deferred[R] {
	steps := make([]member[T, R], len(l.members))
	for i, d := range l.members {
		steps[i] = member[T, R]{l, i}
		d.add(&steps[i], false)
	}
	return l.outcome
}

func (m *member[T, R]) apply(d *Deferred[T]) runner {
	l, value, err := m.list, d.value, d.err
	if err != nil && l.options.ConsumeErrors {
		_, _ = d.take()
	}
	if err != nil {
		l.results[m.index].Err = err
	} else {
		l.results[m.index].Value = value
	}
	l.missing--
	var none R
	switch {
	case l.outcome.called:
		return nil
	case err == nil && l.first != nil:
		l.outcome.settle(l.first(value, m.index), nil)
	case err != nil && l.options.FireOnOneErrback:
		l.outcome.settle(none, &FirstError{Err: err, Index: m.index})
	case l.missing == 0:
		l.outcome.settle(l.all())
	default:
		return nil
	}
	return l.outcome
}

// stop cancels every member. The panic of one's canceller is reported, not
// passed on, so that the others are cancelled all the same.
func (l *list[T, R]) stop() source {
	for _, d := range l.members {
		if _, err := try(func() (struct{}, error) { d.Cancel(); return struct{}{}, nil }); err != nil {
			report(&UnhandledError{Err: err})
		}
	}
	return nil
}
