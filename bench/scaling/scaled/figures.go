package scaled

import (
	"fmt"

	"proxyherd/bench/plots"
)

// Figures are the figures, by name, in an order that the page keeps.
var Figures = []struct {
	Name string
	draw func(*Report) ([]plots.Panel, error)
}{
	{"messages", messagesFigure},
	{"reach", reachFigure},
	{"degrees", degreesFigure},
	{"bill", billFigure},
}

var serversAxis = plots.Axis{Label: "servers", Log: true}

// messagesFigure has the formulas as lines, and what was counted as points on them.
func messagesFigure(r *Report) ([]plots.Panel, error) {
	panel := plots.Lines{
		Title: "Messages of an update: counted (points), and 2E - (N - 1) (lines)", X: serversAxis, Y: plots.Axis{Label: "messages", Log: true}, Height: 85,
	}
	for i := range Kinds {
		k := &Kinds[i]
		counted := plots.Line{Name: k.Title, Only: plots.Markers, Like: i + 1}
		formula := plots.Line{Only: plots.Stroke, Like: i + 1}
		for _, g := range r.Graphs {
			if g.Kind != k.Name {
				continue
			}
			formula.Points = append(formula.Points, plots.Point{X: float64(g.Servers), Y: float64(g.Formula)})
			if g.Followed > 0 {
				counted.Points = append(counted.Points, plots.Point{X: float64(g.Servers), Y: float64(g.Messages)})
			}
		}
		panel.Lines = append(panel.Lines, formula, counted)
	}
	return []plots.Panel{panel}, nil
}

// reachFigure has a panel for each share of the servers.
func reachFigure(r *Report) (panels []plots.Panel, err error) {
	for _, share := range []struct {
		name string
		of   func(*Graph) float64
	}{
		{"Half of the servers", func(g *Graph) float64 { return g.Half }},
		{"99 % of the servers", func(g *Graph) float64 { return g.Most }},
		{"All servers: counted (points), and the graph's distances (lines)", func(g *Graph) float64 { return g.All }},
	} {
		panel := plots.Lines{
			Title: share.name, X: serversAxis,
			Y: plots.Axis{Label: fmt.Sprintf("links' times of %g ms, in ms", r.Latency*1e3), Log: true},
		}
		all := len(panels) == 2
		for i := range Kinds {
			counted := plots.Line{Name: Kinds[i].Title, Like: i + 1}
			distance := plots.Line{Only: plots.Stroke, Like: i + 1}
			for j := range r.Graphs {
				g := &r.Graphs[j]
				if g.Kind != Kinds[i].Name || g.Followed == 0 {
					continue
				}
				counted.Points = append(counted.Points, plots.Point{X: float64(g.Servers), Y: share.of(g) * 1e3})
				distance.Points = append(distance.Points, plots.Point{X: float64(g.Servers), Y: float64(g.Eccentricity) * r.Latency * 1e3})
			}
			if all {
				counted.Only = plots.Markers
				panel.Lines = append(panel.Lines, distance)
			}
			panel.Lines = append(panel.Lines, counted)
		}
		panels = append(panels, panel)
	}
	return panels, nil
}

// degreesFigure has what one server pays against the number of its neighbours, as points,
// and what the units say, as lines.
func degreesFigure(r *Report) (panels []plots.Panel, err error) {
	neighbours := plots.Axis{Label: "neighbours", Log: true}
	for _, regime := range Regimes {
		panel := plots.Lines{
			Title: "Updates " + regimes[regime] + ": measured (points), and by the units (lines)", X: neighbours, Y: plots.Axis{Label: "us of processor time", Log: true},
		}
		if err := r.addDegrees(&panel, regime, func(p *Point) plots.Point {
			c := p.cost()
			return plots.Point{X: float64(p.Degree), Y: c.Median, Low: c.Low, High: c.High}
		}, func(cost float64) float64 { return cost }); err != nil {
			return nil, err
		}
		panels = append(panels, panel)
	}
	rates := plots.Lines{
		Title: "What one core carries: measured (points), and by the units (lines)", X: neighbours, Y: plots.Axis{Label: "updates a second", Log: true},
	}
	err = r.addDegrees(&rates, Dense, func(p *Point) plots.Point {
		c := p.rate()
		return plots.Point{X: float64(p.Degree), Y: c.Median, Low: c.Low, High: c.High}
	}, func(cost float64) float64 { return 1e6 / cost })
	return append(panels, rates), err
}

