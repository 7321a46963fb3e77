package task_test

import (
	"errors"
	"testing"
	"time"

	"proxyherd/reactor"
	"proxyherd/reactor/deferred"
	"proxyherd/reactor/reactortest"
	"proxyherd/reactor/task"
)

// counted counts how often a reactor is asked to stop.
type counted struct {
	*reactortest.Reactor
	stops int
}

func (c *counted) Stop() error { c.stops++; return c.Reactor.Stop() }

func newCounted() *counted {
	return &counted{Reactor: reactortest.NewNetwork(reactortest.Options{}).Reactor("r")}
}

type main = func(r *counted) *deferred.Deferred[int]

// TestReact is twisted/test/test_task.py's ReactTests, and RE1. Each row's
// reactor must have been asked to stop exactly once, by whoever it was.
func TestReact(t *testing.T) {
	later := func(f func(d *deferred.Deferred[int])) main {
		return func(r *counted) *deferred.Deferred[int] {
			d := deferred.New[int](nil)
			r.CallLater(time.Second, func() { f(d) })
			return d
		}
	}
	for _, test := range []struct {
		name string
		main main
		err  error
	}{
		{"runs until the Deferred fires", later(func(d *deferred.Deferred[int]) { d.Callback(1) }), nil},
		{"ends at once if the Deferred has fired", func(*counted) *deferred.Deferred[int] { return deferred.Succeed(1) }, nil},
		{"ends at once without a Deferred", func(*counted) *deferred.Deferred[int] { return nil }, nil},
		{"gives the failure of a Deferred", later(func(d *deferred.Deferred[int]) { d.Errback(errBroken) }), errBroken},
		{"gives the failure of a Deferred that has failed", func(*counted) *deferred.Deferred[int] { return deferred.Fail[int](errBroken) }, errBroken},
		{"does not stop a reactor that was stopped when the Deferred fires", func(r *counted) *deferred.Deferred[int] {
			d := deferred.New[int](nil)
			r.CallLater(time.Second, func() { wantNil(t, r.Stop()) })
			beforeShutdown(t, r, func() { d.Callback(1) })
			return d
		}, nil},
		{"does not stop a reactor that was stopped when the Deferred fails", func(r *counted) *deferred.Deferred[int] {
			d := deferred.New[int](nil)
			r.CallLater(time.Second, func() { wantNil(t, r.Stop()) })
			beforeShutdown(t, r, func() { d.Errback(errBroken) })
			return d
		}, errBroken},
		{"ends well when the reactor is stopped and the Deferred never fires", func(r *counted) *deferred.Deferred[int] {
			r.CallLater(time.Second, func() { wantNil(t, r.Stop()) })
			return deferred.New[int](nil)
		}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := newCounted()
			if err := task.React(r, test.main); !errors.Is(err, test.err) {
				t.Errorf("React gave %v, want %v", err, test.err)
			}
			if r.stops != 1 || r.Running() {
				t.Errorf("asked to stop %d times, running: %v", r.stops, r.Running())
			}
			wantErr(t, r.Run(), reactor.ErrReactorNotRestartable) // it has run
		})
	}
	t.Run("stands it when the reactor is stopped just before the Deferred fires", func(t *testing.T) {
		r := newCounted()
		err := task.React(r, func(r *counted) *deferred.Deferred[int] {
			d := deferred.New[int](nil)
			r.CallLater(time.Second, func() { wantNil(t, r.Stop()); d.Callback(1) })
			return d
		})
		wantNil(t, err)
		if r.Running() {
			t.Error("it runs")
		}
	})
	t.Run("gives main the reactor, with its own type", func(t *testing.T) {
		r := newCounted()
		arguments := []string{"a", "b"} // come along with the function
		var got *counted
		var with []string
		wantNil(t, task.React(r, func(r *counted) *deferred.Deferred[int] {
			got, with = r, arguments
			return nil
		}))
		if got != r || len(with) != 2 {
			t.Errorf("main got %p and %v, want %p", got, with, r)
		}
	})
	t.Run("runs the reactor that it is given and no other", func(t *testing.T) {
		given, other := newCounted(), newCounted()
		wantNil(t, task.React(given, func(*counted) *deferred.Deferred[int] { return nil }))
		if given.stops != 1 || other.stops != 0 {
			t.Errorf("the one given was stopped %d times, the other %d", given.stops, other.stops)
		}
	})
	t.Run("says that the reactor cannot run", func(t *testing.T) {
		r := newCounted()
		wantNil(t, task.React(r, func(*counted) *deferred.Deferred[int] { return nil }))
		err := task.React(r, func(*counted) *deferred.Deferred[int] { return deferred.Fail[int](errBroken) })
		wantErr(t, err, reactor.ErrReactorNotRestartable)
		wantErr(t, err, errBroken)
	})
}

// beforeShutdown calls f while the reactor ends, after what was registered
// before.
func beforeShutdown(t *testing.T, r *counted, f func()) {
	t.Helper()
	_, err := r.AddSystemEventTrigger(reactor.Before, "shutdown", func() *deferred.Deferred[struct{}] { f(); return nil })
	wantNil(t, err)
}
