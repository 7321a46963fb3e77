//go:build linux

package gnetreactor

import "sync"

// mailbox takes calls from any goroutine to the loop, first in, first out.
// gnet's own queue is not FIFO above 1,024 tasks, and costs several times as
// much a post.
type mailbox struct {
	mu     sync.Mutex
	calls  []func()
	spare  []func() // the loop's: the batch that it works off
	wake   func()   // nil while no loop runs
	closed bool
}

// post queues f and wakes the loop if nothing was waiting; false if the loop
// has ended for good.
func (m *mailbox) post(f func()) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return false
	}
	m.calls = append(m.calls, f)
	if len(m.calls) == 1 && m.wake != nil {
		m.wake()
	}
	return true
}

// take gives what is waiting. The slice is good until the next take.
func (m *mailbox) take() []func() {
	clear(m.spare) // let go of what the last batch captured
	m.mu.Lock()
	m.calls, m.spare = m.spare[:0], m.calls
	m.mu.Unlock()
	return m.spare
}

// open says how to wake the loop, from now on.
func (m *mailbox) open(wake func()) {
	m.mu.Lock()
	m.wake = wake
	m.mu.Unlock()
}

// close stops the waking, and for good refuses every later post too.
func (m *mailbox) close(forGood bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.wake = nil
	if forGood {
		m.closed = true
		m.calls = nil
	}
}
