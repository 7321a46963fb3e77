// Package threadpool is a bounded set of worker goroutines that take functions
// from one queue: twisted/python/threadpool.py:28 ThreadPool. Both the reactor
// and its users' blocking calls run on it; package threads is its public face.
package threadpool

import (
	"sync"
	"sync/atomic"
)

// Pool runs functions on at most a fixed number of workers, in the order in
// which they were given. Workers are started when there is work for them, or
// to make up the minimum, and stay until Stop. What Do accepts is run, come
// what may. Its methods are safe from any goroutine.
type Pool struct {
	// OnPanic, if set, is told of a panic in a function, with what recover
	// returned, on the worker; the worker goes on.
	OnPanic func(value any)

	mu sync.Mutex
	// hand gives a function to a worker that has nothing to do, or nil, which
	// tells it to look again: at the limit, or that the pool has stopped.
	hand           chan func()
	idle           int      // workers that wait at hand, and that nobody has a function for
	queue          []func() // what waits begins at first, so that memory is used again
	first          int
	minimum, limit int
	workers        int // of which
	busy           int // run a function
	working        atomic.Int64
	started        bool
	stopped        bool
	ended          sync.WaitGroup
}

// New makes a pool of at most limit workers, at least one, that takes up work
// at once.
func New(limit int) *Pool {
	p := NewUnstarted(0, limit)
	p.started = true
	return p
}

// NewUnstarted makes a pool that only queues until Start. Then it has minimum
// workers, and up to limit as work comes.
func NewUnstarted(minimum, limit int) *Pool {
	return &Pool{minimum: minimum, limit: max(limit, 1), hand: make(chan func())}
}

// Start takes up work. It returns false once the pool has stopped.
func (p *Pool) Start() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.started = true
	p.staff()
	return !p.stopped
}

// Do queues f. It returns false, and drops f, once the pool has stopped.
func (p *Pool) Do(f func()) bool {
	p.mu.Lock()
	if p.stopped {
		p.mu.Unlock()
		return false
	}
	p.working.Add(1)
	if p.idle > 0 { // then none is queued
		p.idle--
		p.busy++
		p.mu.Unlock()
		p.hand <- f // a worker is there, or on its last steps
		return true
	}
	p.enqueue(f)
	p.staff()
	p.mu.Unlock()
	return true
}

func (p *Pool) enqueue(f func()) {
	if p.first > len(p.queue)/2 || p.first == len(p.queue) {
		// Each function moves at most once for each that was taken.
		left := copy(p.queue, p.queue[p.first:])
		clear(p.queue[left:])
		p.queue, p.first = p.queue[:left], 0
	}
	p.queue = append(p.queue, f)
}

// wakeIdle has every worker with nothing to do look again. Called with the lock
// held, which it gives up.
func (p *Pool) wakeIdle() {
	idle := p.idle
	p.idle = 0
	p.mu.Unlock()
	for range idle {
		p.hand <- nil
	}
}

// waiting counts the functions that no worker has taken yet.
func (p *Pool) waiting() int { return len(p.queue) - p.first }

// staff starts the workers that are missing: up to the minimum, and one for
// each queued function that no worker is free to take.
func (p *Pool) staff() {
	for p.started && p.workers < p.limit &&
		(p.workers < p.minimum && !p.stopped || p.workers-p.busy < p.waiting()) {
		p.workers++
		p.ended.Add(1)
		go p.run()
	}
}

// Resize changes how many workers there may be, at least one. Workers beyond
// that end when they have finished what they do.
func (p *Pool) Resize(limit int) { p.Adjust(-1, limit) }

// Adjust changes both bounds; a negative minimum stays what it is.
func (p *Pool) Adjust(minimum, limit int) {
	p.mu.Lock()
	p.limit = max(limit, 1)
	if minimum >= 0 {
		p.minimum = minimum
	}
	p.staff()
	p.wakeIdle()
}

// Bounds are the least and the most workers.
func (p *Pool) Bounds() (minimum, limit int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.minimum, p.limit
}

// Stop refuses new functions, lets the queued ones run, even in a pool that
// was never started, and returns when the last has ended. It may be called
// again.
func (p *Pool) Stop() {
	p.mu.Lock()
	p.started, p.stopped = true, true
	p.staff()
	p.wakeIdle()
	p.ended.Wait()
}

// Working reports whether functions wait or run. It takes no lock.
func (p *Pool) Working() bool { return p.working.Load() > 0 }

// Stats counts the functions that wait, the workers, and those with nothing to
// do.
func (p *Pool) Stats() (waiting, workers, idle int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.waiting(), p.workers, p.workers - p.busy
}

func (p *Pool) run() {
	defer p.ended.Done()
	for f := p.next(0); f != nil; f = p.next(1) {
		p.call(f)
	}
}

// next waits for a function, after having run done of them; nil tells the
// worker to end.
func (p *Pool) next(done int) func() {
	p.mu.Lock()
	p.busy -= done
	for p.waiting() == 0 && !p.stopped && p.workers <= p.limit {
		p.idle++
		p.mu.Unlock()
		if f := <-p.hand; f != nil {
			return f
		}
		p.mu.Lock()
	}
	defer p.mu.Unlock()
	if p.workers > p.limit || p.waiting() == 0 {
		p.workers--
		return nil
	}
	f := p.queue[p.first]
	p.queue[p.first] = nil
	p.first++
	p.busy++
	return f
}

func (p *Pool) call(f func()) {
	returned := false
	defer func() {
		v := recover()
		p.working.Add(-1)
		switch {
		case v != nil && p.OnPanic != nil:
			p.OnPanic(v)
		case v == nil && !returned:
			p.exited()
		}
	}()
	f()
	returned = true
}

// exited is told that a function ended its worker's goroutine, with
// runtime.Goexit: another takes its place.
func (p *Pool) exited() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.busy--
	p.workers--
	p.staff()
}
