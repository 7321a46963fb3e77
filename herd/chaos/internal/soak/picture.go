package main

import "proxyherd/bench/plots"

// panels are the picture of the samples: one for each measure, with a line for each
// server, and one for how soon the servers agreed.
func (r *results) panels() (panels []plots.Panel) {
	minutes := plots.Axis{Label: "minutes"}
	const height = 45
	for _, m := range measures {
		unit := "number"
		if m.unit > 1 {
			unit = "MiB"
		}
		p := plots.Lines{Title: m.label, X: minutes, Y: plots.Axis{Label: unit}, Height: height}
		for _, name := range r.names() {
			line := plots.Line{Name: name}
			for _, s := range r.Samples {
				line.Points = append(line.Points, plots.Point{X: s.Seconds / 60, Y: s.Servers[name].Measure[m.name] / m.unit})
			}
			p.Lines = append(p.Lines, line)
		}
		panels = append(panels, p)
	}
	agreed := plots.Line{Name: "all servers"}
	for _, s := range r.Samples {
		if s.Agreed >= 0 {
			agreed.Points = append(agreed.Points, plots.Point{X: s.Seconds / 60, Y: 1000 * s.Agreed})
		}
	}
	return append(panels, plots.Lines{
		Title: "digests equal, once nobody reports, after", X: minutes, Y: plots.Axis{Label: "milliseconds"}, Lines: []plots.Line{agreed}, Height: height,
	})
}
