package report

import (
	"fmt"

	"proxyherd/bench/plots"
	"proxyherd/bench/scenario"
)

// Curve draws a metric of a scenario whose points differ in their pipelines, of each
// entry as its ratio to the one that it is compared with. The error wraps ErrNotMeasured.
func Curve(r *scenario.Report, name, metric string) ([]plots.Panel, error) {
	m, err := scenario.MetricNamed(metric)
	if err != nil {
		return nil, err
	}
	lines, base := newLines(), ""
	for i := range r.Scenarios {
		o := &r.Scenarios[i]
		if o.Name != name {
			continue
		}
		for j := range o.Points {
			p := &o.Points[j]
			list, _ := p.Compare(m)
			for _, c := range list {
				if c.Ratio != nil && !c.Entry.Null && p.Point.Pipeline > 0 {
					base = c.Base.Name
					lines.add(c.Entry.Name, plots.Point{X: float64(p.Point.Pipeline), Y: c.Ratio.Median, Low: c.Ratio.Low, High: c.Ratio.High})
				}
			}
		}
	}
	if len(lines.list) == 0 {
		return nil, fmt.Errorf("%w: %s of %s at several depths of the pipeline", ErrNotMeasured, m.Title, name)
	}
	return []plots.Panel{plots.Lines{
		Title: titleOf(r, name) + ": " + m.Title + ", as a ratio to " + base, X: plots.Axis{Label: "requests in a write", Log: true},
		Y: plots.Axis{Label: "ratio", Log: true}, Lines: lines.list,
	}}, nil
}

// FigureOf draws a scenario by its name, as beside the results; there are no panels if it
// was not measured.
func FigureOf(r *scenario.Report, name string) []plots.Panel {
	for i := range r.Scenarios {
		if r.Scenarios[i].Name == name {
			return Figure(&r.Scenarios[i])
		}
	}
	return nil
}
