package load

import (
	"context"
	"errors"
	"fmt"
)

// Saturation is what [Ramp] finds.
type Saturation struct {
	Rate  float64   `json:"rate"`  // the highest that the servers followed; 0: none
	Steps []*Result `json:"steps"` // in the order of their making

	// Limit says why the generator may have ended it; empty if it was the servers.
	Limit string `json:"limit,omitempty"`
}

// What following a rate means: nearly all requests are answered in time, and within a
// time that nobody would call stuck.
const (
	followed = 0.98
	stuck    = 20_000 // us, of the p99
)

// Ramp raises the rate of an open loop, from Rate or 10,000 a second on, by factors of
// two until the servers no longer follow, and then halves what is between five times, so
// that the rate is known to within 3 %. Each step takes Warmup and Duration. Preload
// applies to the first.
func Ramp(ctx context.Context, o Options) (*Saturation, error) {
	if o.Rate == 0 {
		o.Rate = 10_000
	}
	s := &Saturation{}
	low, high := 0.0, 0.0
	for halvings := 0; halvings < 5; {
		switch {
		case high == 0 && low > 0:
			o.Rate = 2 * low
		case high > 0:
			o.Rate = (low + high) / 2
			halvings++
		}
		r, err := Run(ctx, o)
		if errors.Is(err, ErrNoReply) { // that is no following
			r, err = &Result{Loop: "open", Asked: o.Rate, Seconds: o.Duration.Seconds(), Errors: Errors{First: err.Error()}}, nil
		}
		if err != nil {
			return nil, fmt.Errorf("at %.0f a second: %w", o.Rate, err)
		}
		o.Preload = false
		s.Steps = append(s.Steps, r)
		if r.follows() {
			low = o.Rate
			continue
		}
		s.Limit = r.Limit
		high = o.Rate
	}
	s.Rate = low
	return s, nil
}

// follows says whether the servers kept up with the rate.
func (r *Result) follows() bool {
	return r.Rate >= followed*r.Asked && r.Latency.P99 < stuck && r.Errors.Sum() == 0
}
