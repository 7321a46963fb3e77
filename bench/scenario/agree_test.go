package scenario

import (
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
		{[]float64{0.3, 0.7}, []float64{0.65, 0.68}, false},  // the one is no value of the other
		{[]float64{0.65, 0.68}, []float64{0.3, 0.7}, false},  // the same from the other side
		{[]float64{0.48, 0.7}, []float64{0.55, 0.62}, true},  // a wide range that is about the same
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
