package deferred_test

import (
	"errors"
	"testing"

	"proxyherd/reactor/deferred"
)

type results = []deferred.Result[int]

// three makes members that note when their cancellers are asked.
func three(log *diary) numbers {
	made := make(numbers, 3)
	for i, name := range []string{"a", "b", "c"} {
		made[i] = deferred.New(func(*number) { log.note(name) })
	}
	return made
}

// threeThatAnswer makes members whose cancellers give a value.
func threeThatAnswer() numbers {
	made := make(numbers, 3)
	for i := range made {
		made[i] = deferred.New(func(d *number) { d.Callback(10 + i) })
	}
	return made
}

var (
	firstError   = deferred.ListOptions{FireOnOneErrback: true}
	consumeError = deferred.ListOptions{ConsumeErrors: true}
)

func TestDeferredList(t *testing.T) {
	t.Run("fires with all results, in the order of the members", func(t *testing.T) {
		var log diary
		m := three(&log)
		h := listen(t, deferred.DeferredList(m, deferred.ListOptions{}))
		m[2].Callback(3)
		m[0].Callback(1)
		h.nothing()
		m[1].Errback(errFirst)
		h.got(results{{Value: 1}, {Err: errFirst}, {Value: 3}})
		listen(t, m[0]).got(1)
	})
	t.Run("an empty one fires at once", func(t *testing.T) {
		listen(t, deferred.DeferredList(numbers{}, deferred.ListOptions{})).got(results{})
		listen(t, deferred.DeferredList[int](nil, firstError)).got(results{})
	})
	t.Run("an empty one fires, but not one that wants a first value", func(t *testing.T) {
		listen(t, deferred.DeferredList(numbers{}, deferred.ListOptions{})).got(results{})
		d := deferred.FireOnOneCallback(numbers{}, deferred.ListOptions{})
		h := listen(t, d)
		d.Cancel()
		h.nothing()
	})
	t.Run("the first error fires it if asked for", func(t *testing.T) {
		var log diary
		m := three(&log)
		d := deferred.DeferredList(m, firstError)
		h := listen(t, d)
		m[2].Callback(3)
		h.nothing()
		m[1].Errback(errFirst)
		h.failed(errFirst)
		var first *deferred.FirstError
		if !errors.As(h.err, &first) || first.Index != 1 {
			t.Errorf("got %v, not member 1's", h.err)
		}
		m[0].Callback(1) // which changes nothing
		equal(t, "times heard", h.times, 1)
		listen(t, d).failed(errFirst)
	})
	t.Run("errors stay with their members", func(t *testing.T) {
		m := numbers{deferred.New[int](nil), deferred.New[int](nil)}
		h := listen(t, deferred.DeferredList(m, deferred.ListOptions{}))
		m[0].Callback(1)
		m[1].Errback(errFirst)
		h.got(results{{Value: 1}, {Err: errFirst}})
		listen(t, m[0]).got(1)
		listen(t, m[1]).failed(errFirst)
	})
	t.Run("errors are consumed if asked for", func(t *testing.T) {
		m := numbers{deferred.New[int](nil), deferred.New[int](nil)}
		h := listen(t, deferred.DeferredList(m, consumeError))
		m[0].Callback(1)
		m[1].Errback(errFirst)
		h.got(results{{Value: 1}, {Err: errFirst}})
		listen(t, m[0]).got(1)
		listen(t, m[1]).got(0)
	})
	t.Run("a member that has failed fires it at once if asked for", func(t *testing.T) {
		m := numbers{deferred.New[int](nil), deferred.Fail[int](errFirst)}
		h := listen(t, deferred.DeferredList(m, firstError))
		h.failed(errFirst)
		equal(t, "the index", h.err.(*deferred.FirstError).Index, 1)
	})
	t.Run("members that have fired complete it at once", func(t *testing.T) {
		m := numbers{deferred.Succeed(1), deferred.Fail[int](errFirst), deferred.Succeed(3)}
		listen(t, deferred.DeferredList(m, deferred.ListOptions{})).got(results{{Value: 1}, {Err: errFirst}, {Value: 3}})
	})
	t.Run("steps added to a member while the list's run come after those", func(t *testing.T) { // DF10
		var log diary
		member := deferred.New[int](nil)
		deferred.DeferredList(numbers{member}, deferred.ListOptions{}).
			AddCallback(func(r results) (results, error) { member.AddCallback(log.step("added")); return r, nil }).
			AddCallback(func(r results) (results, error) { log.note("of the list"); return r, nil })
		member.AddCallback(log.step("there before"))
		member.Callback(1)
		log.is(t, "of the list", "there before", "added")
	})
	t.Run("a result cannot be given by hand", func(t *testing.T) {
		m := numbers{deferred.New[int](nil)}
		d := deferred.DeferredList(m, deferred.ListOptions{})
		mustPanic(t, deferred.ErrAlreadyCalled, func() { d.Callback(nil) })
		m[0].Callback(1)
		listen(t, d).got(results{{Value: 1}})
	})
}

