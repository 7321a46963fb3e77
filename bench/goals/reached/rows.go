package reached

import (
	"fmt"
	"math"
	"strings"

	"proxyherd/bench/paired"
	"proxyherd/bench/scenario"
)

// Verdict is what a measurement says of a goal.
type Verdict string

// The verdicts. What the noise leaves open is said beside them, in Row.Open.
const (
	Met         Verdict = "met"
	Missed      Verdict = "missed"
	BelowFloor  Verdict = "floor missed"
	Told        Verdict = "reported"
	ByTest      Verdict = "by a test"
	ByBenchmark Verdict = "by a benchmark" // which tells, and judges nothing
	NotMeasured Verdict = "not measured"
)

// Row is a goal and what was reached.
type Row struct {
	Goal
	Metric  scenario.Metric
	Reached *paired.Range // of the rounds; nil: nothing was measured
	Verdict Verdict
	Dreamt  bool    // the dream is reached too
	By      float64 // by which share of the goal, or of the floor, it is missed
	Open    string  // why another run may say otherwise; empty: nothing speaks for that
	Missing string  // why nothing was measured
}

// Rows holds a report against all goals. The error wraps ErrGoals.
func Rows(r *scenario.Report) ([]Row, error) {
	goals, err := All()
	if err != nil {
		return nil, err
	}
	rows := make([]Row, len(goals))
	for i, g := range goals {
		rows[i] = row(g, r)
	}
	return rows, nil
}

func row(g Goal, r *scenario.Report) Row {
	out := Row{Goal: g}
	if len(g.Test) > 0 {
		out.Verdict = ByTest
		if strings.HasPrefix(g.Test[1], "Benchmark") {
			out.Verdict = ByBenchmark
		}
		return out
	}
	out.Metric, _ = scenario.MetricNamed(g.Metric) // checked as the goals were read
	values, noise, quiet, missing := g.values(out.Metric, r)
	if len(values) == 0 {
		out.Verdict, out.Missing = NotMeasured, missing
		return out
	}
	reached := paired.Of(values)
	out.Reached = &reached
	if g.Reported {
		out.Verdict = Told
		return out
	}
	out.judge(noise, quiet)
	return out
}

// values are the numbers of the rounds, or why there are none; how far noise may move
// them; and whether the machine had nothing else to do.
func (g *Goal) values(m scenario.Metric, r *scenario.Report) (values []float64, noise paired.Noise, quiet bool, missing string) {
	at, entry, missing := g.find(r)
	if missing != "" {
		return nil, 0, false, missing
	}
	noise, quiet = at.Noise(m, 1), at.Quiet()
	if g.Against == nil {
		return present(entry.Values(m)), noise, quiet, "there is no good measurement" + uncounted(entry)
	}
	otherAt, other, missing := g.Against.orOf(g.Subject).find(r)
	if missing != "" {
		return nil, 0, false, missing
	}
	return paired.Ratios(entry.Values(m), other.Values(m)), noise, quiet && otherAt.Quiet(), "no round has a good measurement of both"
}

// uncounted says why no calls were counted, where that is so.
func uncounted(e *scenario.Entry) string {
	for _, m := range e.Measurements {
		if m.Calls != nil && m.Calls.Missing != "" {
			return ": " + m.Calls.Missing
		}
	}
	return ""
}

// judge judges by the median, and says what the range and the noise leave open.
func (r *Row) judge(noise paired.Noise, quiet bool) {
	value := r.Reached.Median
	switch {
	case r.reaches(value, r.Goal.Goal):
		r.Verdict, r.Dreamt = Met, r.Dream != 0 && r.reaches(value, r.Dream)
	case r.Floor != 0 && !r.reaches(value, r.Floor):
		r.Verdict, r.By = BelowFloor, short(value, r.Floor)
	default:
		r.Verdict, r.By = Missed, short(value, r.Goal.Goal)
	}
	if r.Exactly {
		return // a count has no noise
	}
	line := r.Goal.Goal
	if r.Verdict == BelowFloor {
		line = r.Floor
	}
	unknown := !noise.Known()
	if unknown && r.Against == nil {
		noise = 1 // such as of counts that were 0: their range is all there is
	}
	if unknown && r.Against != nil {
		r.Open = "there is no null comparison"
	} else if low, high := r.Reached.Low/float64(noise), r.Reached.High*float64(noise); r.reaches(low, line) != r.reaches(high, line) {
		r.Open = "within range and noise"
	}
	if !quiet {
		r.Open = "the machine was not quiet"
	}
}

// reaches says whether a number is as good as a line.
func (r *Row) reaches(value, line float64) bool {
	switch {
	case r.Exactly:
		return value == line
	case r.Metric.Higher:
		return value >= line
	}
	return value <= line
}

// short is by which share a number misses a line.
func short(value, line float64) float64 {
	if line == 0 {
		return 0
	}
	return math.Abs(value-line) / line
}

// Aim writes what is aimed for: "at least 0.85 of C, floor 0.75".
func (r *Row) Aim() string {
	if r.Goal.Reported {
		return "to be reported"
	}
	if len(r.Test) > 0 {
		return "always"
	}
	word := "at most"
	switch {
	case r.Exactly:
		word = "exactly"
	case r.Metric.Higher:
		word = "at least"
	}
	text := fmt.Sprintf("%s %s%s", word, scenario.Short(r.Goal.Goal), withUnit(r.Unit))
	if r.Floor != 0 {
		text += ", floor " + scenario.Short(r.Floor)
	}
	if r.Dream != 0 {
		text += ", dream " + scenario.Short(r.Dream)
	}
	return text
}

func withUnit(unit string) string {
	if unit == "" {
		return ""
	}
	return " " + unit
}
