package sink_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"proxyherd/herd"
	"proxyherd/herd/sink"
	"proxyherd/herd/sink/sinktest"
)

func TestOfEachClientTheNewestIsWrittenOnce(t *testing.T) {
	in(t, settings, func(t *testing.T, s *stand) {
		s.report(line("early", 1))
		s.start()
		s.isWhole("after the start")
		before := len(s.db.Writes())
		for n := range 100 {
			for c := range 25 {
				s.report(line(fmt.Sprint("client", c), n))
			}
		}
		synctest.Wait()
		if got := len(s.db.Writes()); got != before {
			t.Errorf("%d batches are written before anything has gathered", got-before)
		}
		s.pass(time.Second)
		s.isWhole("a second later")
		written := 0
		for _, batch := range s.db.Writes()[before:] {
			written += len(batch)
			if len(batch) > settings.Batch {
				t.Errorf("a batch of %d", len(batch))
			}
		}
		if batches := len(s.db.Writes()) - before; written != 25 || batches != 3 {
			t.Errorf("%d records are written for 25 clients, in %d batches", written, batches)
		}
		if st := s.sink.Status(); st.Wholes != 1 || st.Failures != 0 || st.Written == 0 || st.Last.IsZero() || st.LongestLag != 1 {
			t.Errorf("%+v", st)
		}
	})
}

func TestAnOutageIsOutlived(t *testing.T) {
	for name, begins := range map[string]func(m *sinktest.Memory, down bool){
		"refused": (*sinktest.Memory).Down, "hangs": (*sinktest.Memory).Hang,
	} {
		t.Run(name, func(t *testing.T) {
			in(t, settings, func(t *testing.T, s *stand) {
				s.start()
				begins(s.db, true)
				for n := range 300 { // half a minute
					s.report(line(fmt.Sprint("client", n%40), n))
					s.pass(100 * time.Millisecond)
				}
				st := s.sink.Status()
				if st.Error == "" || st.FailedSince.IsZero() || st.Failures < 3 || st.Failures > 20 || st.Pending != 41 || st.Whole {
					t.Errorf("in the outage: %+v", st)
				}
				if st.Lag < 29 || st.Lag > 31 {
					t.Errorf("the oldest record waits for %v s", st.Lag)
				}
				begins(s.db, false)
				s.pass(15 * time.Second) // the longest pause, and the longest attempt
				s.isWhole("after it")
				if st := s.sink.Status(); st.Wholes != 1 {
					t.Errorf("the whole store was written %d times", st.Wholes)
				}
			})
		})
	}
}

// More changes than the sink may keep: it keeps none, and looks through the store when
// the database is back. Meanwhile it never holds more than it may.
func TestBeyondTheBoundTheWholeStoreIsWritten(t *testing.T) {
	o := settings
	o.Bound = 64 << 10
	in(t, o, func(t *testing.T, s *stand) {
		s.start()
		s.db.Down(true)
		most := int64(0)
		for n := range 3000 {
			s.report(line(fmt.Sprint("client", n), n))
			most = max(most, s.sink.Status().PendingBytes)
			if n%100 == 0 {
				s.pass(time.Second)
			}
		}
		if st := s.sink.Status(); !st.Whole || most > o.Bound || most < o.Bound/2 {
			t.Errorf("at most %d bytes waited, of %d: %+v", most, o.Bound, st)
		}
		// Changes go on while it looks through the store.
		changes := 0
		s.looking(func() {
			if changes++; changes < 5 {
				for n := range 100 {
					s.report(line(fmt.Sprint("client", n*30), 10_000*changes))
				}
			}
		})
		s.db.Down(false)
		s.pass(time.Minute)
		s.isWhole("after it")
		if st := s.sink.Status(); st.Wholes != 2 || changes < 6 {
			t.Errorf("the whole store was written %d times, in %d pieces: %+v", st.Wholes, changes, st)
		}
	})
}

// A database that has started anew may have lost everything.
func TestADatabaseThatHasStartedAnewGetsEverything(t *testing.T) {
	in(t, settings, func(t *testing.T, s *stand) {
		s.db.Restart("one")
		for n := range 100 {
			s.report(line(fmt.Sprint("client", n), n))
		}
		s.start()
		s.pass(time.Second)
		s.isWhole("in the first life")
		s.db.Restart("two")
		s.report(line("client7", 1000))
		s.pass(2 * time.Second)
		s.isWhole("in the second")
	})
}

func TestAServerThatCannotBeAskedIsAskedAgain(t *testing.T) {
	in(t, settings, func(t *testing.T, s *stand) {
		s.report(line("k", 1))
		s.broken = true // nobody else looks yet
		s.start()
		s.pass(time.Minute)
		if st := s.sink.Status(); !st.Whole || st.Error != "" {
			t.Errorf("%+v", st)
		}
		s.mu.Lock()
		s.broken = false
		s.mu.Unlock()
		s.pass(15 * time.Second)
		s.isWhole("when it answers")
	})
}

