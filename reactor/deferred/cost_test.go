package deferred_test

import (
	"errors"
	"runtime"
	"testing"

	"proxyherd/reactor/deferred"
)

var errTooSmall = errors.New("too small")

func double(n int) (int, error)  { return 2 * n, nil }
func restart(error) (int, error) { return 1, nil }
func refuseSmall(n int) (int, error) {
	if n < 3 {
		return 0, errTooSmall
	}
	return n, nil
}

// threeSteps is the usual life of a Deferred: three steps of the three kinds,
// and a result.
func threeSteps(n int) *deferred.Deferred[int] {
	d := deferred.New[int](nil)
	d.AddCallback(double)
	d.AddCallback(refuseSmall)
	d.AddErrback(restart)
	d.Callback(n)
	return d
}

var kept *deferred.Deferred[int] // so that the compiler cannot do without

func TestMemory(t *testing.T) {
	for _, c := range []struct {
		name string
		most float64
		f    func()
	}{
		{"a Deferred with three steps is one piece of memory", 1, func() { kept = threeSteps(1) }},
		{"each step that remembers something is one more", 4, func() {
			d := deferred.New[int](nil)
			sum := new(int) // one
			d.AddCallback(func(n int) (int, error) { *sum += n; return *sum, nil })
			d.AddCallback(func(n int) (int, error) { *sum += n; return *sum, nil })
			d.Callback(1)
			kept = d
		}},
		{"steps added to a fired Deferred need none", 1, func() {
			d := deferred.Succeed(1)
			for range 100 {
				d.AddCallback(double)
			}
			kept = d
		}},
		{"waiting for an inner Deferred needs none", 2, func() {
			inner := deferred.New[int](nil)
			kept = inner
			outer := deferred.Succeed(1).AddDeferred(keptAgain)
			inner.Callback(2)
			kept = outer
		}},
		{"firing a long chain needs none", 1 + 2*1000, func() {
			start := deferred.New[int](nil)
			kept = start
			for range 1000 {
				kept = deferred.Then(kept, double) // two: itself and its step
			}
			start.Callback(1)
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := testing.AllocsPerRun(100, c.f); got > c.most {
				t.Errorf("%v allocations, more than %v", got, c.most)
			}
		})
	}
}

func TestStepsThatHaveRunAreNotKept(t *testing.T) {
	d := deferred.New[int](nil)
	const many = 5 // more than there is room for
	collected := make(chan struct{}, many)
	for range many {
		d.AddCallback(remembering(collected))
	}
	d.AddCallback(func(n int) (int, error) { d.Pause(); return n, nil })
	d.AddCallback(double) // waits, so that the list of steps stays in use
	d.Callback(1)
	for i := 0; i < collections && len(collected) < many; i++ {
		runtime.GC()
	}
	equal(t, "steps collected", len(collected), many)
	d.Unpause()
	listen(t, d).got(2)
}

// remembering is a step that tells when it is garbage.
func remembering(collected chan<- struct{}) func(int) (int, error) {
	memory := new([64]int)
	runtime.AddCleanup(memory, func(struct{}) { collected <- struct{}{} }, struct{}{})
	return func(n int) (int, error) { return n + memory[0], nil }
}

func keptAgain(int) *deferred.Deferred[int] { return kept }

// BenchmarkThreeSteps makes a Deferred with three callbacks and fires it. In a heap
// that holds nothing else the collector runs every few thousand times, and is most
// of what is measured; the other one is a small server's.
func BenchmarkThreeSteps(b *testing.B) {
	for _, heap := range []struct {
		name  string
		bytes int
	}{{"in an empty heap", 0}, {"in a heap of 64 MiB", 64 << 20}} {
		b.Run(heap.name, func(b *testing.B) {
			held := make([]byte, heap.bytes)
			defer runtime.KeepAlive(held)
			b.ReportAllocs()
			for b.Loop() {
				kept = threeSteps(1)
			}
		})
	}
}

// BenchmarkThreeClosures has steps that each remember something.
func BenchmarkThreeClosures(b *testing.B) {
	b.ReportAllocs()
	sum := 0
	for b.Loop() {
		d := deferred.New[int](nil)
		for i := range 3 {
			d.AddCallback(func(n int) (int, error) { sum += i; return n, nil })
		}
		d.Callback(1)
		kept = d
	}
}

func BenchmarkThen(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		d := deferred.New[string](nil)
		kept = deferred.Then(d, func(s string) (int, error) { return len(s), nil })
		d.Callback("four")
	}
}

// BenchmarkInner is a chain of a hundred Deferreds, each waiting for the next.
func BenchmarkInner(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		last := deferred.New[int](nil)
		kept = last
		for range 100 {
			kept = deferred.Succeed(1).AddDeferred(keptAgain)
		}
		last.Callback(1)
	}
}
