// Package threadpool is a bounded set of worker goroutines that take functions
// from one queue: twisted/python/threadpool.py:28 ThreadPool. Both the reactor
// and its users' blocking calls run on it; package threads is its public face.
package threadpool

import "sync"

// Pool runs functions on at most a fixed number of workers, in the order in
// which they were given. Workers are started when there is work for them, or
// to make up the minimum, and stay until Stop. What Do accepts is run, come
// what may. Its methods are safe from any goroutine.
type Pool struct {
	// OnPanic, if set, is told of a panic in a function, with what recover
	// returned, on the worker; the worker goes on.
	OnPanic func(value any)

	mu             sync.Mutex
	work           sync.Cond // a function was queued, the limit changed, or the pool stopped
	queue          []func()
	minimum, limit int
	workers        int // of which
	busy           int // run a function
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
	p := &Pool{minimum: minimum, limit: max(limit, 1)}
	p.work.L = &p.mu
	return p
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
	defer p.mu.Unlock()
	if p.stopped {
		return false
	}
	p.queue = append(p.queue, f)
	p.staff()
	p.work.Signal()
	return true
}

// staff starts the workers that are missing: up to the minimum, and one for
// each queued function that no worker is free to take.
func (p *Pool) staff() {
	for p.started && p.workers < p.limit &&
		(p.workers < p.minimum && !p.stopped || p.workers-p.busy < len(p.queue)) {
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
	defer p.mu.Unlock()
	p.limit = max(limit, 1)
	if minimum >= 0 {
		p.minimum = minimum
	}
	p.staff()
	p.work.Broadcast()
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
	p.work.Broadcast()
	p.mu.Unlock()
	p.ended.Wait()
}

// Stats counts the functions that wait, the workers, and those with nothing to
// do.
func (p *Pool) Stats() (waiting, workers, idle int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.queue), p.workers, p.workers - p.busy
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
	defer p.mu.Unlock()
	p.busy -= done
	for len(p.queue) == 0 && !p.stopped && p.workers <= p.limit {
		p.work.Wait()
	}
	if p.workers > p.limit || len(p.queue) == 0 {
		p.workers--
		return nil
	}
	f := p.queue[0]
	p.queue[0] = nil
	p.queue = p.queue[1:]
	p.busy++
	return f
}

func (p *Pool) call(f func()) {
	returned := false
	defer func() {
		v := recover()
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
