package load

import (
	"fmt"
	"time"
)

// Bounds are what a result must keep. A bound of 0 is none.
type Bounds struct {
	P50, P90, P99, P999, P9999, Max time.Duration // at most, each
	Rate                            float64       // good replies a second, at least
}

// Broken says, in a line each, which bounds the result breaks. Errors break them always,
// those of the upstream aside.
func (r *Result) Broken(b Bounds) (list []string) {
	for _, bound := range []struct {
		name string
		most time.Duration
		got  float64
	}{
		{"p50", b.P50, r.Latency.P50}, {"p90", b.P90, r.Latency.P90}, {"p99", b.P99, r.Latency.P99},
		{"p99.9", b.P999, r.Latency.P999}, {"p99.99", b.P9999, r.Latency.P9999}, {"max", b.Max, r.Latency.Max},
	} {
		if got := micros(bound.got); bound.most > 0 && got > bound.most {
			list = append(list, fmt.Sprintf("%s is %v, and may be %v", bound.name, got, bound.most))
		}
	}
	if r.Rate < b.Rate {
		list = append(list, fmt.Sprintf("there are %.0f replies a second, and should be %.0f", r.Rate, b.Rate))
	}
	return append(list, r.Errors.broken()...)
}

// Broken says that there were errors: bounds are for a [Result].
func (h *Holding) Broken(Bounds) []string { return h.Errors.broken() }

// Broken says that there were errors: bounds are for a [Result].
func (s *Spread) Broken(Bounds) []string { return s.Errors.broken() }

// Broken says nothing: errors end a step, and the rate is then not followed.
func (s *Saturation) Broken(Bounds) []string { return nil }

func (e *Errors) broken() []string {
	if n := e.Sum(); n > 0 {
		return []string{fmt.Sprintf("there are %d errors: %s", n, e.First)}
	}
	return nil
}

// micros is a time that is given in microseconds.
func micros(us float64) time.Duration { return time.Duration(us * 1e3).Round(100 * time.Nanosecond) }
