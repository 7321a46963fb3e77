package paired

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mathext"
)

// Noise is by which factor the median of a run's ratios may be from the truth without a
// cause: 1.03 is 3 % to either side.
type Noise float64

// inTwenty is how often a noise may be exceeded by chance.
const inTwenty = 1.0 / 20

// NoiseOf returns the noise that the ratios of a null comparison show, one of each round.
// Their truth is known, it is 1; so the root mean square of their logarithms is what one
// round scatters, and Student's t tells how far the median of as many rounds may be from
// the truth in 19 cases of 20: with four of them 1.4 times that, with two 3 times, and with
// one alone 13 times. It is never less than the farthest that was seen. Without any there
// is no knowing, and the noise has no bound.
func NoiseOf(null []float64) Noise {
	farthest := Farthest(null)
	if !farthest.Known() {
		return farthest
	}
	squares := 0.0
	for _, r := range null {
		squares += math.Log(r) * math.Log(r)
	}
	n := len(null)
	return max(farthest, noiseTo(students(n, inTwenty)*math.Sqrt(squares/float64(n*n))))
}

// Farthest is the noise that was seen in the ratios of a null comparison: that of the
// round that was farthest from 1.
func Farthest(null []float64) Noise {
	farthest := 0.0
	for _, r := range null {
		if r <= 0 {
			return noiseTo(math.Inf(1))
		}
		farthest = max(farthest, math.Abs(math.Log(r)))
	}
	if len(null) == 0 {
		farthest = math.Inf(1)
	}
	return noiseTo(farthest)
}

// noiseTo is the noise that goes so far to either side on a logarithmic scale.
func noiseTo(distance float64) Noise { return Noise(math.Exp(distance)) }

// students is by which factor of its standard error a mean may be from the truth, as often
// as chance has it, when the error itself is known with so many degrees of freedom:
// Student's t, from the inverse of the incomplete beta function.
func students(freedom int, chance float64) float64 {
	n := float64(freedom)
	x := mathext.InvRegIncBeta(n/2, 0.5, chance)
	return math.Sqrt(n * (1 - x) / x)
}

// With is the noise of a difference between two numbers that each have their noise: by
// chance both are seldom far off at once, and to opposite sides.
func (n Noise) With(other Noise) Noise {
	return noiseTo(math.Hypot(math.Log(float64(n)), math.Log(float64(other))))
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
