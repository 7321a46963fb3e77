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
