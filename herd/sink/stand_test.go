package sink_test

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"proxyherd/herd"
	"proxyherd/herd/sink"
	"proxyherd/herd/sink/sinktest"
)

const future = 5 * time.Minute

// settings are those of the tests: small batches, so that there are some.
var settings = herd.Sink{Kind: "memory", Batch: 10, Interval: herd.Duration(time.Second), Bound: 1 << 20}

// stand is a server as a sink knows it, and its database, in virtual time.
type stand struct {
	t      *testing.T
	db     *sinktest.Memory
	sink   *sink.Sink
	mu     sync.Mutex
	lines  map[string]string // of each client the newest, with its end
	walks  int
	onWalk func() // called with each piece; nil: nothing is
	broken bool   // nothing can be had of the server
}

// in plays with a stand; all has ended when it returns.
func in(t *testing.T, o herd.Sink, play func(t *testing.T, s *stand)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := newStand(t, o)
		defer func() {
			s.sink.Close()
			synctest.Wait()
		}()
		play(t, s)
	})
}

func newStand(t *testing.T, o herd.Sink) *stand {
	s := &stand{t: t, db: &sinktest.Memory{}, lines: map[string]string{}}
	s.sink = sink.New(sink.Options{Settings: o, Future: future, Database: s.db})
	return s
}

func (s *stand) start() {
	s.sink.Start(sink.Server{Walk: s.walk, Take: s.take})
	synctest.Wait()
}

// line is the n-th report of a client, received when it was made.
func line(client string, n int) string {
	return fmt.Sprintf("AT Hill +0.000000000 %s +1+1 %d\n", client, n)
}

// looking has f called with each piece of a walk.
func (s *stand) looking(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.onWalk = f
}

// report has the server take a report, if it is newer than the client's last.
func (s *stand) report(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var r, had herd.Record
	if err := herd.ParseAT([]byte(strings.TrimSuffix(text, "\n")), &r); err != nil {
		s.t.Error(err)
		return
	}
	id := string(r.ID)
	if old, known := s.lines[id]; known && herd.ParseAT([]byte(strings.TrimSuffix(old, "\n")), &had) == nil && herd.Compare(&r, &had, future) <= 0 {
		return
	}
	s.lines[id] = text
	s.sink.Put([]byte(text))
}

func (s *stand) walk() sink.Walk {
	s.mu.Lock()
	s.walks++
	s.mu.Unlock()
	after := ""
	return func(ctx context.Context, most int) (lines []byte, more bool, err error) {
		s.mu.Lock()
		looking := s.onWalk
		s.mu.Unlock()
		if looking != nil {
			looking()
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.broken {
			return nil, false, context.DeadlineExceeded
		}
		for _, id := range slices.Sorted(maps.Keys(s.lines)) {
			if id <= after {
				continue
			}
			if most--; most < 0 {
				return lines, true, ctx.Err()
			}
			lines, after = append(lines, s.lines[id]...), id
		}
		return lines, false, ctx.Err()
	}
}

func (s *stand) take(_ context.Context, lines []byte) error {
	for text := range bytes.Lines(lines) {
		s.report(string(text))
	}
	return nil
}

// has is what the server has, sorted by client, as sinktest.Memory.Lines.
func (s *stand) has() (list []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range slices.Sorted(maps.Keys(s.lines)) {
		list = append(list, strings.TrimSuffix(s.lines[id], "\n"))
	}
	return list
}

// pass lets time pass.
func (s *stand) pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// isWhole checks that the database has what the server has, and that nothing waits.
func (s *stand) isWhole(when string) {
	s.t.Helper()
	got, want := s.db.Lines(), s.has()
	if !slices.Equal(got, want) {
		s.t.Errorf("%s: the database has %d records, the server %d, or they are others:\n%q\n%q", when, len(got), len(want), got, want)
	}
	if st := s.sink.Status(); st.Pending != 0 || st.PendingBytes != 0 || st.Whole || st.Error != "" || !st.FailedSince.IsZero() || st.Lag != 0 {
		s.t.Errorf("%s: %+v", when, st)
	}
}
