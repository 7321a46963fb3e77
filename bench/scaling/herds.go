package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"proxyherd/bench/peers"
	"proxyherd/bench/scaling/neighbours"
	"proxyherd/bench/scaling/scaled"
	"proxyherd/herd"
	"proxyherd/herd/sim"
)

// five is of how many servers the real herds are.
const five = 5

// realHerd is one of them.
type realHerd struct {
	servers []*peers.Server
	client  *neighbours.Crowd
	links   int
}

// errNotLinked is a herd whose links do not all open.
var errNotLinked = errors.New("not all links of the herd have opened")

// herds measures whole herds of five, all servers on one core.
func (b *bench) herds(ctx context.Context) error {
	var all []*realHerd
	defer func() {
		for _, h := range all {
			h.stop()
		}
	}()
	var rows []scaled.Herd
	var of []*realHerd
	for _, design := range scaled.Designs {
		for i := range scaled.Kinds {
			k := &scaled.Kinds[i]
			if !slices.Contains(b.size.graphs, k.Name) {
				continue
			}
			h := &realHerd{}
			all = append(all, h)
			b.tell(fmt.Sprintf("starting five servers, %s, %s", design, k.Name))
			if err := h.start(ctx, b, design, k); err != nil {
				return fmt.Errorf("five servers, %s, %s: %w", design, k.Name, err)
			}
			for _, regime := range scaled.Regimes {
				rows = append(rows, scaled.Herd{Design: design, Graph: k.Name, Servers: five, Regime: regime, Formula: k.Messages(five)})
				of = append(of, h)
			}
		}
	}
	for round := range b.rounds {
		for i := range rows {
			if round%2 == 1 { // A B B A
				i = len(rows) - 1 - i
			}
			if err := b.measureHerd(ctx, &rows[i], of[i]); err != nil {
				return fmt.Errorf("five servers, %s, %s: %w", rows[i].Design, rows[i].Graph, err)
			}
		}
	}
	b.report.Herds = rows
	return nil
}

// start starts the servers, and has them know all clients.
func (h *realHerd) start(ctx context.Context, b *bench, design string, k *scaled.Kind) (err error) {
	g, err := sim.NewGraph(k.Name, five, 1)
	if err != nil {
		return err
	}
	h.links = len(g.Edges)
	if h.servers, err = b.start(ctx, design, peers.Settings{Servers: serversOf(g)}); err != nil {
		return err
	}
	if err := h.linked(ctx); err != nil {
		return err
	}
	if h.client, err = neighbours.DialClient(ctx, h.servers); err != nil {
		return err
	}
	return h.client.Preload(ctx)
}

func (h *realHerd) stop() {
	if h.client != nil {
		h.client.Close()
	}
	peers.Stop(h.servers)
}

// serversOf are a graph's servers.
func serversOf(g *sim.Graph) []herd.Server {
	servers := make([]herd.Server, len(g.Names))
	for i, name := range g.Names {
		servers[i].Name = name
	}
	for _, e := range g.Edges {
		for _, end := range []int{0, 1} {
			s := &servers[e[end]]
			s.TalksTo = append(s.TalksTo, g.Names[e[1-end]])
		}
	}
	return servers
}

// linked waits until every link is open at both of its ends.
func (h *realHerd) linked(ctx context.Context) error {
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	for late := time.After(30 * time.Second); ; {
		open, err := h.counter(ctx, "herd_link_up")
		if err != nil || int(open) == 2*h.links {
			return err
		}
		select {
		case <-again.C:
		case <-late:
			return fmt.Errorf("%w: %.0f ends of %d", errNotLinked, open, 2*h.links)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// measureHerd measures one round of a herd.
func (b *bench) measureHerd(ctx context.Context, row *scaled.Herd, h *realHerd) error {
	before, err := h.counter(ctx, "herd_peer_lines_total")
	if err != nil {
		return err
	}
	count, err := h.client.Run(ctx, b.load(row.Regime, true, 0))
	if err != nil {
		return err
	}
	after, err := h.counter(ctx, "herd_peer_lines_total")
	if err != nil {
		return err
	}
	row.Rounds = append(row.Rounds, roundOf(count))
	row.Messages = (after - before) / float64(count.Updates)
	b.tell(fmt.Sprintf("five servers: %s, %s, %s: %.2f messages, %.2f us", row.Design, row.Graph, row.Regime, row.Messages, row.Rounds[len(row.Rounds)-1].Cost))
	return nil
}

// counter is the sum of a metric over all its series and all servers.
func (h *realHerd) counter(ctx context.Context, name string) (sum float64, err error) {
	for _, s := range h.servers {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+s.HTTP+"/metrics", nil)
		if err != nil {
			return 0, err
		}
		answer, err := http.DefaultClient.Do(request)
		if err != nil {
			return 0, fmt.Errorf("the metrics of %s: %w", s.Name, err)
		}
		lines := bufio.NewScanner(answer.Body)
		for lines.Scan() {
			series, number, _ := strings.Cut(lines.Text(), " ")
			if found, _, _ := strings.Cut(series, "{"); found != name {
				continue
			}
			value, err := strconv.ParseFloat(number, 64)
			if err != nil {
				answer.Body.Close()
				return 0, fmt.Errorf("the metrics of %s: %q: %w", s.Name, lines.Text(), err)
			}
			sum += value
		}
		if err := errors.Join(lines.Err(), answer.Body.Close()); err != nil {
			return 0, fmt.Errorf("the metrics of %s: %w", s.Name, err)
		}
	}
	return sum, nil
}
