package task_test

import (
	"errors"
	"testing"
	"time"

	"go.uber.org/goleak"

	"proxyherd/reactor"
	"proxyherd/reactor/deferred"
	"proxyherd/reactor/task"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var errBroken = errors.New("broken")

// result is what a Deferred has given so far.
type result[T any] struct {
	fired int
	value T
	err   error
}

// watch keeps what d gives.
func watch[T any](d *deferred.Deferred[T]) *result[T] {
	r := new(result[T])
	d.AddBoth(func(value T, err error) (T, error) {
		r.fired++
		r.value, r.err = value, err
		return value, nil
	})
	return r
}

// want fails the test unless the Deferred gave err, or a value if err is nil,
// once.
func (r *result[T]) want(t *testing.T, err error) {
	t.Helper()
	if r.fired != 1 || !errors.Is(r.err, err) {
		t.Fatalf("fired %d times, with error %v; want once, with %v", r.fired, r.err, err)
	}
}

func (r *result[T]) wantNothing(t *testing.T) {
	t.Helper()
	if r.fired != 0 {
		t.Fatalf("fired with %v, %v; want no result yet", r.value, r.err)
	}
}

func wantErr(t *testing.T, got, want error) {
	t.Helper()
	if !errors.Is(got, want) {
		t.Fatalf("got %v, want %v", got, want)
	}
}

// start starts a looping call that must start.
func start(t *testing.T, l *task.LoopingCall, interval time.Duration, now bool) *result[*task.LoopingCall] {
	t.Helper()
	d, err := l.Start(interval, now)
	wantNil(t, err)
	return watch(d)
}

// since is a clock's time, counted from its start.
func since(c reactor.Time) time.Duration { return c.Seconds().Sub(epoch) }

// nothing is a Deferred that there is nothing to wait for.
var nothing *deferred.Deferred[struct{}]
