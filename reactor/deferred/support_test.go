package deferred_test

import (
	"errors"
	"reflect"
	"runtime"
	"slices"
	"testing"

	"proxyherd/reactor/deferred"
)

type (
	number  = deferred.Deferred[int]
	numbers = []*deferred.Deferred[int]
)

var (
	errFirst  = errors.New("the first thing went wrong")
	errSecond = errors.New("the second thing went wrong")
)

// heard is what a step saw of a Deferred.
type heard[T any] struct {
	t     *testing.T
	times int
	value T
	err   error
}

// listen adds a step that notes the result and lets it pass.
func listen[T any](t *testing.T, d *deferred.Deferred[T]) *heard[T] {
	h := &heard[T]{t: t}
	d.AddBoth(func(value T, err error) (T, error) {
		h.times++
		h.value, h.err = value, err
		return value, err
	})
	return h
}

func (h *heard[T]) nothing() {
	h.t.Helper()
	if h.times != 0 {
		h.t.Errorf("heard %v, %v; nothing was to be heard yet", h.value, h.err)
	}
}

func (h *heard[T]) got(want T) {
	h.t.Helper()
	if h.times != 1 || h.err != nil || !reflect.DeepEqual(h.value, want) {
		h.t.Errorf("heard %d times, last %v, %v; want %v once", h.times, h.value, h.err, want)
	}
}

func (h *heard[T]) failed(want error) {
	h.t.Helper()
	if h.times != 1 || !errors.Is(h.err, want) {
		h.t.Errorf("heard %d times, last %v, %v; want the error %q once", h.times, h.value, h.err, want)
	}
}

// panicked is the error that f panics with.
func panicked(t *testing.T, f func()) (err error) {
	t.Helper()
	defer func() {
		t.Helper()
		var ok bool
		if err, ok = recover().(error); !ok {
			t.Error("no panic with an error")
		}
	}()
	f()
	return nil
}

func mustPanic(t *testing.T, want error, f func()) {
	t.Helper()
	if err := panicked(t, f); !errors.Is(err, want) {
		t.Errorf("panicked with %v, want %v", err, want)
	}
}

// diary is what happened, in order.
type diary struct{ lines []string }

func (d *diary) note(line string) { d.lines = append(d.lines, line) }

// step is a callback that notes line and adds one.
func (d *diary) step(line string) func(int) (int, error) {
	return func(n int) (int, error) { d.note(line); return n + 1, nil }
}

func (d *diary) is(t *testing.T, want ...string) {
	t.Helper()
	if !slices.Equal(d.lines, want) {
		t.Errorf("happened: %q\n    want: %q", d.lines, want)
	}
}

var calls [1 << 14]uintptr

// depth is how many calls deep the caller is, as far as counting goes.
func depth() int { return runtime.Callers(0, calls[:]) }

func equal[T any](t *testing.T, what string, got, want T) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}
