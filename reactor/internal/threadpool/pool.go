// Package threadpool is a bounded set of worker goroutines that take functions
// from one queue: twisted/python/threadpool.py:28 ThreadPool. Both the reactor
// and its users' blocking calls run on it.
package threadpool

import "sync"

// Pool runs functions on at most a fixed number of workers, in the order in
// which they were given. Workers are started when there is work for them and
// stay until Stop. Its methods are safe from any goroutine.
type Pool struct {
	// OnPanic, if set, is told of a panic in a function, with what recover
	// returned, on the worker; the worker goes on.
	OnPanic func(value any)

	mu      sync.Mutex
	work    sync.Cond // a function was queued, or the pool stopped
	queue   []func()
	limit   int
	workers int
	idle    int
	stopped bool
	ended   sync.WaitGroup
}

// New makes a pool of at most limit workers, at least one.
func New(limit int) *Pool {
	p := &Pool{limit: max(limit, 1)}
	p.work.L = &p.mu
	return p
}

// Do queues f. It returns false, and drops f, once the pool has stopped.
func (p *Pool) Do(f func()) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stopped {
		return false
	}
	p.queue = append(p.queue, f)
	switch {
	case p.idle >= len(p.queue):
		p.work.Signal()
	case p.workers < p.limit:
		p.workers++
		p.ended.Add(1)
		go p.run()
	}
	return true
}

// Resize changes how many workers there may be, at least one. Workers beyond
// that end when they have finished what they do.
func (p *Pool) Resize(limit int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.limit = max(limit, 1)
	for range min(p.limit-p.workers, len(p.queue)-p.idle) {
		p.workers++
		p.ended.Add(1)
		go p.run()
	}
	p.work.Broadcast()
}

// Stop refuses new functions, lets the queued ones run, and returns when the
// last has ended. It may be called again.
func (p *Pool) Stop() {
	p.mu.Lock()
	p.stopped = true
	p.work.Broadcast()
	p.mu.Unlock()
	p.ended.Wait()
}

// Stats counts the functions that wait, the workers, and those with nothing to
// do.
func (p *Pool) Stats() (waiting, workers, idle int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.queue), p.workers, p.idle
}

func (p *Pool) run() {
	defer p.ended.Done()
	for {
		f := p.next()
		if f == nil {
			return
		}
		p.call(f)
	}
}

// next waits for a function; nil tells the worker to end.
func (p *Pool) next() func() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for len(p.queue) == 0 && !p.stopped && p.workers <= p.limit {
		p.idle++
		p.work.Wait()
		p.idle--
	}
	if p.workers > p.limit || len(p.queue) == 0 {
		p.workers--
		return nil
	}
	f := p.queue[0]
	p.queue[0] = nil
	p.queue = p.queue[1:]
	return f
}

func (p *Pool) call(f func()) {
	defer func() {
		if v := recover(); v != nil && p.OnPanic != nil {
			p.OnPanic(v)
		}
	}()
	f()
}
