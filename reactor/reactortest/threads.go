package reactortest

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"proxyherd/reactor"
)

// defaultThreads is how many jobs run at once: twisted/internet/base.py:950.
const defaultThreads = 10

var (
	errNoAddress = errors.New("it has no address of the wanted kind")
	errStopped   = errors.New("the reactor has stopped")
)

func lookupError(name string, err error) error {
	return fmt.Errorf("%w: address %q: %w", reactor.ErrDNSLookup, name, err)
}

// mailbox takes calls from any goroutine to the loop.
type mailbox struct {
	mu     sync.Mutex
	calls  []func()
	spare  []func()    // the list of the turn before, to be used again
	filled atomic.Bool // there are calls
	closed bool
}

func (m *mailbox) post(f func()) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.closed {
		m.calls = append(m.calls, f)
		m.filled.Store(true)
	}
	return !m.closed
}

func (m *mailbox) take() []func() {
	if !m.filled.Load() {
		return nil
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	calls := m.calls
	m.calls, m.spare = m.spare, nil
	m.filled.Store(false)
	return calls
}

// done takes back the list that take has given.
func (m *mailbox) done(calls []func()) {
	clear(calls)
	m.spare = calls[:0]
}

func (m *mailbox) waiting() bool { return m.filled.Load() }

func (m *mailbox) close() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.closed, m.calls = true, nil
	m.filled.Store(false)
}

// CallFromThread runs f on the loop. It is safe from any goroutine. What comes
// from a goroutine of the test's comes when it comes: that run is not
// repeatable.
func (r *Reactor) CallFromThread(f func()) bool {
	if !r.mailbox.post(f) {
		return false
	}
	r.network.schedule.mail.Store(true)
	select {
	case r.network.posted <- struct{}{}:
	default: // it rings already
	}
	return true
}

// jobs are the functions given to CallInThread, each with the time at which a
// worker has done it.
type jobs struct {
	queue   []job       // by time
	workers []time.Time // until when each worker is busy
}

type job struct {
	ends time.Time
	f    func()
}

// add gives f to the worker that is free first.
func (j *jobs) add(now time.Time, takes time.Duration, f func()) {
	first := 0
	for i, busy := range j.workers {
		if busy.Before(j.workers[first]) {
			first = i
		}
	}
	starts := now
	if busy := j.workers[first]; busy.After(now) {
		starts = busy
	}
	ends := starts.Add(takes)
	j.workers[first] = ends
	place, _ := slices.BinarySearchFunc(j.queue, ends, func(e job, t time.Time) int {
		if e.ends.After(t) {
			return 1
		}
		return -1 // after those that end at the same time
	})
	j.queue = slices.Insert(j.queue, place, job{ends, f})
}

func (j *jobs) next() (time.Time, bool) {
	if len(j.queue) == 0 {
		return time.Time{}, false
	}
	return j.queue[0].ends, true
}

// take is the first job that has ended at now, nil if none has.
func (j *jobs) take(now time.Time) func() {
	if ends, found := j.next(); !found || ends.After(now) {
		return nil
	}
	f := j.queue[0].f
	j.queue = slices.Delete(j.queue, 0, 1)
	return f
}

func (j *jobs) resize(size int) {
	size = max(size, 1)
	for len(j.workers) < size {
		j.workers = append(j.workers, time.Time{})
	}
	j.workers = j.workers[:size]
}

// CallInThread runs f on the goroutine that drives the network, after
// Options.JobTime and outside of every turn, so that f hands its result over
// with CallFromThread as on a reactor with real workers. f must not wait for
// the loop: that would wait for itself.
func (r *Reactor) CallInThread(f func()) bool {
	if r.gone {
		return false
	}
	r.jobs.add(r.network.now, r.network.options.JobTime, f)
	r.lie()
	return true
}

// SuggestThreadPoolSize sets how many jobs run at once; the others wait longer.
func (r *Reactor) SuggestThreadPoolSize(size int) { r.jobs.resize(size) }

// runJobs runs the jobs that have ended by now.
func (r *Reactor) runJobs() {
	if !r.started || r.paused {
		return
	}
	for f := r.jobs.take(r.network.now); f != nil; f = r.jobs.take(r.network.now) {
		r.runJob(f)
	}
}

// finishJobs runs all of them.
func (r *Reactor) finishJobs() {
	for _, j := range r.jobs.queue {
		r.runJob(j.f)
	}
	r.jobs.queue = nil
}

func (r *Reactor) runJob(f func()) {
	if err := caught(f); err != nil {
		r.log("thread", err, "in a job of CallInThread")
	}
}

// working reports whether a job is under way.
func (r *Reactor) working() bool { return r.started && !r.paused && len(r.jobs.queue) > 0 }
