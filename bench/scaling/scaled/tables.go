package scaled

import (
	"fmt"
	"math"
	"slices"

	"proxyherd/bench/paired"
	"proxyherd/bench/report"
	"proxyherd/bench/scenario"
)

// Tables are what a page may show, by name. Each is a table of Markdown; it is empty, or an
// error, where the report has nothing of that.
var Tables = map[string]func(*Report) (string, error){
	"conditions": func(r *Report) (string, error) {
		return report.ConditionsOf(&scenario.Report{Conditions: r.Conditions}), nil
	},
	"graphs":   graphsTable,
	"reach":    reachTable,
	"units":    unitsTable,
	"degrees":  degreesTable,
	"herds":    herdsTable,
	"rest":     restTable,
	"ends":     endsTable,
	"most":     mostTable,
	"bill":     billTable,
	"backbone": backboneTable,
	"bus":      busTable,
}

// Designs are those that are measured. The first is what the models reckon with.
var Designs = []string{"reactor", "goroutine"}

// graphsTable is what an update costs by the formulas, and counted.
func graphsTable(r *Report) (string, error) {
	if len(r.Graphs) == 0 {
		return "", nil
	}
	t := newTable(2, "graph", "links", "servers", "messages by formula", "counted", "for each other server")
	for _, g := range r.Graphs {
		k, err := kindNamed(g.Kind)
		if err != nil {
			return "", err
		}
		counted := nothing
		if g.Followed > 0 {
			counted = count(g.Messages)
		}
		t.row(k.Title, k.Text, count(g.Servers), count(g.Formula), counted, scenario.Short(float64(g.Formula)/float64(g.Servers-1)))
	}
	for _, g := range r.Graphs {
		if g.Missing != "" {
			t.note("Not simulated: %s of %s servers: %s.", g.Kind, count(g.Servers), g.Missing)
		}
	}
	return t.String(), nil
}

// reachTable is how long an update takes to reach them.
func reachTable(r *Report) (string, error) {
	if len(r.Graphs) == 0 {
		return "", nil
	}
	t := newTable(1, "graph", "servers", "hops, by the graph", "hops, counted", "50 %, ms", "99 %, ms", "100 %, ms")
	for _, g := range r.Graphs {
		if g.Followed == 0 {
			continue
		}
		k, err := kindNamed(g.Kind)
		if err != nil {
			return "", err
		}
		ms := func(seconds float64) string { return scenario.Short(math.Round(seconds*1e6) / 1e3) }
		t.row(k.Title, count(g.Servers), count(g.Eccentricity), count(g.Hops), ms(g.Half), ms(g.Most), ms(g.All))
	}
	t.note("The slowest of the updates that were followed, where every link takes %s ms and the servers no time.", scenario.Short(r.Latency*1e3))
	return t.String(), nil
}

// unitsTable is what the parts of an update cost.
func unitsTable(r *Report) (string, error) {
	if len(r.Points) == 0 {
		return "", nil
	}
	t := newTable(2, "updates come", "design", "from a client, answered, us", "from a neighbour, new, us", "a copy, us", "each neighbour that it is sent to, us")
	for _, regime := range Regimes {
		for _, who := range r.measured() {
			u, err := UnitsOf(r, who.design, regime, who.null)
			if err != nil {
				return "", err
			}
			name := title(who.design)
			if who.null {
				name += " (again)"
			}
			t.row(regimes[regime], name, ranged(u.Own), ranged(u.First), ranged(u.Copy), ranged(u.Send))
		}
	}
	t.note("The row called again is another process of the same server: by how much it differs from the first is noise.")
	return t.String(), nil
}

type measured struct {
	design string
	null   bool
}

// measured are the designs that the report has, and which is there once more.
func (r *Report) measured() (list []measured) {
	for _, p := range r.Points {
		if m := (measured{p.Design, p.Null}); !slices.Contains(list, m) {
			list = append(list, m)
		}
	}
	return list
}

// degreesTable is what an update costs a server, by the number of its neighbours: measured,
// and by the units.
func degreesTable(r *Report) (string, error) {
	t := newTable(3, "updates come", "design", "what comes", "neighbours", "measured, us", "by the units, us", "noise", "until all have it, us", "updates a second", "of the core")
	for _, regime := range Regimes {
		for _, design := range Designs {
			u, err := UnitsOf(r, design, regime, false)
			if err != nil {
				return "", err
			}
			for _, p := range r.pointsOf(design, regime, false) {
				through, rate, busy := nothing, nothing, nothing
				if regime == Alone && p.Sends() > 0 {
					through = ranged(p.through())
				}
				if regime == Dense {
					rate = ranged(p.rate())
					busy = fmt.Sprintf("%.0f %%", 100*rangeOf(p.Rounds, func(r Round) float64 { return r.Cost * r.Rate / 1e6 }).Median)
				}
				t.row(regimes[regime], title(design), what(&p), count(p.Degree), ranged(p.cost()), scenario.Short(u.Medians().Point(&p)), r.noise(&p), through, rate, busy)
			}
		}
	}
	return t.String(), nil
}