func TestTheEndWritesWhatWaits(t *testing.T) {
	in(t, settings, func(t *testing.T, s *stand) {
		s.start()
		s.report(line("k", 1))
		s.pass(time.Second)
		for n := range 35 {
			s.report(line(fmt.Sprint("client", n), n))
		}
		began := time.Now()
		go s.sink.Close()
		synctest.Wait()
		if took := time.Since(began); took != 0 {
			t.Errorf("it took %v", took)
		}
		s.isWhole("at the end")
		if !s.db.Closed() {
			t.Error("the database is open")
		}
		s.sink = newStand(t, settings).sink // in closes one
	})
}

// Where the database hangs, the end comes all the same.
func TestTheEndDoesNotWaitForever(t *testing.T) {
	in(t, settings, func(t *testing.T, s *stand) {
		s.start()
		s.db.Hang(true)
		s.report(line("k", 1))
		s.pass(time.Second)
		began := time.Now()
		s.sink.Close()
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("it took %v", took)
		}
		if st := s.sink.Status(); st.Pending != 1 {
			t.Errorf("%+v", st)
		}
		s.sink = newStand(t, settings).sink
	})
}

// Whatever a sink goes through, the database has in the end what the server has.
func TestTheDatabaseBecomesWholeWhateverHappens(t *testing.T) {
	outages, wholes := 0, int64(0)
	for seed := range uint64(30) {
		o := settings
		o.Bound = 64 << 10
		in(t, o, func(t *testing.T, s *stand) {
			random := rand.New(rand.NewPCG(seed, 3))
			s.db.Restart("0")
			s.start()
			for step := range 400 {
				switch random.IntN(60) {
				case 0:
					s.db.Down(true)
					outages++
				case 1, 2:
					s.db.Down(false)
				case 3:
					s.db.Hang(true)
				case 4, 5:
					s.db.Hang(false)
				case 6:
					s.db.Restart(fmt.Sprint(step))
				case 7:
					s.pass(time.Duration(random.IntN(20_000)) * time.Millisecond)
				case 8:
					for n := range random.IntN(800) {
						s.report(line(fmt.Sprint("burst", n), step))
					}
				default:
					s.report(line(fmt.Sprint("client", random.IntN(100)), random.IntN(10_000)))
				}
				s.pass(time.Duration(random.IntN(300)) * time.Millisecond)
			}
			s.db.Down(false)
			s.db.Hang(false)
			s.pass(time.Minute)
			s.report(line("last", 1)) // a restart shows when something is written
			s.pass(time.Minute)
			s.isWhole(fmt.Sprint("seed ", seed))
			wholes += s.sink.Status().Wholes
		})
	}
	if outages < 30 || wholes < 60 {
		t.Errorf("there were %d outages, and the whole store was written %d times", outages, wholes)
	}
}

// Two servers write the same clients: what the database has is the newest of both, and
// each says what the other was first with.
func TestTwoServersWriteTheSameClients(t *testing.T) {
	in(t, settings, func(t *testing.T, s *stand) {
		other := sink.New(sink.Options{Settings: settings, Future: future, Database: s.db})
		second := &stand{t: t, db: s.db, sink: other, lines: map[string]string{}}
		s.start()
		second.start()
		for n := range 100 {
			first, late := s, second
			if n%2 == 1 {
				first, late = second, s
			}
			first.report(line(fmt.Sprint("client", n), 5))
			s.pass(2 * time.Second)
			late.report(line(fmt.Sprint("client", n), 5-n%2)) // the same, or an older one
		}
		s.pass(2 * time.Second)
		other.Close()
		for _, text := range second.has() {
			s.report(text + "\n")
		}
		s.pass(2 * time.Second)
		s.isWhole("in the end")
		if a, b := s.sink.Status(), other.Status(); a.Stale == 0 || b.Stale == 0 || a.Written+b.Written != 100 {
			t.Errorf("%+v, %+v", a, b)
		}
	})
}

func TestRowsAreWhatTheLineSays(t *testing.T) {
	row, err := sink.NewRow([]byte("AT Hill -0.5000000001 k +1+1 1"), future)
	if err == nil {
		t.Errorf("what is no AT line is %+v", row)
	}
	row, err = sink.NewRow([]byte("AT Hill -0.500000000 k -00.50000000000000000000001+180 1"), future)
	if err != nil || row.Latitude != -0.5 || row.Longitude != 180 || !slices.Equal(row.Order, row.AppendOrder(nil, future)) {
		t.Errorf("%+v, %v", row, err)
	}
	if got := string(sink.Line(row.Server, row.Difference, row.ID, row.Location, row.Time)); got != "AT Hill -0.500000000 k -00.50000000000000000000001+180 1" {
		t.Errorf("%q", got)
	}
}

var _ herd.Copyist = (*sink.Sink)(nil)
