package scenario

import (
	"fmt"
	"slices"

	"proxyherd/bench/paired"
)

// Report is all that a run of scenarios has measured.
type Report struct {
	Conditions Conditions `json:"conditions"`
	Scenarios  []Outcome  `json:"scenarios"`
}

// Outcome is what came of a scenario.
type Outcome struct {
	Name    string         `json:"name"`
	Title   string         `json:"title"`
	About   string         `json:"about"`
	Kind    string         `json:"kind"`
	Against string         `json:"against,omitempty"`
	Metrics []string       `json:"metrics"`
	Rounds  int            `json:"rounds"`
	Took    Duration       `json:"took"`
	Points  []PointOutcome `json:"points"`
}

// PointOutcome is what came of it at one point.
type PointOutcome struct {
	Point   Point   `json:"point"`
	Entries []Entry `json:"entries"`
}

// Entry is one of those that are compared, and what was measured of it, by rounds.
type Entry struct {
	Name      string `json:"name"`
	Peer      string `json:"peer"`
	Variation string `json:"variation,omitempty"`
	Ours      bool   `json:"ours,omitempty"`

	// Base is the entry that it is compared with, by its place in the list; its own
	// for the first.
	Base int `json:"base"`

	// Null says that it is its base once more, to show the noise.
	Null bool `json:"null,omitempty"`

	Measurements []Measurement `json:"measurements"`
}

// Values are a metric's, by rounds: NaN where there is none.
func (e *Entry) Values(m Metric) (list []float64) {
	for i := range e.Measurements {
		list = append(list, m.Of(&e.Measurements[i]))
	}
	return list
}

// Compared is one entry in one metric.
type Compared struct {
	Entry   *Entry
	Value   *paired.Range // nil: nothing was measured
	Ratio   *paired.Range // to its base, paired in the rounds; nil if it is its own
	Verdict paired.Verdict
	Base    *Entry
}

// Compare compares the entries in a metric. The noise is what the null comparison shows.
// On a machine that was not quiet there is no conclusion: a few rounds of a null
// comparison know too little of what others may do in the next.
func (p *PointOutcome) Compare(m Metric) (list []Compared, noise paired.Noise) {
	noise = p.Noise(m)
	for i := range p.Entries {
		e := &p.Entries[i]
		base := &p.Entries[e.Base]
		c := Compared{Entry: e, Base: base}
		if good := present(e.Values(m)); len(good) > 0 {
			r := paired.Of(good)
			c.Value = &r
		}
		if ratios := paired.Ratios(e.Values(m), base.Values(m)); e.Base != i && len(ratios) > 0 {
			r := paired.Of(ratios)
			c.Ratio, c.Verdict = &r, paired.Judge(ratios, noise)
			if !p.Quiet() {
				c.Verdict = paired.Nothing
			}
			if e.Null {
				c.Verdict = "" // it is the measure of the others
			}
		}
		list = append(list, c)
	}
	return list, noise
}

// Noise is what the null comparison shows in a metric.
func (p *PointOutcome) Noise(m Metric) paired.Noise {
	at := slices.IndexFunc(p.Entries, func(e Entry) bool { return e.Null })
	if at < 0 {
		return paired.NoiseOf(nil)
	}
	e := &p.Entries[at]
	return paired.NoiseOf(paired.Ratios(e.Values(m), p.Entries[e.Base].Values(m)))
}

// present are the numbers that are some.
func present(list []float64) []float64 {
	return slices.DeleteFunc(slices.Clone(list), func(v float64) bool { return v != v })
}

// quiet is how many cores others may keep busy on a machine that is called quiet.
const quiet = 0.15

// Quiet says whether the machine had little else to do, so that there can be conclusions.
func (p *PointOutcome) Quiet() bool { return p.others() <= quiet }

// others is how many cores were busy with something else: the median over all
// measurements, as the system tells a short one's only roughly.
func (p *PointOutcome) others() float64 {
	var list []float64
	for _, e := range p.Entries {
		for _, m := range e.Measurements {
			if m.Result != nil {
				list = append(list, m.Result.Others)
			} else if m.Return != nil {
				list = append(list, m.Return.Others)
			}
		}
	}
	if len(list) == 0 {
		return 0 // of these kinds of scenarios it is not known
	}
	return paired.Of(list).Median
}

// Warnings are what a reader of an outcome should know: failures, errors, where the
// generator may have been the limit, each once for an entry, and whether the machine had
// other things to do.
func (o *Outcome) Warnings() (list []string) {
	others := 0.0
	for _, p := range o.Points {
		others = max(others, p.others())
		for _, e := range p.Entries {
			failed, wrong, limit, uncounted := "", "", "", ""
			for i := range e.Measurements {
				m := &e.Measurements[i]
				if m.Failed != "" {
					failed = m.Failed
				}
				if errors := m.Errors(); errors.Sum() > 0 {
					wrong = fmt.Sprintf("%d errors: %s", errors.Sum(), errors.First)
				}
				if m.Calls != nil && m.Calls.Missing != "" {
					uncounted = "no system calls were counted: " + m.Calls.Missing
				}
				if m.Limit() != "" {
					limit = "the generator may be the limit: " + m.Limit()
				}
			}
			for _, text := range []string{failed, wrong, limit, uncounted} {
				if text != "" {
					list = append(list, fmt.Sprintf("%s, %s: %s", p.Point.Name, e.Name, text))
				}
			}
		}
	}
	if others > quiet {
		list = append(list, fmt.Sprintf("the machine was not quiet: other processes, or its host, took %.0f %% of a core, and so there are no conclusions where that was", 100*others))
	}
	return list
}
