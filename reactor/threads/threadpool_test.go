package threads_test

import (
	"errors"
	"runtime"
	"strings"
	"testing"

	"proxyherd/reactor"
	"proxyherd/reactor/threads"
)

// TestThreadPool is twisted/test/test_threadpool.py, and TP1 to TP4.
func TestThreadPool(t *testing.T) {
	unstarted := func(t *testing.T, minimum, maximum int, to reactor.Logger) *threads.ThreadPool {
		p, err := threads.NewThreadPool(threads.PoolConfig{Minimum: minimum, Maximum: maximum, Log: to})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(p.Stop)
		return p
	}
	start := func(t *testing.T, p *threads.ThreadPool) {
		if err := p.Start(); err != nil {
			t.Fatal(err)
		}
	}

	t.Run("keeps its bounds", func(t *testing.T) {
		if s := unstarted(t, 12, 22, nil).Stats(); s.Minimum != 12 || s.Maximum != 22 {
			t.Errorf("bounds are %d and %d", s.Minimum, s.Maximum)
		}
	})
	t.Run("has sensible bounds and a name by default", func(t *testing.T) {
		p, err := threads.NewThreadPool(threads.PoolConfig{})
		if err != nil {
			t.Fatal(err)
		}
		if s := p.Stats(); s.Minimum != 0 || s.Maximum != 20 || p.Name() != "thread pool" {
			t.Errorf("%+v, named %q", s, p.Name())
		}
		if s := unstarted(t, 30, 0, nil).Stats(); s.Maximum != 30 {
			t.Errorf("with a minimum of 30 the maximum is %d", s.Maximum)
		}
	})
	t.Run("Start starts the minimum of workers", func(t *testing.T) {
		p := unstarted(t, 5, 9, nil)
		if s := p.Stats(); s.Workers != 0 {
			t.Errorf("%d workers before Start", s.Workers)
		}
		start(t, p)
		if s := p.Stats(); s.Workers != 5 {
			t.Errorf("%d workers after Start, want 5", s.Workers)
		}
	})
	t.Run("runs what it is given", func(t *testing.T) {
		p := pool(t, 2, nil)
		ran := make(chan int, 10)
		for i := range 10 {
			p.CallInThread(func() { ran <- i })
		}
		sum := 0
		for range 10 {
			sum += <-ran
		}
		if sum != 45 {
			t.Errorf("the sum is %d, want each of 0 to 9 once", sum)
		}
	})
	t.Run("logs a panic that nobody else hears of", func(t *testing.T) {
		var logged log
		p := pool(t, 1, &logged)
		p.CallInThread(func() { panic("boom") })
		p.Stop()
		logged.want(t, "boom")
	})
	t.Run("hands the result to onResult", func(t *testing.T) { // TP2
		p := pool(t, 1, nil)
		var got []outcome[int]
		threads.CallInThreadWithCallback(p,
			func(v int, err error) { got = append(got, outcome[int]{v, err}) },
			func() (int, error) { return 42, nil })
		p.Stop()
		wantOne(t, got, 42, nil)
	})
	t.Run("hands a failure to onResult and does not log it", func(t *testing.T) { // TP2
		var logged log
		p := pool(t, 1, &logged)
		var got []outcome[int]
		threads.CallInThreadWithCallback(p,
			func(v int, err error) { got = append(got, outcome[int]{v, err}) },
			func() (int, error) { panic(errBroken) })
		p.Stop()
		wantOne(t, got, 0, errBroken)
		if len(logged.errs) != 0 {
			t.Errorf("logged %v", logged.errs)
		}
	})
	t.Run("logs a panic in onResult and goes on", func(t *testing.T) { // TP2
		var logged log
		p := pool(t, 1, &logged)
		threads.CallInThreadWithCallback(p,
			func(int, error) { panic("in onResult") },
			func() (int, error) { return 0, nil })
		ran := false
		p.CallInThread(func() { ran = true })
		p.Stop()
		logged.want(t, "in onResult")
		if !ran {
			t.Error("the next function did not run")
		}
	})
	t.Run("calls onResult on the function's own worker", func(t *testing.T) {
		p := pool(t, 2, nil)
		worked, told := "", ""
		threads.CallInThreadWithCallback(p,
			func(string, error) { told = goroutine() },
			func() (string, error) { worked = goroutine(); return "", nil })
		p.Stop()
		if worked == "" || worked != told || worked == goroutine() {
			t.Errorf("worked on %s, told on %s, the test is on %s", worked, told, goroutine())
		}
	})
	t.Run("does what was queued before Start", func(t *testing.T) { // TP1
		p := unstarted(t, 0, 1, nil)
		ran := make(chan struct{})
		p.CallInThread(func() { close(ran) })
		if s := p.Stats(); s.Queued != 1 || s.Workers != 0 {
			t.Errorf("before Start: %+v", s)
		}
		start(t, p)
		<-ran
	})
	t.Run("adds a worker for each function that none is free for, up to the maximum", func(t *testing.T) { // TP1
		p := unstarted(t, 0, 3, nil)
		start(t, p)
		release := make(chan struct{})
		for given := 1; given <= 5; given++ {
			p.CallInThread(func() { <-release })
			if s := p.Stats(); s.Workers != min(given, 3) {
				t.Errorf("%d workers for %d functions", s.Workers, given)
			}
		}
		close(release)
	})
	t.Run("counts who works and who waits", func(t *testing.T) {
		p := pool(t, 1, nil)
		began, release := make(chan struct{}), make(chan struct{})
		if s := p.Stats(); s.Workers != 1 || s.Working != 0 {
			t.Errorf("with nothing to do: %+v", s)
		}
		p.CallInThread(func() { close(began); <-release })
		<-began
		if s := p.Stats(); s.Workers != 1 || s.Working != 1 {
			t.Errorf("while it works: %+v", s)
		}
		close(release)
		p.Stop()
		if s := p.Stats(); s.Workers != 0 || s.Working != 0 {
			t.Errorf("after Stop: %+v", s)
		}
	})
	t.Run("what the giver wrote before is seen by the worker, and the other way", func(t *testing.T) {
		p := pool(t, 4, nil)
		sum := 0
		done := make(chan struct{})
		for range 100 { // the race detector watches
			p.CallInThread(func() { sum++; done <- struct{}{} })
			<-done
		}
		if sum != 100 {
			t.Errorf("counted %d, want 100", sum)
		}
	})
	t.Run("a function given by onResult runs on the only worker", func(t *testing.T) {
		p := pool(t, 1, nil)
		workers := make(chan string, 2)
		threads.CallInThreadWithCallback(p,
			func(int, error) { p.CallInThread(func() { workers <- goroutine() }) },
			func() (int, error) { workers <- goroutine(); return 0, nil })
		if first, second := <-workers, <-workers; first != second {
			t.Errorf("ran on %s and then on %s", first, second)
		}
	})
	t.Run("grows and shrinks", func(t *testing.T) { // TP4
		p := unstarted(t, 1, 1, nil)
		start(t, p)
		if err := p.AdjustPoolsize(3, 4); err != nil {
			t.Fatal(err)
		}
		if s := p.Stats(); s.Workers != 3 || s.Minimum != 3 || s.Maximum != 4 {
			t.Errorf("after growing: %+v", s)
		}
		if err := p.AdjustPoolsize(0, 1); err != nil {
			t.Fatal(err)
		}
		for p.Stats().Workers > 1 {
			runtime.Gosched() // until those too many have gone
		}
		began, release := make(chan struct{}), make(chan struct{})
		p.CallInThread(func() { close(began); <-release })
		<-began
		p.CallInThread(func() {})
		if s := p.Stats(); s.Maximum != 1 || s.Workers != 1 || s.Queued != 1 {
			t.Errorf("after shrinking, with two functions: %+v", s)
		}
		close(release)
	})
	t.Run("refuses bounds that make no sense, and says which", func(t *testing.T) { // TP4
		p := unstarted(t, 1, 2, nil)
		for _, bounds := range [][2]int{{-1, 5}, {4, 3}, {0, 0}, {0, -2}} {
			err := p.AdjustPoolsize(bounds[0], bounds[1])
			if !errors.Is(err, threads.ErrPoolSize) {
				t.Errorf("bounds %v gave %v, want ErrPoolSize", bounds, err)
			}
		}
		if s := p.Stats(); s.Minimum != 1 || s.Maximum != 2 {
			t.Errorf("the bounds have become %d and %d", s.Minimum, s.Maximum)
		}
		_, err := threads.NewThreadPool(threads.PoolConfig{Name: "uploads", Minimum: -3})
		if !errors.Is(err, threads.ErrPoolSize) || !strings.Contains(err.Error(), "uploads") {
			t.Errorf("NewThreadPool gave %v, want ErrPoolSize and the name", err)
		}
	})
	t.Run("refuses work and a start after Stop, which it can be told again", func(t *testing.T) { // TP3
		p := pool(t, 1, nil)
		p.Stop()
		p.Stop()
		ran := func() { t.Error("it ran") }
		onResult := func(int, error) { ran() }
		if p.CallInThread(ran) || threads.CallInThreadWithCallback(p, onResult, func() (int, error) { return 0, nil }) {
			t.Error("work was accepted")
		}
		if err := p.Start(); !errors.Is(err, threads.ErrPoolStopped) {
			t.Errorf("Start gave %v, want ErrPoolStopped", err)
		}
	})
}
