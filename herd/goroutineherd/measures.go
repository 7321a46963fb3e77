package goroutineherd

import (
	"sync"
	"sync/atomic"
	"time"

	"proxyherd/herd"
)

// Measures is what a server counts, for those who draw curves. It is a copy that
// nobody changes.
type Measures struct {
	Status    herd.Status
	Connected uint64      // clients so far, refused ones left out
	Unproved  int         // connections of neighbours that have proved nothing yet
	Clients   Traffic     // with clients
	Links     Traffic     // with neighbours, handshakes included
	Answers   AnswerTimes // of WHATSATs
	Exchanges []Exchanges // of records, in the order of Status.Links
}

// Traffic is bytes: read from the system, and handed over to be written to it.
type Traffic struct{ In, Out uint64 }

// Exchanges is what the re-syncs of a link came to, as the server that dialled
// it counts them: the sums of herd.Resync.
type Exchanges struct {
	Count, RoundTrips, Sent, Received, Bytes uint64
}

func (e *Exchanges) add(r herd.Resync) {
	e.Count++
	e.RoundTrips += uint64(r.RoundTrips)
	e.Sent += uint64(r.Sent)
	e.Received += uint64(r.Received)
	e.Bytes += uint64(r.Bytes)
}

// AnswerBounds are the upper bounds of the first counts in AnswerTimes; the last
// count has none. They are not to be changed.
var AnswerBounds = [...]time.Duration{
	time.Millisecond, 2 * time.Millisecond, 5 * time.Millisecond,
	10 * time.Millisecond, 20 * time.Millisecond, 50 * time.Millisecond,
	100 * time.Millisecond, 200 * time.Millisecond, 500 * time.Millisecond,
	time.Second, 2 * time.Second, 5 * time.Second, 10 * time.Second,
}

// AnswerTimes is how long WHATSATs waited for the upstream, from when they were
// carried out. It counts those whose client was still there, and not those that
// were too many to wait.
type AnswerTimes struct {
	Counts [len(AnswerBounds) + 1]uint64 // each once, by AnswerBounds
	Sum    time.Duration
}

func (a *AnswerTimes) add(took time.Duration) {
	a.Sum += took
	for i, bound := range AnswerBounds {
		if took <= bound {
			a.Counts[i]++
			return
		}
	}
	a.Counts[len(AnswerBounds)]++
}

func (a *AnswerTimes) status() herd.AnswerStatus {
	st := herd.AnswerStatus{Seconds: a.Sum.Seconds()}
	for _, n := range a.Counts {
		st.Count += n
	}
	return st
}

// tally is what is counted on the way. Whoever adds to it does so once for a whole
// piece of input or output.
type tally struct {
	clientsIn, clientsOut atomic.Uint64 // bytes
	linksIn, linksOut     atomic.Uint64
	yielded               atomic.Int64 // turns that a client's commands filled
	shared                atomic.Int64 // WHATSATs that joined an equal one
	whatsatsRefused       atomic.Int64 // WHATSATs that were too many to wait

	mu       sync.Mutex
	counters herd.Counters
	answers  AnswerTimes
}

func (t *tally) read() (herd.Counters, AnswerTimes) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.counters, t.answers
}

func (t *tally) answered(took time.Duration) {
	t.mu.Lock()
	t.answers.add(took)
	t.mu.Unlock()
}

// Measures is all that the server counts. What is counted by several goroutines at
// the same time may be a moment apart.
func (s *Server) Measures() Measures {
	_, answers := s.tally.read()
	m := Measures{
		Status:  s.Status(),
		Clients: Traffic{s.tally.clientsIn.Load(), s.tally.clientsOut.Load()},
		Links:   Traffic{s.tally.linksIn.Load(), s.tally.linksOut.Load()},
		Answers: answers, Exchanges: make([]Exchanges, len(s.neighbours)),
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	m.Connected, m.Unproved = s.connected, s.unproved
	for i, n := range s.neighbours {
		m.Exchanges[i] = n.exchanges
	}
	return m
}
