package threads_test

import (
	"runtime"
	"testing"

	"proxyherd/reactor"
	"proxyherd/reactor/gnetreactor"
	"proxyherd/reactor/threads"
)

// BenchmarkDeferToThread measures one round trip at a time, loop to worker to
// loop, against what it would cost by hand: on a loop that is nothing but a
// channel of functions, and on the reactor. The process holds as much memory as
// a small server: with nothing else in the heap, the collector would run every
// few thousand round trips, and what is measured is the collector.
func BenchmarkDeferToThread(b *testing.B) {
	held := make([]byte, 64<<20)
	defer runtime.KeepAlive(held)
	b.Run("by hand on a channel", func(b *testing.B) {
		loop := make(channelLoop)
		jobs := oneWorker(b)
		var again func(left int)
		again = func(left int) {
			if left == 0 {
				close(loop)
				return
			}
			jobs <- func() {
				result := left
				loop <- func() { again(result - 1) }
			}
		}
		loop.run(func() { again(b.N) })
	})
	b.Run("on a channel", func(b *testing.B) {
		loop := make(channelLoop)
		p := onePool(b)
		var again func(left int)
		again = func(left int) {
			if left == 0 {
				close(loop)
				return
			}
			threads.DeferToThreadPool(loop, p, func() (int, error) { return left, nil }).
				AddCallback(func(result int) (int, error) { again(result - 1); return 0, nil })
		}
		loop.run(func() { again(b.N) })
	})
	b.Run("by hand on the reactor", func(b *testing.B) {
		jobs := oneWorker(b)
		r := gnetreactor.New(gnetreactor.Config{NoSignalHandlers: true})
		var again func(left int)
		again = func(left int) {
			if left == 0 {
				end(b, r)
				return
			}
			jobs <- func() {
				result := left
				r.CallFromThread(func() { again(result - 1) })
			}
		}
		benchmarkReactor(b, r, again)
	})
	b.Run("on the reactor", func(b *testing.B) {
		r := gnetreactor.New(gnetreactor.Config{NoSignalHandlers: true})
		var again func(left int)
		again = func(left int) {
			if left == 0 {
				end(b, r)
				return
			}
			threads.DeferToThread(r, func() (int, error) { return left, nil }).
				AddCallback(func(result int) (int, error) { again(result - 1); return 0, nil })
		}
		benchmarkReactor(b, r, again)
	})
}

func benchmarkReactor(b *testing.B, r *gnetreactor.Reactor, again func(left int)) {
	r.CallWhenRunning(func() { again(b.N) })
	b.ReportAllocs()
	b.ResetTimer()
	if err := r.Run(); err != nil {
		b.Fatal(err)
	}
}

func end(b *testing.B, r reactor.Core) {
	b.StopTimer()
	if err := r.Stop(); err != nil {
		b.Error(err)
	}
}

// channelLoop is the smallest loop there can be.
type channelLoop chan func()

func (l channelLoop) CallFromThread(f func()) bool { l <- f; return true }

func (l channelLoop) run(first func()) {
	first()
	for f := range l {
		f()
	}
}

// oneWorker is the smallest pool there can be.
func oneWorker(b *testing.B) chan<- func() {
	jobs := make(chan func())
	go func() {
		for f := range jobs {
			f()
		}
	}()
	b.Cleanup(func() { close(jobs) })
	b.ReportAllocs()
	b.ResetTimer()
	return jobs
}

func onePool(b *testing.B) *threads.ThreadPool {
	p, err := threads.NewThreadPool(threads.PoolConfig{Minimum: 1, Maximum: 1})
	if err != nil {
		b.Fatal(err)
	}
	if err := p.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(p.Stop)
	b.ReportAllocs()
	b.ResetTimer()
	return p
}
