package scaled

import (
	"fmt"

	"proxyherd/bench/paired"
	"proxyherd/bench/scenario"
)

// OnNATS stands for a graph's name where servers are joined by NATS.
const OnNATS = "nats"

// BackboneMessages is what an update costs where a server of messages, such as NATS, has
// it delivered to all but its origin: one that is published, and one for each delivery.
func BackboneMessages(n int) int { return 1 + (n - 1) }

// BusRanges are what the parts of a message cost a server of messages, in us of processor
// time, over the rounds.
type BusRanges struct {
	Publish paired.Range // taking one
	Deliver paired.Range // each delivery of it
}

// BusOf are those in a regime. The error is ErrFew.
func BusOf(r *Report, regime Regime) (BusRanges, error) {
	var of []Backbone
	for _, b := range r.Backbones {
		if b.Regime == regime {
			of = append(of, b)
		}
	}
	if len(of) == 0 {
		return BusRanges{}, ErrFew
	}
	var publish, deliver []float64
	for round := range of[0].Rounds {
		var rows [][]float64
		var costs []float64
		for _, b := range of {
			rows, costs = append(rows, []float64{1, float64(b.Deliveries)}), append(costs, b.Rounds[round].Cost)
		}
		x, err := nearest(rows, costs)
		if err != nil {
			return BusRanges{}, err
		}
		publish, deliver = append(publish, x[0]), append(deliver, x[1])
	}
	return BusRanges{paired.Of(publish), paired.Of(deliver)}, nil
}

// Herd is what an update costs the server of messages of a herd.
func (b BusRanges) Herd(n int) float64 {
	return b.Publish.Median + float64(n-1)*b.Deliver.Median
}

// MostServers is how many servers a herd can have in which clients report so many updates
// a second to each: one more, and the server of messages has more than a core's work.
func (b BusRanges) MostServers(each float64) int {
	return most(1, func(n int) bool { return float64(n)*each*b.Herd(n) <= 1e6 })
}

// backboneTable is flooding beside a server of messages, by the formulas.
func backboneTable(*Report) (string, error) {
	columns := []string{"messages of an update", "formula"}
	for _, n := range Sizes {
		columns = append(columns, fmt.Sprintf("%s servers", count(n)))
	}
	t := newTable(2, columns...)
	for i := range Kinds {
		k := &Kinds[i]
		cells := []string{k.Title, "2E - (N - 1), E = " + k.Text}
		for _, n := range Sizes {
			if n < k.Least {
				cells = append(cells, nothing)
				continue
			}
			cells = append(cells, count(k.Messages(n)))
		}
		t.row(cells...)
	}
	cells := []string{"a server of messages", "1 + (N - 1)"}
	for _, n := range Sizes {
		cells = append(cells, count(BackboneMessages(n)))
	}
	t.row(cells...)
	return t.String(), nil
}

// busTable is what the server of messages costs by itself.
func busTable(r *Report) (string, error) {
	if len(r.Backbones) == 0 {
		return "Not measured: " + r.Missing + "\n", nil
	}
	t := newTable(1, "messages come", "deliveries of each", "measured, us", "by the units, us", "messages a second")
	for _, regime := range Regimes {
		u, err := BusOf(r, regime)
		if err != nil {
			return "", err
		}
		for _, b := range r.Backbones {
			if b.Regime != regime {
				continue
			}
			rate := nothing
			if regime == Dense {
				rate = ranged(b.rate())
			}
			t.row(regimes[regime], count(b.Deliveries), ranged(b.cost()), scenario.Short(u.Herd(b.Deliveries+1)), rate)
		}
	}
	for _, regime := range Regimes {
		u, err := BusOf(r, regime)
		if err != nil {
			return "", err
		}
		t.note("The units, %s: %s us to take a message, and %s us for each delivery.", regimes[regime], ranged(u.Publish), ranged(u.Deliver))
	}
	return t.String(), nil
}
