// Package paired compares what was measured in rounds: in each round everything once,
// close together in time, so that a machine which is slow for a minute is slow for all.
//
// A ratio is taken inside a round, and its median and range are over the rounds. How far
// a ratio can be from 1 without a cause is seen in a null comparison, one server measured
// twice in each round as if it were two. [Judge] draws no conclusion where the range of a
// ratio and that of the null comparison overlap.
package paired

import (
	"fmt"
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

// Noise is by which factor the median of a run's ratios may be from 1 without a cause:
// 1.03 is 3 % to either side.
type Noise float64

// students are the factors of Student's t for 19 cases in 20, by how many numbers are
// known: what few of them tell of the next is little.
var students = []float64{12.71, 4.30, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26, 2.23}

// NoiseOf returns the noise that the ratios of a null comparison show, one of each round.
// Their truth is known, it is 1; so the root mean square of their logarithms is what one
// round scatters, and Student's t tells how far the median of as many rounds may be from
// the truth by chance: with four of them 1.4 times that, with two 3 times, and with one
// alone 13 times. It is never less than the farthest that was seen. Without any there is
// no knowing, and the noise has no bound.
func NoiseOf(null []float64) Noise {
	if len(null) == 0 {
		return Noise(math.Inf(1))
	}
	squares, farthest := 0.0, 0.0
	for _, r := range null {
		if r <= 0 {
			return Noise(math.Inf(1))
		}
		off := math.Abs(math.Log(r))
		squares += off * off
		farthest = max(farthest, off)
	}
	n := float64(len(null))
	one := math.Sqrt(squares / n)
	return Noise(math.Exp(max(farthest, students[min(len(null), len(students))-1]*one/math.Sqrt(n))))
}

// Known says whether there was a null comparison.
func (n Noise) Known() bool { return !math.IsInf(float64(n), 1) }

// String returns the noise in percent, or as a factor from 2 on.
func (n Noise) String() string {
	switch {
	case !n.Known():
		return "not known"
	case n >= 2:
		return fmt.Sprintf("a factor of %.1f", float64(n))
	}
	return fmt.Sprintf("%.1f %%", 100*(float64(n)-1))
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
