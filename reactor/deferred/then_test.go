package deferred_test

import (
	"errors"
	"testing"

	"proxyherd/reactor/deferred"
)

func TestThen(t *testing.T) {
	length := func(s string) (int, error) {
		if s == "" {
			return 0, errSecond
		}
		if s == "panic" {
			panic(errors.New(s))
		}
		return len(s), nil
	}
	t.Run("another type, and the value stays where it was", func(t *testing.T) {
		d := deferred.New[string](nil)
		n := deferred.Then(d, length)
		equal(t, "called before", n.Called(), false)
		h := listen(t, n)
		d.Callback("four")
		h.got(4)
		listen(t, d).got("four")
	})
	t.Run("an error moves on", func(t *testing.T) {
		d := deferred.Fail[string](errFirst)
		listen(t, deferred.Then(d, length)).failed(errFirst)
		listen(t, d).got("")
	})
	t.Run("the error of the function, or its panic, is the new one's", func(t *testing.T) {
		listen(t, deferred.Then(deferred.Succeed(""), length)).failed(errSecond)
		d := deferred.Succeed("panic")
		var p *deferred.PanicError
		if h := listen(t, deferred.Then(d, length)); !errors.As(h.err, &p) {
			t.Errorf("got %v", h.err)
		}
		listen(t, d).got("panic")
	})
	t.Run("cancelling goes to where the result is to come from", func(t *testing.T) {
		asked := 0
		d := deferred.New(func(*deferred.Deferred[string]) { asked++ })
		n := deferred.Then(d, length)
		n.Cancel()
		equal(t, "the canceller ran", asked, 1)
		listen(t, n).failed(deferred.ErrCancelled)
	})
	t.Run("its result cannot be given by hand", func(t *testing.T) {
		d := deferred.New[string](nil)
		n := deferred.Then(d, length)
		mustPanic(t, deferred.ErrAlreadyCalled, func() { n.Callback(1) })
		d.Callback("four")
		listen(t, n).got(4)
	})
	t.Run("pausing the new one holds its steps only", func(t *testing.T) {
		d := deferred.New[string](nil)
		n := deferred.Then(d, length)
		h, source := listen(t, n), listen(t, d)
		n.Pause()
		d.Callback("four")
		source.got("four")
		h.nothing()
		n.Unpause()
		h.got(4)
	})
}

func TestChain(t *testing.T) {
	t.Run("waits for one, then for the other", func(t *testing.T) {
		name, address := deferred.New[string](nil), deferred.New[int](nil)
		d := deferred.Chain(name, func(string) *number { return address })
		h := listen(t, d)
		name.Callback("herd")
		h.nothing()
		equal(t, "called", d.Called(), false)
		address.Callback(4)
		h.got(4)
		listen(t, name).got("herd")
		listen(t, address).got(0)
	})
	t.Run("an error, a panic and nil are the new one's error", func(t *testing.T) {
		chain := func(d *deferred.Deferred[string], f func(string) *number) *heard[int] {
			return listen(t, deferred.Chain(d, f))
		}
		chain(deferred.Fail[string](errFirst), func(string) *number { return deferred.Succeed(1) }).failed(errFirst)
		chain(deferred.Succeed("a"), func(string) *number { return deferred.Fail[int](errSecond) }).failed(errSecond)
		chain(deferred.Succeed("a"), func(string) *number { panic(errFirst) }).failed(errFirst)
		chain(deferred.Succeed("a"), func(string) *number { return nil }).failed(deferred.ErrNilDeferred)
	})
	t.Run("cancelling means whichever it waits for", func(t *testing.T) {
		var log diary
		name := deferred.New(func(*deferred.Deferred[string]) { log.note("name") })
		address := deferred.New(func(*number) { log.note("address") })
		d := deferred.Chain(name, func(string) *number { return address })
		name.Callback("herd")
		d.Cancel()
		log.is(t, "address")
		listen(t, d).failed(deferred.ErrCancelled)
	})
}
