package monitor

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// What leaves a server for those who look on, however busy it is and however many
// they are. What is not used is saved up for a second, so that a few dozen reports
// at once are all seen.
const (
	sampleRate = 100                    // records a second
	sampleTick = 100 * time.Millisecond // how often they are handed on
	sampleMost = sampleRate             // records between two ticks
)

// Sample is a herd.Onlooker that keeps a bounded number of records a second, and
// hands them to all who look on. While nobody does, or once there are enough, what
// it costs the server is one look at a number.
//
// NewSample makes one. Its methods may be called on any goroutine.
type Sample struct {
	left atomic.Int64 // records that may still be taken; 0 while nobody looks on

	mu        sync.Mutex // guards what follows; nobody waits while holding it
	taken     []passage
	onlookers []*onlooker
	end       chan struct{} // ends the ticking; nil while nobody looks on
}

// passage is a record that a server has passed on. Nobody changes it.
type passage struct {
	at   time.Time
	line []byte // its AT line, without its end
	from string
	to   []string
}

// onlooker is one of those who look on.
type onlooker struct {
	// batches are the records of each tick. One who does not take them in time has
	// some less to see, and nobody waits.
	batches chan []passage
}

// batchesWaiting is how many ticks an onlooker may be late.
const batchesWaiting = 10

// NewSample returns a Sample that nobody looks at.
func NewSample() *Sample { return &Sample{} }

// Looking implements herd.Onlooker.
func (s *Sample) Looking() bool { return s.left.Load() > 0 }

// Passed implements herd.Onlooker.
func (s *Sample) Passed(line []byte, from string, to []string) {
	if s.left.Add(-1) < 0 {
		return // somebody else was quicker
	}
	p := passage{at: time.Now(), line: slices.Clone(line[:len(line)-1]), from: from, to: to}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.end != nil { // else the last of them has just gone
		s.taken = append(s.taken, p)
	}
}

// join adds an onlooker, who must leave.
func (s *Sample) join() *onlooker {
	o := &onlooker{batches: make(chan []passage, batchesWaiting)}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.onlookers = append(s.onlookers, o)
	if s.end == nil {
		s.end = make(chan struct{})
		s.left.Store(sampleMost)
		go s.tick(s.end)
	}
	return o
}

func (s *Sample) leave(o *onlooker) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.onlookers = slices.DeleteFunc(s.onlookers, func(other *onlooker) bool { return other == o })
	if len(s.onlookers) == 0 {
		close(s.end)
		s.end, s.taken = nil, nil
		s.left.Store(0)
	}
}

// tick hands on what was taken, and lets more be taken, until end is closed.
func (s *Sample) tick(end <-chan struct{}) {
	ticker := time.NewTicker(sampleTick)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			s.handOn(end)
		case <-end:
			return
		}
	}
}

func (s *Sample) handOn(end <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.end != end {
		return // others look on now, and have a ticker of their own
	}
	batch := s.taken
	s.taken = nil
	// Below zero it is for those who came at the same moment, and were refused.
	s.left.Store(min(sampleMost, max(0, s.left.Load())+int64(sampleRate*sampleTick/time.Second)))
	if len(batch) == 0 {
		return
	}
	for _, o := range s.onlookers {
		select {
		case o.batches <- batch:
		default:
		}
	}
}
