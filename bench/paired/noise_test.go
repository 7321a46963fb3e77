package paired

import (
	"math"
	"testing"
)

// With few rounds the noise is wider than what they show, and with many it is what they
// show. The factors are those of a table of Student's t for 0.975, by the rounds.
func TestTheNoiseOfFewRounds(t *testing.T) {
	for _, c := range []struct {
		rounds int
		t      float64
	}{{1, 12.706}, {2, 4.303}, {3, 3.182}, {4, 2.776}, {10, 2.228}} {
		null := make([]float64, c.rounds)
		for i := range null {
			null[i] = 1.02
			if i%2 == 1 {
				null[i] = 1 / 1.02
			}
		}
		want := math.Pow(1.02, max(1, c.t/math.Sqrt(float64(c.rounds))))
		if got := float64(NoiseOf(null)); math.Abs(got-want) > 0.001 {
			t.Errorf("%d rounds: %.4f, want %.4f", c.rounds, got, want)
		}
	}
	if got := NoiseOf([]float64{1, 1, 1, 1, 1, 1, 1, 1.5}); math.Abs(float64(got)-1.5) > 1e-9 {
		t.Errorf("one round of eight was far off: %v, want what was seen", got)
	}
}

// The numbers are those of tables of Student's t.
func TestStudents(t *testing.T) {
	for _, c := range []struct {
		freedom int
		chance  float64
		want    float64
	}{
		{1, 0.05, 12.706}, {5, 0.05, 2.571}, {30, 0.05, 2.042}, {120, 0.05, 1.980},
		{1, 0.001, 636.62}, {5, 0.001, 6.869}, {10, 0.0001, 6.211}, {5, 0.2, 1.476},
	} {
		if got := students(c.freedom, c.chance); math.Abs(got/c.want-1) > 0.0005 {
			t.Errorf("%d degrees of freedom, %v: %.4f, want %.3f", c.freedom, c.chance, got, c.want)
		}
	}
}

func TestTheNoiseOfTwo(t *testing.T) {
	for _, c := range []struct{ one, other, want Noise }{
		{1, 1, 1}, {1.1, 1, 1.1}, {1.1, 1.1, 1.1443}, {2, NoiseOf(nil), NoiseOf(nil)},
	} {
		if got := c.one.With(c.other); got.Known() != c.want.Known() || got.Known() && math.Abs(float64(got-c.want)) > 0.0001 {
			t.Errorf("%v and %v: %v, want %v", c.one, c.other, float64(got), float64(c.want))
		}
	}
}

func TestNoiseInWords(t *testing.T) {
	for n, want := range map[Noise]string{1: "0.0 %", 1.084: "8.4 %", 3.04: "a factor of 3.0", NoiseOf(nil): "not known"} {
		if got := n.String(); got != want {
			t.Errorf("%v: %q, want %q", float64(n), got, want)
		}
	}
}
