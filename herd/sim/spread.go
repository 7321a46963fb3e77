package sim

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// SpreadOptions say what Spread does.
type SpreadOptions struct {
	Graph   string // as NewGraph takes it
	Servers int
	Seed    uint64        // of the graph, and of what else is drawn
	Updates int           // how many are followed, each from another server
	Latency time.Duration // of every link, one way; whole microseconds
}

// SpreadReport is what updates cost in a herd at peace, beside the formulas.
type SpreadReport struct {
	Graph   string   `json:"graph"`
	Servers int      `json:"servers"`
	Links   int      `json:"links"`
	Seed    uint64   `json:"seed"`
	Formula int      `json:"messages_by_formula"` // 2E - (N - 1)
	Latency float64  `json:"latency_seconds"`
	Updates []Update `json:"updates"`
}

// Update is one that was followed from a server to all others. Times are those
// from its arrival at the first server, in seconds.
type Update struct {
	From         string `json:"from"`
	Messages     int    `json:"messages"`
	Hops         int    `json:"hops"`         // to the server that it reached last
	Eccentricity int    `json:"eccentricity"` // of the first server in the graph: what Hops must be
	// Redundancy is how many messages each of the other servers got; the least is 1.
	Redundancy float64 `json:"redundancy"`
	Half       float64 `json:"half_seconds"` // until 50 % of all servers had it
	Most       float64 `json:"most_seconds"` // 99 %
	All        float64 `json:"all_seconds"`  // 100 %
	// Reached is how many servers had it after so many hops, from 0.
	Reached []int `json:"reached"`
}

// ErrDidNotSpread says that an update has not reached every server.
var ErrDidNotSpread = errors.New("an update did not reach every server")

// Exact reports whether every update cost what the formulas say.
func (r *SpreadReport) Exact() bool {
	return !slices.ContainsFunc(r.Updates, func(u Update) bool {
		return u.Messages != r.Formula || u.Hops != u.Eccentricity
	})
}

// Spread builds a herd of the real servers, lets its links open, and follows
// updates through it. The error wraps ErrBadGraph or ErrDidNotSpread.
func Spread(o SpreadOptions) (*SpreadReport, error) {
	g, err := NewGraph(o.Graph, o.Servers, o.Seed)
	if err != nil {
		return nil, err
	}
	f := &Fight{Mode: Safety, Graph: g, Part: g.Names, Setup: Setup{
		Network: int64(o.Seed >> 1), LatencyMicros: o.Latency.Microseconds(), Buckets: 16,
	}}
	w := newWorld(f, Watch{})
	linked := func() bool { return w.wires.open == 2*len(g.Edges) }
	// Of the links that both ends dial one stays: that takes a little longer.
	for limit := w.elapsed() + time.Minute; !linked() && w.elapsed() < limit; w.advance(w.elapsed() + time.Second) {
		w.network.RunUntil(linked, time.Minute)
	}
	r := &SpreadReport{
		Graph: o.Graph, Servers: len(g.Names), Links: len(g.Edges), Seed: o.Seed, Formula: g.Messages(), Latency: o.Latency.Seconds(),
	}
	for n := range o.Updates {
		from := n * len(g.Names) / o.Updates
		u, err := w.spread(from, fmt.Sprintf("update%d", n+1))
		if err != nil {
			return nil, err
		}
		r.Updates = append(r.Updates, u)
	}
	if len(w.found) > 0 {
		return nil, fmt.Errorf("%w: %v", ErrDidNotSpread, w.found[0])
	}
	return r, nil
}

// spread follows one update.
func (w *world) spread(from int, id string) (Update, error) {
	g, m := w.fight.Graph, w.members[from]
	w.probe = w.newProbe(id)
	c := w.sendProbe(m, id)
	if !w.network.RunUntil(func() bool { return len(w.probe.sent) == len(g.Names)-1 && c.served }, time.Minute) {
		return Update{}, fmt.Errorf("%w: that of %s reached %d of %d", ErrDidNotSpread, m.name, len(w.probe.sent), len(g.Names)-1)
	}
	// What would come too often comes right behind.
	w.advance(w.elapsed() + 10*micros(w.fight.Setup.LatencyMicros))
	u := Update{From: m.name, Messages: w.probe.messages, Eccentricity: slices.Max(g.Hops(from))}
	u.Redundancy = float64(u.Messages) / float64(len(g.Names)-1)
	u.reach(w.arrivals(), micros(w.fight.Setup.LatencyMicros))
	w.probe = probe{}
	return u, nil
}

// arrivals are how long the update under way took to each server, the first
// server's own among them, in ascending order.
func (w *world) arrivals() []time.Duration {
	latency := micros(w.fight.Setup.LatencyMicros)
	first := w.network.Seconds()
	for _, sent := range w.probe.sent {
		if sent.Before(first) {
			first = sent
		}
	}
	all := []time.Duration{0}
	for _, sent := range w.probe.sent {
		all = append(all, sent.Add(latency).Sub(first))
	}
	slices.Sort(all)
	return all
}

// reach works out the shares from the times of arrival.
func (u *Update) reach(arrivals []time.Duration, latency time.Duration) {
	share := func(percent int) float64 {
		return arrivals[(len(arrivals)*percent+99)/100-1].Seconds()
	}
	u.Half, u.Most, u.All = share(50), share(99), share(100)
	u.Hops = int(arrivals[len(arrivals)-1] / latency)
	u.Reached = make([]int, u.Hops+1)
	for _, a := range arrivals {
		for hop := int(a / latency); hop <= u.Hops; hop++ {
			u.Reached[hop]++
		}
	}
}
