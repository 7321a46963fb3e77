package threadpool

import (
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestNoMoreWorkersThanTheLimit(t *testing.T) {
	p := New(3)
	var running, most atomic.Int32
	var arrived, release sync.WaitGroup
	arrived.Add(3)
	release.Add(1)
	for range 3 { // three fill the pool, so the other 27 must wait
		p.Do(func() { running.Add(1); arrived.Done(); release.Wait(); running.Add(-1) })
	}
	var ran atomic.Int32
	for range 27 {
		p.Do(func() {
			now := running.Add(1)
			for old := most.Load(); now > old && !most.CompareAndSwap(old, now); old = most.Load() {
			}
			ran.Add(1)
			running.Add(-1)
		})
	}
	arrived.Wait()
	if waiting, workers, idle := p.Stats(); waiting != 27 || workers != 3 || idle != 0 {
		t.Fatalf("waiting %d, workers %d, idle %d; want 27, 3, 0", waiting, workers, idle)
	}
	release.Done()
	p.Stop()
	if ran.Load() != 27 || most.Load() > 3 {
		t.Fatalf("%d ran, at most %d at once; want 27 and 3 at the most", ran.Load(), most.Load())
	}
}

func TestOneWorkerKeepsTheOrder(t *testing.T) {
	p := New(1)
	var got []int
	for i := range 100 {
		p.Do(func() { got = append(got, i) })
	}
	p.Stop()
	if len(got) != 100 {
		t.Fatalf("%d functions ran, want 100", len(got))
	}
	for i, v := range got {
		if i != v {
			t.Fatalf("function %d ran in place %d", v, i)
		}
	}
}

func TestStopRunsWhatIsQueuedAndRefusesTheRest(t *testing.T) {
	p := New(1)
	var release sync.WaitGroup
	release.Add(1)
	ran := 0
	p.Do(func() { release.Wait(); ran++ })
	p.Do(func() { ran++ })
	release.Done()
	p.Stop()
	if ran != 2 {
		t.Fatalf("%d functions ran, want 2", ran)
	}
	if p.Do(func() { t.Error("ran after Stop") }) {
		t.Fatal("Do after Stop was accepted")
	}
}

func TestAPanicIsReportedAndTheWorkerGoesOn(t *testing.T) {
	p := New(1)
	var seen any
	p.OnPanic = func(v any) { seen = v }
	ran := false
	p.Do(func() { panic("boom") })
	p.Do(func() { ran = true })
	p.Stop()
	if seen != "boom" || !ran {
		t.Fatalf("panic seen: %v, next function ran: %v", seen, ran)
	}
}

func TestResizeStartsAndEndsWorkers(t *testing.T) {
	p := New(1)
	var started, release sync.WaitGroup
	started.Add(1)
	release.Add(1)
	for range 4 {
		p.Do(func() { started.Done(); release.Wait() })
	}
	started.Wait()
	started.Add(3)
	p.Resize(4)
	started.Wait() // would wait for ever if the three workers had not started
	release.Done()
	p.Resize(1)
	var done sync.WaitGroup
	done.Add(1)
	p.Do(done.Done)
	done.Wait()
	p.Stop()
	if _, workers, _ := p.Stats(); workers != 0 {
		t.Fatalf("%d workers after Stop", workers)
	}
}

func TestWorkersTooManyLeaveTheQueueToTheOthers(t *testing.T) {
	p := New(3)
	var began, release sync.WaitGroup
	began.Add(3)
	release.Add(1)
	for range 3 {
		p.Do(func() { began.Done(); release.Wait() })
	}
	began.Wait()
	p.Resize(1)
	var running, ran atomic.Int32
	for range 50 {
		p.Do(func() {
			if n := running.Add(1); n != 1 {
				t.Errorf("%d workers at work, want one", n)
			}
			runtime.Gosched() // lets another begin, if there is one
			running.Add(-1)
			ran.Add(1)
		})
	}
	release.Done()
	p.Stop()
	if ran.Load() != 50 {
		t.Fatalf("%d functions ran, want 50", ran.Load())
	}
}

func TestAnUnstartedPoolQueues(t *testing.T) {
	p := NewUnstarted(2, 3)
	ran := make(chan struct{}, 1)
	p.Do(func() { ran <- struct{}{} })
	if waiting, workers, _ := p.Stats(); waiting != 1 || workers != 0 {
		t.Fatalf("before Start: %d waiting, %d workers; want 1 and 0", waiting, workers)
	}
	if !p.Start() {
		t.Fatal("Start was refused")
	}
	<-ran
	if _, workers, _ := p.Stats(); workers != 2 {
		t.Fatalf("%d workers after Start, want the minimum of 2", workers)
	}
	p.Stop()
	if p.Start() {
		t.Fatal("Start after Stop was accepted")
	}
}

func TestStopRunsWhatAPoolNeverStartedHasAccepted(t *testing.T) {
	p := NewUnstarted(5, 5)
	ran := 0
	p.Do(func() { ran++ })
	p.Stop()
	if ran != 1 {
		t.Fatalf("%d functions ran, want the one that was accepted", ran)
	}
}

func TestAWorkerThatExitsIsReplaced(t *testing.T) {
	p := New(1)
	ran := false
	p.Do(runtime.Goexit)
	p.Do(func() { ran = true })
	p.Stop()
	if _, workers, idle := p.Stats(); !ran || workers != 0 || idle != 0 {
		t.Fatalf("the next function ran: %v; %d workers, %d idle after Stop", ran, workers, idle)
	}
}
