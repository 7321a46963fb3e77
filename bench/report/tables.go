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
	return atPoints(r, name, metric, points, func(c scenario.Compared) string {
		if c.Ratio == nil {
			return "1"
		}
		return fmt.Sprintf("%.2f (%.2f–%.2f)", c.Ratio.Median, c.Ratio.Low, c.Ratio.High)
	})
}

// Values is the same table of the numbers themselves.
func Values(r *scenario.Report, name, metric string, points ...string) (string, error) {
	return atPoints(r, name, metric, points, shown)
}

func shown(c scenario.Compared) string { return ranged(*c.Value) }

func atPoints(r *scenario.Report, name, metric string, points []string, show func(scenario.Compared) string) (string, error) {
	m, err := scenario.MetricNamed(metric)
	if err != nil {
		return "", err
	}
	g := newGrid(titled(m))
	for _, point := range points {
		if err := g.add(r, name, point, point, m, show); err != nil {
			return "", err
		}
	}
	return g.text()
}

// Metrics is a table of several metrics at one point of a scenario.
func Metrics(r *scenario.Report, name, point string, metrics ...string) (string, error) {
	g := newGrid(point)
	for _, metric := range metrics {
		m, err := scenario.MetricNamed(metric)
		if err == nil {
			err = g.add(r, name, point, titled(m), m, shown)
		}
		if err != nil {
			return "", err
		}
	}
	return g.text()
}

// grid is a table with a row for each entry, and one for the noise.
type grid struct {
	head, noise []string
	names       []string
	cells       map[string][]string // by the entries' names
}

func newGrid(corner string) *grid {
	return &grid{head: []string{cell(corner)}, noise: []string{"*noise*"}, cells: map[string][]string{}}
}

// add adds a column.
func (g *grid) add(r *scenario.Report, name, point, title string, m scenario.Metric, show func(scenario.Compared) string) error {
	p := find(r, name, point)
	if p == nil {
		return fmt.Errorf("%w: %s at %s", ErrNotMeasured, name, point)
	}
	list, noise := p.Compare(m)
	for _, c := range list {
		if c.Entry.Null || c.Value == nil {
			continue
		}
		if g.cells[c.Entry.Name] == nil {
			g.names = append(g.names, c.Entry.Name)
		}
		row := append(g.cells[c.Entry.Name], slices.Repeat([]string{"–"}, len(g.head)-1-len(g.cells[c.Entry.Name]))...)
		g.cells[c.Entry.Name] = append(row, show(c))
	}
	g.head, g.noise = append(g.head, cell(title)), append(g.noise, noiseIn(noise))
	return nil
}

// text is the table, if it has a row.
func (g *grid) text() (string, error) {
	if len(g.names) == 0 {
		return "", fmt.Errorf("%w: %s of any server", ErrNotMeasured, strings.Join(g.head, ", "))
	}
	line := func(cells []string) string { return "| " + strings.Join(cells, " | ") + " |\n" }
	text := line(g.head) + "|---|" + strings.Repeat("---:|", len(g.head)-1) + "\n"
	for _, name := range g.names {
		row := append([]string{cell(name)}, g.cells[name]...)
		text += line(append(row, slices.Repeat([]string{"–"}, len(g.head)-len(row))...))
	}
	return text + line(g.noise), nil
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

// Runs is a table with a row for each run that has compared two peers, in the order given,
// and a column for each question: the second's ratio to the first, with its range, and a
// mark where that is beyond the noise. The error wraps ErrNotMeasured where no run has.
func Runs(all []*scenario.Report, first, second string, questions ...Question) (string, error) {
	const beyond = "\\*"
	text := "| run, size |"
	for _, q := range questions {
		m, err := scenario.MetricNamed(q.Metric)
		if err != nil {
			return "", err
		}
		text += " " + cell(q.Point) + ": " + m.Title + " |"
	}
	text += "\n|---|" + strings.Repeat("---:|", len(questions)) + "\n"
	found := false
	for _, r := range all {
		row, measured := fmt.Sprintf("| %s, %s |", r.Conditions.Begun.Format("2 January 15:04"), r.Conditions.Size), false
		for _, q := range questions {
			b, err := Beside(r, first, second, q)
			switch {
			case errors.Is(err, ErrNotMeasured):
				row += " – |"
				continue
			case err != nil:
				return "", err
			}
			measured = true
			mark := ""
			if b.Verdict != paired.Nothing {
				mark = beyond
			}
			row += fmt.Sprintf(" %.2f (%.2f–%.2f)%s |", b.Ratio.Median, b.Ratio.Low, b.Ratio.High, mark)
		}
		if measured {
			text, found = text+row+"\n", true
		}
	}
	if !found {
		return "", fmt.Errorf("%w: %s beside %s in any run", ErrNotMeasured, first, second)
	}
	return text, nil
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