// addDegrees adds a line for each design, with copies and without.
func (r *Report) addDegrees(panel *plots.Lines, regime Regime, measured func(*Point) plots.Point, of func(cost float64) float64) error {
	like := 0
	for _, design := range Designs {
		u, err := UnitsOf(r, design, regime, false)
		if err != nil {
			return err
		}
		for _, copies := range []bool{false, true} {
			like++
			points := plots.Line{Name: title(design) + ", no copies", Only: plots.Markers, Like: like}
			if copies {
				points.Name = title(design) + ", all but two send copies"
			}
			model := plots.Line{Only: plots.Stroke, Like: like}
			for _, p := range r.pointsOf(design, regime, false) {
				if p.Own || (p.Copies > 0) != copies {
					continue
				}
				points.Points = append(points.Points, measured(&p))
				model.Points = append(model.Points, plots.Point{X: float64(p.Degree), Y: of(u.Medians().Point(&p))})
			}
			panel.Lines = append(panel.Lines, model, points)
		}
	}
	return nil
}

// billFigure has what a million updates cost whole herds, and the herds of five that were
// measured.
func billFigure(r *Report) ([]plots.Panel, error) {
	wire := plots.Lines{Title: "On the wire, by the formulas", X: serversAxis, Y: plots.Axis{Label: "GB for a million updates", Log: true}}
	time := plots.Lines{Title: "All servers, by the units, as many as go; points: measured herds of five", X: serversAxis, Y: plots.Axis{Label: "s of processor time for a million updates", Log: true}}
	u, err := r.usual(Dense)
	if err != nil {
		return nil, err
	}
	for i := range Kinds {
		k := &Kinds[i]
		bytes := plots.Line{Name: k.Title, Like: i + 1}
		spent := plots.Line{Name: k.Title, Only: plots.Stroke, Like: i + 1}
		measured := plots.Line{Only: plots.Markers, Like: i + 1}
		for _, n := range Sizes {
			if n < k.Least {
				continue
			}
			bytes.Points = append(bytes.Points, plots.Point{X: float64(n), Y: float64(k.Messages(n)) * r.Line / 1e3})
			spent.Points = append(spent.Points, plots.Point{X: float64(n), Y: u.Herd(k, n)})
		}
		for _, h := range r.Herds {
			if h.Graph == k.Name && h.Design == Designs[0] && h.Regime == Dense {
				c := h.cost()
				measured.Points = append(measured.Points, plots.Point{X: float64(h.Servers), Y: c.Median, Low: c.Low, High: c.High})
			}
		}
		wire.Lines, time.Lines = append(wire.Lines, bytes), append(time.Lines, spent, measured)
	}
	backbone := plots.Line{Name: "NATS", Like: len(Kinds) + 1}
	bus := plots.Line{Name: "NATS, its server alone", Only: plots.Stroke, Like: len(Kinds) + 1}
	costs, unmeasured := BusOf(r, Dense)
	for _, n := range Sizes {
		backbone.Points = append(backbone.Points, plots.Point{X: float64(n), Y: float64(BackboneMessages(n)) * r.Line / 1e3})
		if unmeasured == nil {
			bus.Points = append(bus.Points, plots.Point{X: float64(n), Y: costs.Herd(n)})
		}
	}
	wire.Lines = append(wire.Lines, backbone)
	if unmeasured == nil {
		time.Lines = append(time.Lines, bus)
	}
	return []plots.Panel{time, wire}, nil
}