func TestFireOnOneCallback(t *testing.T) {
	t.Run("fires with the first value and whose it is", func(t *testing.T) {
		m := numbers{deferred.New[int](nil), deferred.New[int](nil), deferred.New[int](nil)}
		h := listen(t, deferred.FireOnOneCallback(m, deferred.ListOptions{}))
		m[0].Errback(errFirst)
		h.nothing()
		m[2].Callback(7)
		h.got(deferred.First[int]{Value: 7, Index: 2})
		m[1].Callback(8)
		equal(t, "times heard", h.times, 1)
		listen(t, m[2]).got(7)
	})
	t.Run("fails with every error if all fail", func(t *testing.T) {
		m := numbers{deferred.Fail[int](errFirst), deferred.Fail[int](errSecond)}
		h := listen(t, deferred.FireOnOneCallback(m, deferred.ListOptions{}))
		h.failed(deferred.ErrNoneSucceeded)
		h.failed(errFirst)
		h.failed(errSecond)
	})
	t.Run("or at the first error", func(t *testing.T) {
		m := numbers{deferred.New[int](nil), deferred.Fail[int](errFirst)}
		h := listen(t, deferred.FireOnOneCallback(m, firstError))
		h.failed(errFirst)
	})
}

func TestCancelDeferredList(t *testing.T) {
	cancelledThree := results{{Err: deferred.ErrCancelled}, {Err: deferred.ErrCancelled}, {Err: deferred.ErrCancelled}}
	t.Run("cancels every member", func(t *testing.T) {
		var log diary
		m := three(&log)
		d := deferred.DeferredList(m, deferred.ListOptions{})
		d.Cancel()
		log.is(t, "a", "b", "c")
		for _, d := range m {
			listen(t, d).failed(deferred.ErrCancelled)
		}
	})
	t.Run("it fires with the members' errors", func(t *testing.T) {
		var log diary
		d := deferred.DeferredList(three(&log), deferred.ListOptions{})
		h := listen(t, d)
		d.Cancel()
		h.got(cancelledThree)
	})
	t.Run("while it waits for the first value", func(t *testing.T) {
		var log diary
		m := three(&log)
		d := deferred.FireOnOneCallback(m, deferred.ListOptions{})
		h := listen(t, d)
		d.Cancel()
		log.is(t, "a", "b", "c")
		h.failed(deferred.ErrCancelled)
		h.failed(deferred.ErrNoneSucceeded)
	})
	t.Run("a canceller's value is the first value", func(t *testing.T) {
		m := numbers{deferred.New[int](nil), deferred.New(func(d *number) { d.Callback(4) })}
		d := deferred.FireOnOneCallback(m, deferred.ListOptions{})
		h := listen(t, d)
		d.Cancel()
		h.got(deferred.First[int]{Value: 4, Index: 1})
		listen(t, m[0]).failed(deferred.ErrCancelled)
	})
	t.Run("while it waits for the first error", func(t *testing.T) {
		var log diary
		d := deferred.DeferredList(three(&log), firstError)
		h := listen(t, d)
		d.Cancel()
		log.is(t, "a", "b", "c")
		h.failed(deferred.ErrCancelled)
		equal(t, "the index", h.err.(*deferred.FirstError).Index, 0)
	})
	t.Run("cancellers that all give values give a list of values", func(t *testing.T) {
		d := deferred.DeferredList(threeThatAnswer(), firstError)
		h := listen(t, d)
		d.Cancel()
		h.got(results{{Value: 10}, {Value: 11}, {Value: 12}})
	})
	t.Run("the members are those it was made of", func(t *testing.T) {
		var log diary
		m := three(&log)
		given := append(numbers{}, m...)
		d := deferred.DeferredList(given, deferred.ListOptions{})
		given[0] = deferred.New(func(*number) { t.Error("a stranger was cancelled") })
		d.Cancel()
		log.is(t, "a", "b", "c")
		listen(t, m[0]).failed(deferred.ErrCancelled)
	})
	t.Run("one canceller's panic is reported and the others are asked", func(t *testing.T) {
		reports := collectReports(t)
		m := numbers{deferred.New(func(*number) { panic(errFirst) }), deferred.New[int](nil)}
		deferred.DeferredList(m, deferred.ListOptions{}).Cancel()
		if e := <-reports; !errors.Is(e, errFirst) {
			t.Errorf("reported %v", e)
		}
		listen(t, m[1]).failed(deferred.ErrCancelled)
	})
	t.Run("after the first value it does nothing", func(t *testing.T) {
		var log diary
		m := three(&log)
		d := deferred.FireOnOneCallback(m, deferred.ListOptions{})
		m[1].Callback(1)
		d.Cancel()
		log.is(t)
		listen(t, d).got(deferred.First[int]{Value: 1, Index: 1})
	})
	t.Run("after the first error it does nothing", func(t *testing.T) {
		var log diary
		m := three(&log)
		d := deferred.DeferredList(m, firstError)
		m[1].Errback(errFirst)
		d.Cancel()
		log.is(t)
		listen(t, d).failed(errFirst)
	})
}

