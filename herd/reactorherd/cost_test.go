package reactorherd

import (
	"testing"
	"time"
	"unsafe"

	"proxyherd/herd"
	"proxyherd/reactor"
)

// A session's size is rounded up to the next size class of the allocator, of
// which 224 is one and 240 the next.
func TestASessionIsSmall(t *testing.T) {
	if size := unsafe.Sizeof(session{}); size > 224 {
		t.Errorf("a session has %d bytes, want at most 224", size)
	}
}

// still is a reactor whose time stands still and whose calls do not come.
type still struct {
	reactor.Reactor
	now time.Time
}

func (r *still) Seconds() time.Time { return r.now }

func (r *still) CallLater(time.Duration, func()) reactor.DelayedCall { return nil }

// BenchmarkSweep is one look at all sessions: ns/turn is for how long a sweep
// holds the loop at a time, ns/session what it costs in all.
func BenchmarkSweep(b *testing.B) {
	const crowd = 20_000
	s := &Server{reactor: &still{now: time.Unix(1_000_000_000, 0)}, limits: herd.Default().Limits}
	s.started = s.reactor.Seconds()
	s.watch = watch{server: s, next: never}
	// Strewn over the heap, as those are that came one after the other.
	var between [][]byte
	for range crowd {
		c := newSession(s, nil)
		c.said = true
		s.join(c)
		between = append(between, make([]byte, 1000))
	}
	turns := 0
	for b.Loop() {
		s.watch.sweep()
		for turns++; s.watch.left > 0; turns++ {
			s.watch.sweep()
		}
	}
	spent := float64(b.Elapsed().Nanoseconds())
	b.ReportMetric(spent/float64(turns), "ns/turn")
	b.ReportMetric(spent/float64(b.N)/crowd, "ns/session")
	_ = between
}
