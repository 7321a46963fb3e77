package threads_test

import (
	"bytes"
	"errors"
	"runtime"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"proxyherd/reactor"
	"proxyherd/reactor/deferred"
	"proxyherd/reactor/gnetreactor"
	"proxyherd/reactor/threads"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m,
		// gnet's worker pool starts these when it is imported.
		goleak.IgnoreTopFunction("github.com/panjf2000/ants/v2.(*poolCommon).purgeStaleWorkers"),
		goleak.IgnoreTopFunction("github.com/panjf2000/ants/v2.(*poolCommon).ticktock"))
}

// within is how long a test waits for what takes milliseconds, before it is
// called hung.
const within = 20 * time.Second

var errBroken = errors.New("broken")

// goroutine names the goroutine that it is called on.
func goroutine() string {
	buffer := make([]byte, 64)
	name, _, _ := bytes.Cut(buffer[:runtime.Stack(buffer, false)], []byte(" ["))
	return string(name)
}

// log keeps what it was told of errors.
type log struct {
	mu   sync.Mutex
	errs []error
}

func (l *log) Msg(string, string) {}

func (l *log) Err(_ string, err error, _ string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.errs = append(l.errs, err)
}

// want fails the test unless exactly one error was logged, with that panic.
func (l *log) want(t *testing.T, value any) {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	var panicked *reactor.PanicError
	if len(l.errs) != 1 || !errors.As(l.errs[0], &panicked) || panicked.Value != value {
		t.Errorf("logged %v, want one panic with %v", l.errs, value)
	}
}

// onReactor runs body on a new reactor until body, or what it has started,
// stops it.
func onReactor(t *testing.T, body func(r *gnetreactor.Reactor)) {
	t.Helper()
	onReactorThatLogs(t, nil, body)
}

func onReactorThatLogs(t *testing.T, to reactor.Logger, body func(r *gnetreactor.Reactor)) {
	t.Helper()
	r := gnetreactor.New(gnetreactor.Config{Log: to, NoSignalHandlers: true})
	runReactor(t, r, func() { body(r) })
}

func runReactor(t *testing.T, r *gnetreactor.Reactor, body func()) {
	t.Helper()
	r.CallWhenRunning(func() {
		r.CallLater(within, func() { t.Error("the reactor was not stopped in time"); r.Crash() })
		body()
	})
	if err := r.Run(); err != nil {
		t.Fatal(err)
	}
}

// stop ends a reactor that is running.
func stop(t *testing.T, r reactor.Core) {
	if err := r.Stop(); err != nil {
		t.Error(err)
	}
}

// outcome is a Deferred's result.
type outcome[T any] struct {
	value T
	err   error
}

// stopWith keeps a Deferred's result and stops the reactor.
func stopWith[T any](t *testing.T, r reactor.Core, d *deferred.Deferred[T], to *[]outcome[T]) {
	d.AddBoth(func(value T, err error) (T, error) {
		*to = append(*to, outcome[T]{value, err})
		stop(t, r)
		return value, nil
	})
}

func wantOne[T comparable](t *testing.T, got []outcome[T], value T, err error) {
	t.Helper()
	if len(got) != 1 || got[0].value != value || !errors.Is(got[0].err, err) {
		t.Errorf("results are %v, want one: %v, %v", got, value, err)
	}
}

// pool is a started pool of exactly size workers, stopped with the test.
func pool(t *testing.T, size int, to reactor.Logger) *threads.ThreadPool {
	t.Helper()
	p, err := threads.NewThreadPool(threads.PoolConfig{Minimum: size, Maximum: size, Log: to})
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Stop)
	return p
}

// meeting is a function that returns when n goroutines are in it at once.
func meeting(n int) func() {
	var here sync.WaitGroup
	here.Add(n)
	return func() { here.Done(); here.Wait() }
}
