package deferred_test

import (
	"testing"

	"proxyherd/reactor/deferred"
)

func TestExecute(t *testing.T) {
	listen(t, deferred.Execute(func() (int, error) { return 1, nil })).got(1)
	listen(t, deferred.Execute(func() (int, error) { return 1, errFirst })).failed(errFirst)
	listen(t, deferred.Execute(func() (int, error) { panic(errSecond) })).failed(errSecond)
}

func TestMaybeDeferred(t *testing.T) {
	t.Run("a value becomes a Deferred that has fired", func(t *testing.T) {
		listen(t, deferred.MaybeDeferred[int](func() int { return 1 })).got(1)
		listen(t, deferred.MaybeDeferred[int](func() (int, error) { return 2, nil })).got(2)
	})
	t.Run("an error or a panic becomes one that has failed", func(t *testing.T) {
		listen(t, deferred.MaybeDeferred[int](func() (int, error) { return 0, errFirst })).failed(errFirst)
		listen(t, deferred.MaybeDeferred[int](func() int { panic(errFirst) })).failed(errFirst)
		listen(t, deferred.MaybeDeferred[int](func() *number { panic(errFirst) })).failed(errFirst)
		listen(t, deferred.MaybeDeferred[int](func() *number { return nil })).failed(deferred.ErrNilDeferred)
	})
	t.Run("a Deferred passes through", func(t *testing.T) {
		d := deferred.New[int](nil)
		equal(t, "it is the same", deferred.MaybeDeferred[int](func() *number { return d }) == d, true)
	})
	t.Run("one that has failed passes through", func(t *testing.T) {
		d := deferred.Fail[int](errFirst)
		got := deferred.MaybeDeferred[int](func() *number { return d })
		equal(t, "it is the same", got == d, true)
		listen(t, got).failed(errFirst)
	})
}
