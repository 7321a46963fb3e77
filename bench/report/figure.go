package report

import (
	"fmt"

	"proxyherd/bench/load"
	"proxyherd/bench/paired"
	"proxyherd/bench/plots"
	"proxyherd/bench/scenario"
)

// Figure draws a scenario: latency against the rate, memory against connections, the
// curves of propagation, what grows against what it grows with, and bars for all else. There are no panels if nothing of it
// could be measured. What is there twice is drawn once.
func Figure(o *scenario.Outcome) []plots.Panel {
	switch {
	case o.Kind == scenario.Idle:
		return memoryFigure(o)
	case o.Kind == scenario.Propagation:
		return propagationFigure(o)
	case againstRate(o):
		return rateFigure(o)
	case o.Against != "":
		return growthFigure(o)
	}
	return barsFigure(o)
}

// againstRate says whether the points differ in their rate.
func againstRate(o *scenario.Outcome) bool {
	seen := map[float64]bool{}
	for _, p := range o.Points {
		if p.Point.Rate == 0 || seen[p.Point.Rate] {
			return false
		}
		seen[p.Point.Rate] = true
	}
	return len(seen) > 1
}

// barsFigure is a panel of bars for each point.
func barsFigure(o *scenario.Outcome) (panels []plots.Panel) {
	m, err := scenario.MetricNamed(o.Metrics[0])
	if err != nil {
		return nil
	}
	for i := range o.Points {
		p := &o.Points[i]
		bars := plots.Bars{Title: o.Title + ", " + p.Point.Name, X: plots.Axis{Label: label(m)}}
		list, _ := p.Compare(m)
		for _, c := range list {
			if c.Value == nil || c.Entry.Null {
				continue
			}
			bars.Bars = append(bars.Bars, plots.Bar{
				Name: c.Entry.Name, Value: c.Value.Median, Low: c.Value.Low, High: c.Value.High, Strong: c.Entry.Ours,
			})
		}
		if len(bars.Bars) > 0 {
			panels = append(panels, bars)
		}
	}
	return panels
}

func label(m scenario.Metric) string { return fmt.Sprintf("%s (%s)", m.Title, m.Unit) }

// rateFigure is a panel of lines for each of the latencies.
func rateFigure(o *scenario.Outcome) (panels []plots.Panel) {
	for _, name := range o.Metrics {
		m, err := scenario.MetricNamed(name)
		if err != nil || m.Unit != "us" {
			continue
		}
		lines := newLines()
		for i := range o.Points {
			list, _ := o.Points[i].Compare(m)
			for _, c := range list {
				if c.Value == nil || c.Entry.Null || c.Value.Low <= 0 {
					continue
				}
				lines.add(c.Entry.Name, plots.Point{X: o.Points[i].Point.Rate, Y: c.Value.Median, Low: c.Value.Low, High: c.Value.High})
			}
		}
		if len(lines.list) > 0 {
			panels = append(panels, plots.Lines{
				Title: o.Title + ": " + m.Title, X: plots.Axis{Label: "requests due a second"}, Y: plots.Axis{Label: label(m), Log: true},
				Lines: lines.list,
			})
		}
	}
	return panels
}

// growthFigure is a panel of lines for each metric, against what grows.
func growthFigure(o *scenario.Outcome) (panels []plots.Panel) {
	for _, name := range o.Metrics {
		m, err := scenario.MetricNamed(name)
		if err != nil {
			continue // of a report that another version wrote
		}
		lines := newLines()
		for i := range o.Points {
			list, _ := o.Points[i].Compare(m)
			for _, c := range list {
				if c.Value != nil && !c.Entry.Null {
					lines.add(c.Entry.Name, plots.Point{X: o.Points[i].Point.Setting(o.Against), Y: c.Value.Median, Low: c.Value.Low, High: c.Value.High})
				}
			}
		}
		if len(lines.list) > 0 {
			panels = append(panels, plots.Lines{
				Title: o.Title + ": " + m.Title, X: plots.Axis{Label: o.Against, Log: true}, Y: plots.Axis{Label: label(m)}, Lines: lines.list,
			})
		}
	}
	return panels
}

// memoryFigure draws the memory as connections grow, of the point with the most.
func memoryFigure(o *scenario.Outcome) []plots.Panel {
	lines := newLines()
	for _, e := range lastEntries(o) {
		held := map[int][]float64{}
		var order []int
		for _, m := range e.Measurements {
			if m.Idle == nil {
				continue
			}
			for _, at := range m.Idle.Points {
				if held[at.Connections] == nil {
					order = append(order, at.Connections)
				}
				held[at.Connections] = append(held[at.Connections], float64(at.Anonymous)/1e6)
			}
		}
		for _, n := range order {
			r := paired.Of(held[n])
			if r.Low > 0 {
				lines.add(e.Name, plots.Point{X: float64(n), Y: r.Median, Low: r.Low, High: r.High})
			}
		}
	}
	if len(lines.list) == 0 {
		return nil
	}
	return []plots.Panel{plots.Lines{
		Title: o.Title, X: plots.Axis{Label: "connections", Log: true}, Y: plots.Axis{Label: "anonymous memory (MB)", Log: true}, Lines: lines.list,
	}}
}

// propagationFigure draws by when updates had arrived at the server that is farthest.
func propagationFigure(o *scenario.Outcome) []plots.Panel {
	lines := newLines()
	for _, e := range lastEntries(o) {
		var byPercent [][]float64
		for _, m := range e.Measurements {
			for i, us := range farthestCurve(m.Spread) {
				if i == len(byPercent) {
					byPercent = append(byPercent, nil)
				}
				byPercent[i] = append(byPercent[i], us)
			}
		}
		for i, list := range byPercent {
			lines.add(e.Name, plots.Point{X: paired.Of(list).Median, Y: float64(i) + 0.5})
		}
	}
	if len(lines.list) == 0 {
		return nil
	}
	return []plots.Panel{plots.Lines{
		Title: o.Title, X: plots.Axis{Label: "time since it was sent (us)", Log: true}, Y: plots.Axis{Label: "updates that had arrived (%)"}, Lines: lines.list,
	}}
}

// farthestCurve is the curve of the server that is farthest away.
func farthestCurve(s *load.Spread) []float64 {
	if s == nil {
		return nil
	}
	for _, a := range s.Servers {
		if a.Server == s.Farthest {
			return a.Curve
		}
	}
	return nil
}

// lastEntries are those of the last point, which has the most, without the null
// comparison.
func lastEntries(o *scenario.Outcome) (list []scenario.Entry) {
	for _, e := range o.Points[len(o.Points)-1].Entries {
		if !e.Null {
			list = append(list, e)
		}
	}
	return list
}

// lines gathers points into lines by name, in the order in which the names come.
type lines struct {
	list []plots.Line
	at   map[string]int
}

func newLines() *lines { return &lines{at: map[string]int{}} }

func (l *lines) add(name string, p plots.Point) {
	i, found := l.at[name]
	if !found {
		i = len(l.list)
		l.at[name] = i
		l.list = append(l.list, plots.Line{Name: name})
	}
	l.list[i].Points = append(l.list[i].Points, p)
}
