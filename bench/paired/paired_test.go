package paired

import (
	"math"
	"slices"
	"testing"
)

func TestRange(t *testing.T) {
	for _, c := range []struct {
		numbers []float64
		want    Range
	}{
		{[]float64{3}, Range{3, 3, 3}},
		{[]float64{5, 1, 3}, Range{3, 1, 5}},
		{[]float64{4, 1, 2, 9}, Range{3, 1, 9}},
	} {
		if got := Of(c.numbers); got != c.want {
			t.Errorf("%v: %+v, want %+v", c.numbers, got, c.want)
		}
	}
}

// A machine that is half as fast in the second round changes no ratio.
func TestRatiosAreOfOneRound(t *testing.T) {
	missing := math.NaN()
	for _, c := range []struct{ a, b, want []float64 }{
		{[]float64{200, 100, 210}, []float64{100, 50, 105}, []float64{2, 2, 2}},
		{[]float64{200, missing, 300}, []float64{100, 50, 100}, []float64{2, 3}},
		{[]float64{200, 100}, []float64{0, missing}, nil},
		{[]float64{200}, nil, nil},
	} {
		if got := Ratios(c.a, c.b); !slices.Equal(got, c.want) {
			t.Errorf("%v / %v: %v, want %v", c.a, c.b, got, c.want)
		}
	}
}

func TestVerdictsAndTheNullComparison(t *testing.T) {
	for _, c := range []struct {
		name         string
		ratios, null []float64
		want         Verdict
	}{
		{"clearly more", []float64{1.20, 1.25, 1.22}, []float64{0.97, 1.01, 1.03}, More},
		{"clearly less", []float64{0.80, 0.82}, []float64{0.97, 1.03}, Less},
		{"two rounds know little of the noise", []float64{1.05, 1.06}, []float64{0.97, 1.03}, Nothing},
		{"four know more", []float64{1.05, 1.06, 1.05, 1.06}, []float64{0.97, 1.03, 0.97, 1.03}, More},
		{"within the noise", []float64{1.01, 1.02}, []float64{0.97, 1.03}, Nothing},
		{"overlaps the noise", []float64{1.02, 1.30}, []float64{0.97, 1.03}, Nothing},
		{"the noise counts to both sides", []float64{1.05, 1.06}, []float64{0.94, 1.00}, Nothing},
		{"ratios on both sides of 1", []float64{0.5, 2}, []float64{1, 1}, Nothing},
		{"one round says nothing", []float64{3}, []float64{1}, Nothing},
		{"no null comparison", []float64{3, 3}, nil, Nothing},
		{"a server against itself", []float64{0.97, 1.01, 1.03}, []float64{0.97, 1.01, 1.03}, Nothing},
		{"a null comparison that failed", []float64{3, 3}, []float64{0, 1}, Nothing},
	} {
		if got := Judge(c.ratios, NoiseOf(c.null)); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

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

func TestNoiseInWords(t *testing.T) {
	for n, want := range map[Noise]string{1: "0.0 %", 1.084: "8.4 %", 3.04: "a factor of 3.0", NoiseOf(nil): "not known"} {
		if got := n.String(); got != want {
			t.Errorf("%v: %q, want %q", float64(n), got, want)
		}
	}
}
