package scenario

import (
	"math"
	"strings"
	"testing"

	"proxyherd/bench/load"
	"proxyherd/bench/paired"
)

// rates are measurements of so many replies a second; 0 is one that failed.
func rates(list ...float64) (measurements []Measurement) {
	for _, rate := range list {
		if rate == 0 {
			measurements = append(measurements, Measurement{Failed: "it fell over"})
			continue
		}
		measurements = append(measurements, Measurement{Result: &load.Result{Rate: rate}})
	}
	return measurements
}

func TestEntriesAreComparedInsideTheirRounds(t *testing.T) {
	p := PointOutcome{Entries: []Entry{
		{Name: "C", Measurements: rates(200, 100, 0, 210)},
		{Name: "ours", Base: 0, Measurements: rates(150, 75, 140, 156)},
		{Name: "like C", Base: 0, Measurements: rates(202, 99, 188, 213)},
		{Name: "gone", Base: 0, Measurements: rates(0, 0, 0, 0)},
		{Name: "ours (again)", Base: 1, Null: true, Measurements: rates(153, 74, 139, 157)},
	}}
	m, err := MetricNamed("rate")
	if err != nil {
		t.Fatal(err)
	}
	list, noise := p.Compare(m)
	if noise < 1.02 || noise > 1.03 {
		t.Errorf("the noise is %v", noise)
	}
	if all := p.Noise(m, 100); all <= noise || all > 1.08 {
		t.Errorf("the noise of a hundred ratios is %v", all)
	}
	for i, want := range []struct {
		median  float64 // of the ratio; 0: none
		verdict paired.Verdict
	}{{0, ""}, {0.75, paired.Less}, {1.01, paired.Nothing}, {0, ""}, {153.0 / 150, ""}} {
		c := list[i]
		if (c.Ratio != nil) != (want.median != 0) || c.Verdict != want.verdict {
			t.Errorf("%s: %+v", c.Entry.Name, c)
		}
		if i == 1 && c.Ratio.Median != want.median {
			t.Errorf("the ratio is %v", c.Ratio.Median)
		}
	}
	if list[3].Value != nil || list[0].Value.Median != 200 {
		t.Errorf("the values are %+v and %+v", list[3].Value, list[0].Value)
	}
	// Where others had the machine nothing can be said, nor without a null comparison.
	for i := range p.Entries[1].Measurements {
		p.Entries[1].Measurements[i].Result.Others = 1
		p.Entries[2].Measurements[i].Result.Others = 1
	}
	if list, _ := p.Compare(m); p.others() < quiet || list[1].Verdict != paired.Nothing {
		t.Errorf("beside others, which took %v: %+v", p.others(), list[1])
	}
	for i := range p.Entries[1].Measurements {
		p.Entries[1].Measurements[i].Result.Others = 0
		p.Entries[2].Measurements[i].Result.Others = 0
	}
	p.Entries = p.Entries[:2]
	if list, _ := p.Compare(m); list[1].Verdict != paired.Nothing {
		t.Errorf("without a null comparison: %+v", list[1])
	}
}

// What was wrong is no measurement, and is told.
func TestErrorsAreNoMeasurements(t *testing.T) {
	wrong := &load.Result{Rate: 5, Errors: load.Errors{Wrong: 2, First: "x answered y"}, Limit: "it was busy", Others: 0.5}
	for _, m := range Metrics {
		if v := m.Of(&Measurement{Result: wrong}); !math.IsNaN(v) {
			t.Errorf("%s is %v", m.Name, v)
		}
		if v := m.Of(&Measurement{Failed: "gone"}); !math.IsNaN(v) {
			t.Errorf("%s of nothing is %v", m.Name, v)
		}
	}
	o := Outcome{Points: []PointOutcome{{Point: Point{Name: "P"}, Entries: []Entry{
		{Name: "E", Measurements: []Measurement{{Result: wrong}, {Failed: "gone"}}},
	}}}}
	got := strings.Join(o.Warnings(), "\n")
	for _, want := range []string{"P, E: gone", "P, E: 2 errors: x answered y", "P, E: the generator may be the limit: it was busy", "not quiet: other processes, or its host, took 50 %"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not told:\n%s", want, got)
		}
	}
}
