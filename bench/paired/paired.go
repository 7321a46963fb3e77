// Package paired compares what was measured in rounds: in each round everything once,
// close together in time, so that a machine which is slow for a minute is slow for all.
//
// A ratio is taken inside a round, and its median and range are over the rounds. How far
// a ratio can be from 1 without a cause is seen in a null comparison, one server measured
// twice in each round as if it were two, and in how far all that is measured scatters from
// round to round. [Judge] draws no conclusion where the range of a ratio and that noise
// overlap.
package paired

import (
	"math"
	"slices"
)

// Range is the median, the least and the most of some numbers.
type Range struct {
	Median float64 `json:"median"`
	Low    float64 `json:"low"`
	High   float64 `json:"high"`
}

// Of returns the range of numbers. There must be at least one.
func Of(numbers []float64) Range {
	sorted := slices.Sorted(slices.Values(numbers))
	n := len(sorted)
	return Range{Median: (sorted[(n-1)/2] + sorted[n/2]) / 2, Low: sorted[0], High: sorted[n-1]}
}

// Ratios returns a/b of each round that has both: a number that is missing is NaN, and a
// divisor that is not above 0 is missing too.
func Ratios(a, b []float64) (ratios []float64) {
	for i := range min(len(a), len(b)) {
		if !math.IsNaN(a[i]) && b[i] > 0 {
			ratios = append(ratios, a[i]/b[i])
		}
	}
	return ratios
}

// Verdict is what a comparison says.
type Verdict string

// The verdicts, of a ratio a/b.
const (
	More    Verdict = "more"          // a is more than b
	Less    Verdict = "less"          // a is less than b
	Nothing Verdict = "no conclusion" // the ranges overlap, or there are too few rounds
)

// fewest is how many rounds a verdict needs.
const fewest = 2

// Judge says what the ratios of the rounds say, beside that noise.
func Judge(ratios []float64, noise Noise) Verdict {
	if len(ratios) < fewest {
		return Nothing
	}
	r := Of(ratios)
	switch {
	case r.Low > float64(noise):
		return More
	case r.High < 1/float64(noise):
		return Less
	}
	return Nothing
}
