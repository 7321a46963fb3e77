package report

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"proxyherd/bench/paired"
	"proxyherd/bench/scenario"
)

// ErrNotMeasured is what a report does not have: a scenario that its size does not play,
// or a peer that was not there.
var ErrNotMeasured = errors.New("that was not measured")

// Ratios is a table of a metric at some points of a scenario: of each entry its ratio to
// the one that it is compared with, as median and range over the rounds, and below them
// the noise. The error wraps ErrNotMeasured, or is that of an unknown metric.
func Ratios(r *scenario.Report, name, metric string, points ...string) (string, error) {
	return grid(r, name, metric, points, func(c scenario.Compared) string {
		if c.Ratio == nil {
			return "1"
		}
		return fmt.Sprintf("%.2f (%.2f–%.2f)", c.Ratio.Median, c.Ratio.Low, c.Ratio.High)
	})
}

// Values is the same table of the numbers themselves.
func Values(r *scenario.Report, name, metric string, points ...string) (string, error) {
	return grid(r, name, metric, points, func(c scenario.Compared) string { return ranged(*c.Value) })
}

// grid has a row for each entry and a column for each point.
func grid(r *scenario.Report, name, metric string, points []string, show func(scenario.Compared) string) (string, error) {
	m, err := scenario.MetricNamed(metric)
	if err != nil {
		return "", err
	}
	var names []string
	cells := map[string][]string{}
	head, line, noise := "| "+titled(m)+" |", "|---|", "| *noise* |"
	for i, point := range points {
		p := find(r, name, point)
		if p == nil {
			return "", fmt.Errorf("%w: %s at %s", ErrNotMeasured, name, point)
		}
		head += " " + cell(point) + " |"
		line += "---:|"
		list, among := p.Compare(m)
		noise += " " + noiseIn(among) + " |"
		for _, c := range list {
			if c.Entry.Null || c.Value == nil {
				continue
			}
			if cells[c.Entry.Name] == nil {
				names = append(names, c.Entry.Name)
				cells[c.Entry.Name] = slices.Repeat([]string{"–"}, len(points))
			}
			cells[c.Entry.Name][i] = show(c)
		}
	}
	if len(names) == 0 {
		return "", fmt.Errorf("%w: %s of any server in %s", ErrNotMeasured, m.Title, name)
	}
	rows := []string{head, line}
	for _, n := range names {
		rows = append(rows, "| "+cell(n)+" | "+strings.Join(cells[n], " | ")+" |")
	}
	return strings.Join(append(rows, noise), "\n") + "\n", nil
}

func titled(m scenario.Metric) string {
	if m.Unit == "" {
		return m.Title
	}
	return m.Title + ", " + m.Unit
}

// Question is a metric at a point of a scenario.
type Question struct{ Scenario, Point, Metric string }

// Pair is a table of two peers: how each answers some questions, the second's ratio to
// the first inside the rounds, and what that says beside the noise. What was not measured
// has no row; the error wraps ErrNotMeasured where nothing was.
func Pair(r *scenario.Report, first, second string, questions ...Question) (string, error) {
	var rows []string
	for _, q := range questions {
		row, err := pairRow(r, first, second, q)
		switch {
		case errors.Is(err, ErrNotMeasured):
			continue
		case err != nil:
			return "", err
		case rows == nil:
			rows = append(rows, row.head(), "|---|---:|---:|---:|---|")
		}
		rows = append(rows, row.text)
	}
	if rows == nil {
		return "", fmt.Errorf("%w: %s beside %s", ErrNotMeasured, first, second)
	}
	return strings.Join(rows, "\n") + "\n", nil
}

// pairedRow is one row, and whom it compares.
type pairedRow struct {
	first, second *scenario.Entry
	text          string
}

func (p pairedRow) head() string {
	return "| | " + cell(p.first.Name) + " | " + cell(p.second.Name) + " | ratio | the second is |"
}

func pairRow(r *scenario.Report, first, second string, q Question) (row pairedRow, err error) {
	m, err := scenario.MetricNamed(q.Metric)
	if err != nil {
		return row, err
	}
	b, err := Beside(r, first, second, q)
	if err != nil {
		return row, err
	}
	row.first, row.second = b.First, b.Second
	row.text = fmt.Sprintf("| %s, %s: %s | %s | %s | %.2f (%.2f–%.2f) | %s |", cell(b.Title), cell(q.Point), titled(m),
		scenario.Short(b.FirstValue.Median), scenario.Short(b.SecondValue.Median), b.Ratio.Median, b.Ratio.Low, b.Ratio.High, b.Verdict)
	return row, nil
}

// Compared is one peer beside another in the answer to a question.
type Compared struct {
	Title                   string // the scenario's
	First, Second           *scenario.Entry
	FirstValue, SecondValue paired.Range
	Ratio                   paired.Range // of the second to the first
	Verdict                 paired.Verdict
}

// Beside compares two peers, each in its first variation. The error wraps ErrNotMeasured.
func Beside(r *scenario.Report, first, second string, q Question) (c Compared, err error) {
	m, err := scenario.MetricNamed(q.Metric)
	if err != nil {
		return c, err
	}
	p := find(r, q.Scenario, q.Point)
	if p == nil {
		return c, fmt.Errorf("%w: %s at %s", ErrNotMeasured, q.Scenario, q.Point)
	}
	a, b := entryOf(p, first), entryOf(p, second)
	if a == nil || b == nil {
		return c, fmt.Errorf("%w: %s beside %s in %s", ErrNotMeasured, first, second, q.Scenario)
	}
	ratios := paired.Ratios(b.Values(m), a.Values(m))
	if len(ratios) == 0 {
		return c, fmt.Errorf("%w: %s of %s beside %s in %s", ErrNotMeasured, m.Title, first, second, q.Scenario)
	}
	list, noise := p.Compare(m)
	c = Compared{Title: titleOf(r, q.Scenario), First: a, Second: b, Ratio: paired.Of(ratios), Verdict: paired.Judge(ratios, noise)}
	if !p.Quiet() {
		c.Verdict = paired.Nothing
	}
	for _, of := range list {
		switch of.Entry {
		case a:
			c.FirstValue = *of.Value
		case b:
			c.SecondValue = *of.Value
		}
	}
	return c, nil
}

// entryOf is a peer's first entry at a point; nil if it has none.
func entryOf(p *scenario.PointOutcome, peer string) *scenario.Entry {
	at := slices.IndexFunc(p.Entries, func(e scenario.Entry) bool { return e.Peer == peer && !e.Null })
	if at < 0 {
		return nil
	}
	return &p.Entries[at]
}

func titleOf(r *scenario.Report, name string) string {
	for i := range r.Scenarios {
		if r.Scenarios[i].Name == name {
			return r.Scenarios[i].Title
		}
	}
	return name
}
