package scenario

import (
	"fmt"
	"testing"

	"proxyherd/bench/load"
)

// runAt is a report of one server at half of C's rate, or so, with a little noise.
func runAt(ratios ...float64) *Report {
	measured := func(f func(ratio float64) float64) (list []Measurement) {
		for _, r := range ratios {
			list = append(list, Measurement{Result: &load.Result{Rate: f(r)}})
		}
		return list
	}
	return &Report{Scenarios: []Outcome{{Name: "throughput", Metrics: []string{"rate", "another version's"}, Points: []PointOutcome{{
		Point: Point{Name: "P=1"},
		Entries: []Entry{
			{Name: "C", Measurements: measured(func(float64) float64 { return 1000 })},
			{Name: "herd", Measurements: measured(func(r float64) float64 { return 1000 * r })},
			{Name: "herd (again)", Base: 1, Null: true, Measurements: measured(func(r float64) float64 { return 1020 * r })},
		},
	}}}}}
}

func TestTwoRunsAgree(t *testing.T) {
	for _, c := range []struct {
		one, other []float64
		agree      bool
	}{
		{[]float64{0.5, 0.52}, []float64{0.5, 0.52}, true},
		{[]float64{0.5, 0.52}, []float64{0.53, 0.53}, true},  // by the noise
		{[]float64{0.5, 0.52}, []float64{0.6, 0.62}, false},  // neither
		{[]float64{0.3, 0.7}, []float64{0.65, 0.68}, true},   // the one scatters so much that it says little
		{[]float64{0.65, 0.68}, []float64{0.3, 0.7}, true},   // the same from the other side
		{[]float64{0.48, 0.7}, []float64{0.55, 0.62}, true},  // a wide range that is about the same
		{[]float64{0.5, 0.5}, []float64{0.52, 0.52}, true},   // without any noise there is what a start makes
		{[]float64{0.5, 0.5}, []float64{0.6, 0.6}, false},    // and no more
		{[]float64{0.5, 0.52}, []float64{0.42, 0.44}, false}, // below
	} {
		list := Agree(runAt(c.one...), runAt(c.other...))
		if len(list) != 1 || list[0].Entry != "herd" || list[0].Agree != c.agree {
			t.Errorf("%v and %v: %+v", c.one, c.other, list)
		}
	}
	for _, other := range []*Report{{}, runAt(0.5)} {
		if list := Agree(runAt(0.5, 0.5), other); len(list) != 0 {
			t.Errorf("nothing of two rounds is in both: %+v", list)
		}
	}
}

// Of many ratios some are beyond their own noise by chance, and the runs agree still; of
// one alone that would be a difference.
func TestAmongManyRatiosSomeAreFarOff(t *testing.T) {
	many := func(first ...float64) *Report {
		r := runAt(first...)
		o := &r.Scenarios[0]
		for n := range 50 {
			p := runAt(0.5, 0.52).Scenarios[0].Points[0]
			p.Point.Name = fmt.Sprint("P=", n+2)
			o.Points = append(o.Points, p)
		}
		return r
	}
	for _, c := range []struct {
		one, other            *Report
		ratios                int
		beyondSingle, differs bool
	}{
		{runAt(0.5, 0.52), runAt(0.6, 0.62), 1, true, true},
		{many(0.5, 0.52), many(0.6, 0.62), 51, true, false},
		{many(0.5, 0.52), many(0.53, 0.53), 51, false, false},
		{many(0.5, 0.52), many(5, 5.2), 51, true, true},
	} {
		list := Agree(c.one, c.other)
		if len(list) != c.ratios || c.one.Ratios() != c.ratios {
			t.Fatalf("%d ratios of %d", len(list), c.one.Ratios())
		}
		a := list[0]
		if beyond := a.Apart > a.Single; beyond != c.beyondSingle || a.Agree == c.differs {
			t.Errorf("%+v, want one beyond its noise: %t, and a difference: %t", a, c.beyondSingle, c.differs)
		}
		for _, a := range list[1:] {
			if !a.Agree || a.Apart != 1 {
				t.Errorf("the same in both: %+v", a)
			}
		}
	}
}
