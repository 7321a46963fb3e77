package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"proxyherd/bench/peers"
	"proxyherd/bench/scaling/bus"
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
	bus     []*peers.Server // the server of messages in place of links, if there is one
	client  *neighbours.Crowd

	joined   string // the metric that tells whom servers have found
	pairs    int    // what it comes to, over all servers, once all have
	messages string // the metric of the messages among them
}

// errNotJoined is a herd whose servers do not all find each other.
var errNotJoined = errors.New("not all servers of the herd have found each other")

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
		h := &realHerd{}
		all = append(all, h)
		b.tell(fmt.Sprintf("starting five servers, %s, on NATS", design))
		if err := h.startOnNATS(ctx, b, design); errors.Is(err, peers.ErrMissing) {
			b.tell("it is left out: " + err.Error()) // the report says so where NATS is alone
			continue
		} else if err != nil {
			return fmt.Errorf("five servers, %s, on NATS: %w", design, err)
		}
		for _, regime := range scaled.Regimes {
			rows = append(rows, scaled.Herd{Design: design, Graph: scaled.OnNATS, Servers: five, Regime: regime, Formula: scaled.BackboneMessages(five)})
			of = append(of, h)
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
	h.joined, h.pairs, h.messages = "herd_link_up", 2*len(g.Edges), "herd_peer_lines_total"
	return h.startServers(ctx, b, design, peers.Settings{Servers: serversOf(g)})
}

// startOnNATS does the same with servers whom NATS joins, on the same core. The error
// wraps peers.ErrMissing where there is no NATS.
func (h *realHerd) startOnNATS(ctx context.Context, b *bench, design string) error {
	if err := bus.Peer.Make(ctx, b.place); err != nil {
		return err
	}
	dir, err := os.MkdirTemp(b.dir, "nats-")
	if err != nil {
		return err
	}
	if h.bus, err = bus.Peer.Run(ctx, b.place, peers.Settings{Dir: dir, CPUs: b.servers}); err != nil {
		return err
	}
	g, err := sim.NewGraph(scaled.Kinds[0].Name, five, 1)
	if err != nil {
		return err
	}
	servers := serversOf(g)
	for i := range servers {
		servers[i].TalksTo = nil
	}
	backbone := herd.Default().Backbone
	backbone.Kind, backbone.URL = herd.BackboneNATS, "nats://"+h.bus[0].Address
	h.joined, h.pairs, h.messages = "herd_backbone_peers", five*(five-1), "herd_backbone_messages_total"
	return h.startServers(ctx, b, design, peers.Settings{Servers: servers, Backbone: backbone})
}

func (h *realHerd) startServers(ctx context.Context, b *bench, design string, s peers.Settings) (err error) {
	if h.servers, err = b.start(ctx, design, s); err != nil {
		return err
	}
	for _, server := range h.servers {
		if err := server.WaitForPages(ctx); err != nil {
			return err
		}
	}
	if err := h.join(ctx); err != nil {
		return err
	}
	if h.client, err = neighbours.DialClient(ctx, slices.Concat(h.servers, h.bus)); err != nil {
		return err
	}
	return h.client.Preload(ctx)
}

func (h *realHerd) stop() {
	if h.client != nil {
		h.client.Close()
	}
	peers.Stop(h.servers)
	peers.Stop(h.bus)
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

// join waits until every link is open at both of its ends, or each server has found all
// others.
func (h *realHerd) join(ctx context.Context) error {
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	for late := time.After(30 * time.Second); ; {
		found, err := h.counter(ctx, h.joined)
		if err != nil || int(found) == h.pairs {
			return err
		}
		select {
		case <-again.C:
		case <-late:
			return fmt.Errorf("%w: %s is %.0f of %d", errNotJoined, h.joined, found, h.pairs)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// measureHerd measures one round of a herd.
func (b *bench) measureHerd(ctx context.Context, row *scaled.Herd, h *realHerd) error {
	before, err := h.counter(ctx, h.messages)
	if err != nil {
		return err
	}
	count, err := h.client.Run(ctx, b.load(row.Regime, true, 0))
	if err != nil {
		return err
	}
	after, err := h.counter(ctx, h.messages)
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
