package load

import (
	"slices"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Spans is what an open loop's latency was in a usual tenth of a second.
//
// A machine whose host takes a core away for 7 ms, once in a measurement of 700 ms, has a
// p99 of those 7 ms, whatever the server does. Cut into tenths of a second, of which each has
// a p99 of its own, the measurement has one such tenth and six others, whose median tells of
// the server. What it leaves out is what happens in fewer than half of them.
type Spans struct {
	Count   int     `json:"count"`
	Seconds float64 `json:"seconds"` // of each
	P99     float64 `json:"p99"`     // the median of theirs, in microseconds
}

const (
	span      = 100 * time.Millisecond
	mostSpans = 100 // of a longer measurement each is longer
	// fewestInSpan requests are due in each, or there are none: a p99 of fewer is their worst.
	fewestInSpan = 100
	// spanDigits are those of a span's latencies: a hundred histograms of three would be
	// 20 MB.
	spanDigits = 2
)

// spans are the latencies of an open loop by when their requests were due.
type spans struct {
	each  int64 // nanoseconds
	parts []*hdrhistogram.Histogram
}

// newSpans cuts so much time into spans; nil if too little is due in one.
func newSpans(duration time.Duration, rate float64) *spans {
	count := min(int(duration/span), mostSpans)
	if count == 0 || rate*duration.Seconds()/float64(count) < fewestInSpan {
		return nil
	}
	s := &spans{each: int64(duration) / int64(count)}
	for range count {
		s.parts = append(s.parts, hdrhistogram.New(1, mostLatency, spanDigits))
	}
	return s
}

// record notes a latency of what was due so long after the beginning.
func (s *spans) record(due, latency int64) {
	if s == nil {
		return
	}
	at := min(int(due/s.each), len(s.parts)-1)                     // what division leaves is the last one's
	_ = s.parts[at].RecordValue(min(max(latency, 1), mostLatency)) // it is in range
}

// together are those of all drivers, in the first one's.
func together(drivers []*driver) *spans {
	all := drivers[0].spans
	if all == nil {
		return nil
	}
	for _, d := range drivers[1:] {
		for i, part := range all.parts {
			part.Merge(d.spans.parts[i])
		}
	}
	return all
}

// result is what they show; nil if they are not there, or one is empty.
func (s *spans) result() *Spans {
	if s == nil {
		return nil
	}
	var p99 []int64
	for _, part := range s.parts {
		if part.TotalCount() == 0 {
			return nil
		}
		p99 = append(p99, part.ValueAtPercentile(99))
	}
	slices.Sort(p99)
	n := len(p99)
	return &Spans{
		Count: n, Seconds: time.Duration(s.each).Seconds(),
		P99: float64(p99[(n-1)/2]+p99[n/2]) / 2 / float64(time.Microsecond),
	}
}
