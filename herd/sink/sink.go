package sink

import (
	"context"
	"sync"
	"time"

	"proxyherd/herd"
	"proxyherd/herd/wirelog"
)

// Options is what a Sink is made of.
type Options struct {
	// Settings have passed herd.Config's Check; of them the address and the password
	// are the Database's.
	Settings herd.Sink
	// Future is herd.Config's.
	Future time.Duration
	// Database is closed with the Sink.
	Database Database
	// Log takes events; nil takes none.
	Log *wirelog.Log

	times times // the zero value: usual
}

// times are how long a sink waits for what.
type times struct {
	slow   time.Duration // for the database, before it counts as failed
	again  time.Duration // before the first new attempt after a failure; then twice as long each time
	most   time.Duration // but no longer
	rest   time.Duration // between two questions to a database that fails
	ending time.Duration // for what waits at the end
	settle time.Duration // for a neighbour that has records, before the database's are loaded
}

var usual = times{
	slow: 5 * time.Second, again: 250 * time.Millisecond, most: 10 * time.Second, rest: time.Second,
	ending: 5 * time.Second, settle: 10 * time.Second,
}

// Server is what a Sink needs of the server that it writes for.
type Server struct {
	// Walk begins a walk over the server's records. It may be called again and again.
	Walk func() Walk
	// Take gives it AT lines, each with its end, as if a neighbour had sent them.
	Take func(ctx context.Context, lines []byte) error
}

// Walk gives the next piece of a walk over the records: the AT lines, each with its
// end, of at most so many, and whether there are more. The lines are the caller's.
type Walk func(ctx context.Context, most int) (lines []byte, more bool, err error)

// Sink writes a server's records to a database; a herd.Copyist. New makes one.
type Sink struct {
	settings herd.Sink
	future   time.Duration
	db       Database
	log      *wirelog.Log
	times    times
	opened   time.Time
	server   Server // since Start

	// Of the goroutine that writes.
	walk   Walk      // over the store, while it is written; nil: none is under way
	taken  []waiting // what of it is not written yet
	failed bool      // the last drain has
	pause  time.Duration
	wrote  time.Time // the last batch
	life   string    // of the database that took it

	wake    chan struct{} // holds one: there is something to do
	ctx     context.Context
	cancel  context.CancelFunc // ends whatever is under way
	closing chan struct{}
	running sync.WaitGroup

	mu      sync.Mutex // guards what follows; nothing waits under it
	gathers *pending
	holds   int       // records of taken
	held    int64     // bytes of them
	oldest  time.Time // when the first of them came; zero: there is none
	whole   whole
	resting time.Time // until then a database that fails is asked nothing
	status  herd.SinkStatus
}

// whole is how it stands with the whole store.
type whole int

const (
	wholeWritten whole = iota // it was, and what is put since then waits
	wholeWanted               // it must be: what is put meanwhile need not wait
	wholeUnder                // it is being, and what is put meanwhile waits
)

// New makes a Sink that keeps nothing before Start.
func New(o Options) *Sink {
	s := &Sink{
		settings: o.Settings, future: o.Future, db: o.Database, log: o.Log, times: o.times, opened: time.Now(),
		wake: make(chan struct{}, 1), closing: make(chan struct{}),
		gathers: &pending{}, whole: wholeWanted, status: herd.SinkStatus{Kind: o.Settings.Kind},
	}
	if s.times == (times{}) {
		s.times = usual
	}
	s.pause = s.times.again
	s.ctx, s.cancel = context.WithCancel(context.Background())
	return s
}

// Start begins to write, with all that the server has. It is called once, when the
// server can be asked.
func (s *Sink) Start(server Server) {
	s.server = server
	s.hurry()
	s.running.Go(s.run)
	if s.settings.Load {
		s.running.Go(s.load)
	}
}

// Put is a herd.Copyist's.
func (s *Sink) Put(line []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.whole == wholeWanted {
		return // it is in the store already, and that is looked through later
	}
	if len(s.gathers.list) == 0 {
		s.hurry()
	}
	s.gathers.put(line[:len(line)-1])
	if s.gathers.bytes+s.held > s.settings.Bound {
		s.gathers, s.whole = &pending{}, wholeWanted
	}
}

func (s *Sink) hurry() {
	select {
	case s.wake <- struct{}{}:
	default: // it will look anyway
	}
}

// Status is how the sink does.
func (s *Sink) Status() herd.SinkStatus {
	s.mu.Lock()
	defer s.mu.Unlock()
	st := s.status
	st.Pending, st.PendingBytes = s.holds+len(s.gathers.list), s.held+s.gathers.bytes
	st.Whole = s.whole != wholeWritten
	oldest := s.oldest
	if oldest.IsZero() && len(s.gathers.list) > 0 {
		oldest = s.gathers.list[0].since
	}
	if !oldest.IsZero() {
		st.Lag = time.Since(oldest).Seconds()
		st.LongestLag = max(st.LongestLag, st.Lag)
	}
	return st
}

// Close writes what waits, if the database takes it soon, and ends the sink. What is
// not written is told to the log: the herd has it, and a server that starts writes all
// that it has. Call it when the server has stopped.
func (s *Sink) Close() {
	close(s.closing)
	ended := make(chan struct{})
	go func() {
		s.running.Wait()
		s.db.Close()
		close(ended)
	}()
	late := time.NewTimer(s.times.ending)
	defer late.Stop()
	select {
	case <-ended:
	case <-late.C:
	}
	s.cancel()
	if st := s.Status(); s.server.Walk != nil && (st.Pending > 0 || st.Whole) {
		s.log.Event(time.Now(), wirelog.Warn, "the sink has not taken everything: a server that starts writes all that it has",
			wirelog.F("sink", st.Kind), wirelog.F("records", st.Pending), wirelog.F("whole_store", st.Whole), wirelog.F("error", st.Error))
	}
}