func TestGatherResults(t *testing.T) {
	t.Run("fires with the values, or the first error and its place", func(t *testing.T) {
		m := numbers{deferred.New[int](nil), deferred.Succeed(2)}
		h := listen(t, deferred.GatherResults(m, false))
		h.nothing()
		m[0].Callback(1)
		h.got([]int{1, 2})

		m = numbers{deferred.New[int](nil), deferred.New[int](nil)}
		h = listen(t, deferred.GatherResults(m, false))
		m[1].Errback(errFirst)
		h.failed(errFirst)
		equal(t, "the index", h.err.(*deferred.FirstError).Index, 1)
		listen(t, m[1]).failed(errFirst)
	})
	t.Run("of no members it fires at once", func(t *testing.T) {
		listen(t, deferred.GatherResults(numbers{}, false)).got([]int{})
	})
	t.Run("consumes errors if asked for", func(t *testing.T) {
		m := numbers{deferred.Succeed(1), deferred.Fail[int](errFirst)}
		listen(t, deferred.GatherResults(m, true)).failed(errFirst)
		listen(t, m[0]).got(1)
		listen(t, m[1]).got(0)
	})
	t.Run("cancelling cancels every member", func(t *testing.T) {
		var log diary
		d := deferred.GatherResults(three(&log), false)
		h := listen(t, d)
		d.Cancel()
		log.is(t, "a", "b", "c")
		h.failed(deferred.ErrCancelled)
	})
	t.Run("cancellers that all give values give values", func(t *testing.T) {
		d := deferred.GatherResults(threeThatAnswer(), false)
		h := listen(t, d)
		d.Cancel()
		h.got([]int{10, 11, 12})
	})
}

func TestFirstErrorMessage(t *testing.T) {
	e := &deferred.FirstError{Err: errFirst, Index: 3}
	equal(t, "message", e.Error(), "deferred: member 3 of the list failed first: the first thing went wrong")
}
