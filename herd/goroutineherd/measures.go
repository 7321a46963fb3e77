package goroutineherd

import (
	"sync"
	"sync/atomic"
	"time"

	"proxyherd/herd"
)

// tally is what is counted on the way. Whoever adds to it does so once for a whole
// piece of input or output.
//
// Twin: atomics and a lock. A goroutine counts on its desk, and adds that once for a
// piece of input.
type tally struct {
	clientsIn, clientsOut atomic.Uint64 // bytes
	linksIn, linksOut     atomic.Uint64
	yielded               atomic.Int64 // turns that a client's commands filled
	shared                atomic.Int64 // WHATSATs that joined an equal one
	whatsatsRefused       atomic.Int64 // WHATSATs that were too many to wait

	mu       sync.Mutex
	counters herd.Counters
	answers  herd.AnswerTimes
}

func (t *tally) read() (herd.Counters, herd.AnswerTimes) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.counters, t.answers
}

func (t *tally) answered(took time.Duration) {
	t.mu.Lock()
	t.answers.Add(took)
	t.mu.Unlock()
}

// Measures is all that the server counts. What is counted by several goroutines at
// the same time may be a moment apart.
func (s *Server) Measures() herd.Measures {
	_, answers := s.tally.read()
	m := herd.Measures{
		Status:  s.Status(),
		Clients: herd.Traffic{In: s.tally.clientsIn.Load(), Out: s.tally.clientsOut.Load()},
		Links:   herd.Traffic{In: s.tally.linksIn.Load(), Out: s.tally.linksOut.Load()},
		Answers: answers, Exchanges: make([]herd.Exchanges, len(s.neighbours)),
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	m.Connected, m.Unproved = s.connected, s.unproved
	for i, n := range s.neighbours {
		m.Exchanges[i] = n.exchanges
	}
	return m
}
