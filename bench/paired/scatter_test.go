package paired

import (
	"math"
	"math/rand/v2"
	"testing"
)

// What a thing is, and what a round does to all, is no scatter.
func TestScatterIsWhatIsLeft(t *testing.T) {
	const x = 1.1
	missing := math.NaN()
	for _, c := range []struct {
		name     string
		rows     []Row
		variance float64 // in squares of x's logarithm
		freedom  int
	}{
		{"one half as fast, and a round that is twice as fast", []Row{{0, []float64{10, 20}}, {1, []float64{5, 10}}}, 0, 1},
		{"one is off in one of two rounds", []Row{{0, []float64{1, x}}, {1, []float64{1, 1}}}, 0.25, 1},
		{"three, of which the same", []Row{{0, []float64{1, x}}, {1, []float64{1, 1}}, {2, []float64{1, 1}}}, 1.0 / 6, 2},
		{"the same thing twice", []Row{{0, []float64{1, 1}}, {0, []float64{x, x}}}, 0.5, 2},
		{"the same thing twice in one round", []Row{{0, []float64{1}}, {0, []float64{x}}, {2, []float64{7}}}, 0.5, 1},
		{"rows that lack a number", []Row{{0, []float64{1, x}}, {1, []float64{1, 1}}, {2, []float64{missing, 9}}, {3, []float64{0, 9}}, {4, []float64{9}}}, 0.25, 1},
		{"one row", []Row{{0, []float64{1, 2, 3}}}, 0, 0},
		{"one round of each", []Row{{0, []float64{1}}, {1, []float64{2}}}, 0, 0},
		{"nothing", nil, 0, 0},
	} {
		got := ScatterOf(c.rows)
		want := c.variance * math.Log(x) * math.Log(x)
		if math.Abs(got.Variance-want) > 1e-12 || got.Freedom != c.freedom {
			t.Errorf("%s: %+v, want a variance of %v known with %d", c.name, got, want, c.freedom)
		}
		if known := got.Noise(1).Known(); known != (c.freedom > 0) {
			t.Errorf("%s: its noise is known: %t", c.name, known)
		}
	}
}

// What is measured is not changed by asking.
func TestScatterLeavesItsRows(t *testing.T) {
	row := []float64{3, 4}
	ScatterOf([]Row{{0, row}, {1, []float64{5, 5}}})
	if row[0] != 3 || row[1] != 4 {
		t.Errorf("%v", row)
	}
}

// Of many runs in which chance is all there is, the noise of one ratio is exceeded in one
// of twenty cases, and that of all of a page in one of twenty pages, though one server is
// the base of all ratios of a point. The numbers are of one seed, and so never change.
func TestTheNoiseIsExceededAsOftenAsItSays(t *testing.T) {
	const pages, points, things = 1000, 10, 4
	for _, rounds := range []int{2, 3, 4} {
		random := rand.New(rand.NewPCG(uint64(rounds), 0))
		single, pagesOff := 0, 0
		for range pages {
			off := false
			for range points {
				// The last is the null comparison of the one before.
				rows := make([]Row, things+1)
				for i := range rows {
					rows[i].Thing = min(i, things-1)
				}
				for range rounds {
					slow := math.Exp(random.NormFloat64())
					for i := range rows {
						rows[i].Values = append(rows[i].Values, slow*math.Exp(0.1*random.NormFloat64()))
					}
				}
				scatter := ScatterOf(rows)
				one, all := scatter.Noise(1), scatter.Noise(points*(things-1))
				for _, r := range rows[1:things] {
					ratio := Of(Ratios(r.Values, rows[0].Values)).Median
					if ratio > float64(one) || ratio < 1/float64(one) {
						single++
					}
					off = off || ratio > float64(all) || ratio < 1/float64(all)
				}
			}
			if off {
				pagesOff++
			}
		}
		ofRatios := float64(single) / (pages * points * (things - 1))
		if ofRatios < 0.01 || ofRatios > 0.055 {
			t.Errorf("%d rounds: %.3f of the ratios are beyond their noise, want at most one in twenty, and hardly fewer", rounds, ofRatios)
		}
		if ofPages := float64(pagesOff) / pages; ofPages == 0 || ofPages > 0.055 {
			t.Errorf("%d rounds: %.3f of the pages have a ratio that is beyond its noise, want at most one in twenty, and some", rounds, ofPages)
		}
		t.Logf("%d rounds: %.3f of ratios, %.3f of pages", rounds, ofRatios, float64(pagesOff)/pages)
	}
}