// what comes to the server of a point.
func what(p *Point) string {
	switch {
	case p.Own:
		return "a client's report"
	case p.Copies == 0:
		return "an update"
	case p.Copies == 1:
		return "an update and 1 copy"
	}
	return fmt.Sprintf("an update and %d copies", p.Copies)
}

// noise is how far the same server, measured twice, is from itself at a point.
func (r *Report) noise(p *Point) string {
	costs := func(p *Point) (list []float64) {
		for _, round := range p.Rounds {
			list = append(list, round.Cost)
		}
		return list
	}
	for _, again := range r.pointsOf(p.Design, p.Regime, true) {
		if again.Degree == p.Degree && again.Own == p.Own && again.Copies == p.Copies {
			return fmt.Sprintf("±%.0f %%", 100*(float64(paired.NoiseOf(paired.Ratios(costs(&again), costs(p))))-1))
		}
	}
	return nothing
}

// herdsTable is the units beside whole herds of real servers.
func herdsTable(r *Report) (string, error) {
	if len(r.Herds) == 0 {
		return "", nil
	}
	t := newTable(3, "updates come", "design", "graph of five", "messages by formula", "counted", "all servers, measured, us", "by the units, us", "measured / units")
	for _, h := range r.Herds {
		name, model, err := modelOf(r, &h)
		if err != nil {
			return "", err
		}
		t.row(regimes[h.Regime], title(h.Design), name, count(h.Formula), scenario.Short(h.Messages), ranged(h.cost()),
			scenario.Short(model), fmt.Sprintf("%.2f", h.cost().Median/model))
	}
	if slices.ContainsFunc(r.Herds, func(h Herd) bool { return h.Graph == OnNATS }) {
		t.note("NATS's own server is among the servers where it joins them, on the same core; counted are the messages that a herd's server publishes or is delivered, in which there may be many updates. By the units, each update is a message, and costs the herd's servers what it costs on a link.")
	}
	return t.String(), nil
}

// modelOf is what an update costs all servers of a herd by the units, and what the herd is
// called.
func modelOf(r *Report, h *Herd) (name string, model float64, err error) {
	u, err := UnitsOf(r, h.Design, h.Regime, false)
	if err != nil {
		return "", 0, err
	}
	units := u.Medians()
	if h.Graph != OnNATS {
		k, err := kindNamed(h.Graph)
		if err != nil {
			return "", 0, err
		}
		return k.Title, units.Herd(k, h.Servers), nil
	}
	b, err := BusOf(r, h.Regime)
	if err != nil {
		return "", 0, err
	}
	return "none: on NATS", units.Own + float64(h.Servers-1)*units.First + b.Herd(h.Servers), nil
}

// restTable is what links cost without updates.
func restTable(r *Report) (string, error) {
	if len(r.Rests) == 0 {
		return "", nil
	}
	t := newTable(1, "design", "links", "of a core, %", "for each link, us a second", "bytes a second on each link, both ways")
	alone := map[string]paired.Range{}
	cost := map[string]float64{} // of a link, in us a second
	for _, rest := range r.Rests {
		var cpu, bytes []float64
		for _, round := range rest.Rounds {
			cpu, bytes = append(cpu, round.CPU), append(bytes, round.Bytes)
		}
		used := paired.Of(cpu)
		if rest.Degree == 0 {
			alone[rest.Design] = used
			t.row(title(rest.Design), "0", ranged(times(used, 100)), nothing, nothing)
			continue
		}
		links := float64(rest.Degree)
		cost[rest.Design] = (used.Median - alone[rest.Design].Median) * 1e6 / links
		t.row(title(rest.Design), count(rest.Degree), ranged(times(used, 100)), scenario.Short(cost[rest.Design]), scenario.Short(paired.Of(bytes).Median/links))
	}
	if of := cost[Designs[0]]; of > 0 {
		t.note("So a core of the %s's design has no time for anything else at %s links.", title(Designs[0]), rough(int(1e6/of)))
	}
	return t.String(), nil
}

func times(r paired.Range, factor float64) paired.Range {
	return paired.Range{Median: r.Median * factor, Low: r.Low * factor, High: r.High * factor}
}
