package main

import (
	"context"
	"fmt"
	"time"

	"proxyherd/bench/peers"
	"proxyherd/bench/scaling/neighbours"
	"proxyherd/bench/scaling/scaled"
)

// hub is a real server among stand-ins, and what is measured of it.
type hub struct {
	design  string
	null    bool // the first design once more
	degree  int
	servers []*peers.Server
	crowd   *neighbours.Crowd
}

// hubs measures what an update costs one server, by the number of its neighbours. All
// servers run all the time, so that a round has each of them close to the others.
func (b *bench) hubs(ctx context.Context) (err error) {
	var all []*hub
	defer func() {
		for _, h := range all {
			h.stop()
		}
	}()
	for _, degree := range b.degrees {
		for _, h := range []hub{{design: scaled.Designs[0]}, {design: scaled.Designs[1]}, {design: scaled.Designs[0], null: true}} {
			h.degree = degree
			all = append(all, &h)
			b.tell(fmt.Sprintf("starting the %s with %d neighbours", h.design, degree))
			if err := h.start(ctx, b, false); err != nil {
				return err
			}
			if err := h.crowd.Preload(ctx); err != nil {
				return fmt.Errorf("%s, %d neighbours: %w", h.design, degree, err)
			}
		}
	}
	points, of := pointsOf(all)
	for round := range b.rounds {
		for i := range points {
			if round%2 == 1 { // A B B A
				i = len(points) - 1 - i
			}
			p := &points[i]
			count, err := of[i].crowd.Run(ctx, b.load(p.Regime, p.Own, p.Copies))
			if err != nil {
				return fmt.Errorf("%s, %d neighbours: %w", p.Design, p.Degree, err)
			}
			p.Rounds = append(p.Rounds, roundOf(count))
			if !p.Own {
				b.report.Line = count.Bytes
			}
			b.tell(fmt.Sprintf("round %d of %d: %s, %s, %d neighbours, %d copies: %.2f us", round+1, b.rounds, p.Design, p.Regime, p.Degree, p.Copies, p.Rounds[round].Cost))
		}
	}
	b.report.Points = points
	return nil
}

// start starts the server and its neighbours.
func (h *hub) start(ctx context.Context, b *bench, beating bool) (err error) {
	h.servers, err = b.start(ctx, h.design, peers.Settings{Servers: neighbours.Star(h.degree), Only: []string{neighbours.Hub}})
	if err != nil {
		return err
	}
	h.crowd, err = neighbours.Dial(ctx, h.servers[0], beating)
	return err
}

func (h *hub) stop() {
	if h.crowd != nil {
		h.crowd.Close()
	}
	peers.Stop(h.servers)
}

// pointsOf are the points in the order of the tables, in which those of one degree follow
// each other, and the hub of each.
func pointsOf(all []*hub) (points []scaled.Point, of []*hub) {
	for _, regime := range scaled.Regimes {
		for _, what := range []struct{ own, copies bool }{{false, false}, {false, true}, {true, false}} {
			for _, h := range all {
				// In a large graph in which each has so many neighbours, an update comes
				// from all but two of them once more: one was first, and to one it went.
				copies := h.degree - 2
				if what.copies && copies < 1 {
					continue
				}
				p := scaled.Point{Design: h.design, Null: h.null, Regime: regime, Degree: h.degree, Own: what.own}
				if what.copies {
					p.Copies = copies
				}
				points, of = append(points, p), append(of, h)
			}
		}
	}
	return points, of
}

// load is what makes a regime. Of dense updates so few are under way that no neighbour
// falls so far behind that the server notes what has changed instead of sending it.
func (b *bench) load(regime scaled.Regime, own bool, copies int) neighbours.Load {
	l := neighbours.Load{Own: own, Copies: copies, Batch: 1, Ahead: 1, Every: time.Millisecond, Duration: b.alone}
	if regime == scaled.Dense {
		l.Batch, l.Ahead, l.Every, l.Duration = 256, 3, 0, b.dense
	}
	return l
}

func roundOf(c *neighbours.Count) scaled.Round {
	return scaled.Round{
		Cost: float64(c.CPU.Nanoseconds()) / 1e3 / float64(c.Updates), Rate: float64(c.Updates) / c.Seconds, Through: c.Through,
	}
}
