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
	Slices  int            `json:"slices,omitempty"` // of each measurement; 0: it was not cut
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

// Compare compares the entries in a metric, each ratio for itself, and returns the noise.
// On a machine that was not quiet there is no conclusion: a few rounds know too little of
// what others may do in the next.
func (p *PointOutcome) Compare(m Metric) (list []Compared, noise paired.Noise) {
	noise = p.Noise(m, 1)
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

// Noise is how far a metric's ratios may be from the truth by chance, all of so many in 19
// runs of 20: what the entries scatter together from round to round, the null comparison
// among them, and never less than that was seen to be off. Without a null comparison it is
// not known.
func (p *PointOutcome) Noise(m Metric, among int) paired.Noise {
	var null []float64
	rows := make([]paired.Row, len(p.Entries))
	for i := range p.Entries {
		e := &p.Entries[i]
		rows[i] = paired.Row{Thing: i, Values: e.Values(m)}
		if e.Null {
			rows[i].Thing = e.Base
			null = paired.Ratios(e.Values(m), p.Entries[e.Base].Values(m))
		}
	}
	seen := paired.Farthest(null)
	if !seen.Known() {
		return seen
	}
	return max(seen, paired.ScatterOf(rows).Noise(among))
}

// Ratios is how many of a report's ratios have rounds enough to be judged, and a noise.
func (r *Report) Ratios() (count int) {
	for i := range r.Scenarios {
		for _, name := range r.Scenarios[i].Metrics {
			m, err := MetricNamed(name)
			if err != nil {
				continue // of a report that another version wrote
			}
			for j := range r.Scenarios[i].Points {
				p := &r.Scenarios[i].Points[j]
				list, noise := p.Compare(m)
				for _, c := range list {
					if c.judged() && noise.Known() {
						count++
					}
				}
			}
		}
	}
	return count
}

// judged says whether there is a ratio of more than one round that is not the null
// comparison's.
func (c *Compared) judged() bool {
	return c.Ratio != nil && !c.Entry.Null && len(c.Entry.Measurements) > 1
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
