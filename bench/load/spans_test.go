package load

import (
	"testing"
	"time"
)

// A stall of a tenth of a second is the p99 of a second, and of one of its tenths; of a
// usual tenth it is not, however many threads had a part in each.
func TestOneStallIsNotUsual(t *testing.T) {
	const rate, usual, stalled = 1000, 20 * time.Microsecond, 100 * time.Millisecond
	drivers := []*driver{{spans: newSpans(time.Second, rate)}, {spans: newSpans(time.Second, rate)}}
	whole := newHistogram()
	for i := range rate {
		due, latency := time.Duration(i)*time.Second/rate, usual
		if due >= 300*time.Millisecond && due < 400*time.Millisecond {
			latency = stalled
		}
		drivers[i%2].spans.record(int64(due), int64(latency))
		_ = whole.RecordValue(int64(latency)) // it is in range
	}
	if p99 := micros(newTimes(whole).P99); p99 < stalled {
		t.Errorf("the p99 of all is %v", p99)
	}
	got := together(drivers).result()
	if got == nil || got.Count != 10 || got.Seconds != 0.1 || got.P99 < 19.8 || got.P99 > 20.2 {
		t.Errorf("%+v, want ten spans and a p99 of 20 us", got)
	}
}

func TestSpansOfWhatIsDue(t *testing.T) {
	for _, c := range []struct {
		duration time.Duration
		rate     float64
		want     int // spans; 0: none
	}{
		{700 * time.Millisecond, 20000, 7},
		{750 * time.Millisecond, 20000, 7},
		{time.Minute, 20000, mostSpans},
		{time.Second, 1000, 10},
		{time.Second, 999, 0},           // a p99 of 99 is their worst
		{99 * time.Millisecond, 1e5, 0}, // no tenth of a second
	} {
		s := newSpans(c.duration, c.rate)
		if got := s != nil; got != (c.want > 0) || got && len(s.parts) != c.want {
			t.Errorf("%v at %v: %+v, want %d", c.duration, c.rate, s, c.want)
		}
		s.record(int64(c.duration)-1, 1) // the last moment has a span too
	}
	if got := together([]*driver{{}, {}}).result(); got != nil {
		t.Errorf("%+v of no spans", got)
	}
	if got := newSpans(time.Second, 1000).result(); got != nil {
		t.Errorf("%+v of spans without a reply", got)
	}
}
