package scaled

import (
	"fmt"

	"proxyherd/bench/scenario"
)

// Sizes are the numbers of servers that the tables have.
var Sizes = []int{5, 50, 500, 5000}

// The rows that are of no graph: what a server has to do whatever the graph is, and where
// the server of messages has its one core's work.
const (
	leastRow = "no copies, nothing to pass on"
	busRow   = "NATS, its server on one core"
)

// endsTable is how many updates a second a whole herd can have, before its busiest server
// has more than a core's work: each server takes each update.
func endsTable(r *Report) (string, error) {
	columns := []string{"graph"}
	for _, n := range Sizes {
		columns = append(columns, fmt.Sprintf("%s servers", count(n)))
	}
	t := newTable(1, columns...)
	u, err := r.usual(Dense)
	if err != nil {
		return "", err
	}
	for i := range Kinds {
		k := &Kinds[i]
		cells := []string{k.Title}
		for _, n := range Sizes {
			if n < k.Least {
				cells = append(cells, nothing)
				continue
			}
			cells = append(cells, scenario.Short(1e6/u.Busiest(k, n)))
		}
		t.row(cells...)
	}
	cells := []string{leastRow}
	for range Sizes {
		cells = append(cells, scenario.Short(1e6/u.First))
	}
	t.row(cells...)
	if bus, err := BusOf(r, Dense); err == nil {
		cells := []string{busRow}
		for _, n := range Sizes {
			cells = append(cells, scenario.Short(1e6/bus.Herd(n)))
		}
		t.row(cells...)
	}
	t.note("Updates a second of the whole herd, by the units of the reactor's design, as many as go, one core for each server.")
	return t.String(), nil
}

// usual are the units that models reckon with.
func (r *Report) usual(regime Regime) (Units, error) {
	u, err := UnitsOf(r, Designs[0], regime, false)
	return u.Medians(), err
}

// each is how many updates clients report to each server, a second, in the table of sizes.
var each = []float64{1, 10, 100, 1000, 10_000}

// mostTable is how many servers a herd can have.
func mostTable(r *Report) (string, error) {
	columns := []string{"reports a second to each server"}
	for _, rate := range each {
		columns = append(columns, count(int(rate)))
	}
	t := newTable(1, columns...)
	u, err := r.usual(Dense)
	if err != nil {
		return "", err
	}
	for i := range Kinds {
		k := &Kinds[i]
		cells := []string{k.Title}
		for _, rate := range each {
			n := u.MostServers(k, rate)
			if n == 0 {
				cells = append(cells, nothing)
				continue
			}
			cells = append(cells, rough(n))
		}
		t.row(cells...)
	}
	cells := []string{leastRow}
	for _, rate := range each {
		cells = append(cells, rough(int(1e6/(rate*u.First))))
	}
	t.row(cells...)
	if bus, err := BusOf(r, Dense); err == nil {
		cells := []string{busRow}
		for _, rate := range each {
			cells = append(cells, rough(bus.MostServers(rate)))
		}
		t.row(cells...)
	}
	return t.String(), nil
}

// rough is a number of which three digits are meant.
func rough(n int) string {
	step := 1
	for n/step >= 1000 {
		step *= 10
	}
	return count(n / step * step)
}

// billTable is what a million updates cost a whole herd.
func billTable(r *Report) (string, error) {
	t := newTable(1, "graph", "servers", "messages, million", "on the wire, GB", "processor time, as many as go, s", "one by one, s")
	dense, err := r.usual(Dense)
	if err != nil {
		return "", err
	}
	alone, err := r.usual(Alone)
	if err != nil {
		return "", err
	}
	for i := range Kinds {
		k := &Kinds[i]
		for _, n := range Sizes {
			if n < k.Least {
				continue
			}
			t.row(k.Title, count(n), count(k.Messages(n)), scenario.Short(float64(k.Messages(n))*r.Line/1e3),
				scenario.Short(dense.Herd(k, n)), scenario.Short(alone.Herd(k, n)))
		}
	}
	for _, n := range Sizes {
		messages := BackboneMessages(n)
		t.row("NATS, its server alone", count(n), count(messages), scenario.Short(float64(messages)*r.Line/1e3), r.busCost(Dense, n), r.busCost(Alone, n))
	}
	t.note("An update is a line of %s bytes; what TCP, IP and NATS add is not in it, nor what the herd's servers pay "+
		"to publish it and to take it from NATS.", scenario.Short(r.Line))
	return t.String(), nil
}

// busCost is what an update costs the server of messages, if that was measured.
func (r *Report) busCost(regime Regime, n int) string {
	u, err := BusOf(r, regime)
	if err != nil {
		return nothing
	}
	return scenario.Short(u.Herd(n))
}
