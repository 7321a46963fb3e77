package report

import (
	"fmt"
	"slices"
	"strings"

	"proxyherd/bench/paired"
	"proxyherd/bench/scenario"
)

// column is one of the summary's: a metric at a point of a scenario.
type column struct {
	title, scenario, point, metric string
	ratio                          bool // to the first entry, in place of the value
}

var columns = []column{
	{"P=1", "throughput", "P=1", "rate", true},
	{"P=16", "throughput", "P=16", "rate", true},
	{"P=64", "throughput", "P=64", "rate", true},
	{"CPU of a reply at P=16", "throughput", "P=16", "cpu", true},
	{"p50 at 20,000/s", "rates", "20,000/s", "p50", false},
	{"idle connection", "idle", "10,000", "per_one", false},
	{"to the farthest of five", "propagation", "500/s", "p50", false},
}

// Summary is the report in one table of Markdown: each peer's throughput and processor
// time beside the first one's, its latency, an idle connection's memory and the way
// through a herd. The last row is the noise of one ratio.
func Summary(r *scenario.Report) string {
	head, line := "| |", "|---|"
	for _, c := range columns {
		head += " " + c.title + " |"
		line += "---:|"
	}
	rows := []string{head, line}
	first := find(r, columns[0].scenario, columns[0].point)
	if first == nil {
		return ""
	}
	noise := "| *noise* |"
	for i := range first.Entries {
		e := &first.Entries[i]
		if e.Null {
			continue
		}
		row := "| " + cell(e.Name) + " |"
		for _, c := range columns {
			row += " " + c.of(r, e.Name) + " |"
		}
		rows = append(rows, row)
	}
	for _, c := range columns {
		noise += " " + c.noise(r) + " |"
	}
	return strings.Join(append(rows, noise), "\n") + "\n"
}

// find finds a point; nil if it was not measured.
func find(r *scenario.Report, name, point string) *scenario.PointOutcome {
	for i := range r.Scenarios {
		if r.Scenarios[i].Name != name {
			continue
		}
		points := r.Scenarios[i].Points
		if at := slices.IndexFunc(points, func(p scenario.PointOutcome) bool { return p.Point.Name == point }); at >= 0 {
			return &points[at]
		}
	}
	return nil
}

// of is the cell of the entry with that name; a dash if it was not measured.
func (c column) of(r *scenario.Report, name string) string {
	const nothing = "–"
	p, m := find(r, c.scenario, c.point), c.measures()
	if p == nil {
		return nothing
	}
	list, _ := p.Compare(m)
	at := slices.IndexFunc(list, func(of scenario.Compared) bool { return of.Entry.Name == name })
	switch {
	case at < 0 || list[at].Value == nil:
		return nothing
	case c.ratio && list[at].Ratio == nil:
		return "1"
	case c.ratio:
		return fmt.Sprintf("%.2f", list[at].Ratio.Median)
	}
	return scenario.Short(list[at].Value.Median) + " " + m.Unit
}

func (c column) noise(r *scenario.Report) string {
	p := find(r, c.scenario, c.point)
	if p == nil {
		return "–"
	}
	_, noise := p.Compare(c.measures())
	return noiseIn(noise)
}

func (c column) measures() scenario.Metric {
	m, err := scenario.MetricNamed(c.metric)
	if err != nil {
		panic(err) // a test plays every column
	}
	return m
}

func noiseIn(n paired.Noise) string {
	if text := n.String(); strings.HasSuffix(text, "%") {
		return "±" + text
	}
	return n.String()
}

// ConditionsOf is a sentence on where, how and of what a report was measured.
func ConditionsOf(r *scenario.Report) string {
	c := &r.Conditions
	changed := ""
	if c.Changed {
		changed = " with changes"
	}
	return fmt.Sprintf("Measured on %s, %d cores, kernel %s, size *%s*, on %s, commit `%.10s`%s.\n",
		c.CPU, c.Cores, c.Kernel, c.Size, c.Begun.Format("2 January 2006"), c.Commit, changed)
}
