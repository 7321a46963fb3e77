package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"proxyherd/bench/scaling/scaled"
	"proxyherd/bench/scenario"
	"proxyherd/herd/sim"
)

// latency is that of every link in the simulator.
const latency = time.Millisecond

// simulated follows updates through simulated herds.
func (b *bench) simulated(ctx context.Context) error {
	b.report.Latency = latency.Seconds()
	for i := range scaled.Kinds {
		k := &scaled.Kinds[i]
		for _, n := range sizesOf(k, b.size.servers) {
			if err := ctx.Err(); err != nil {
				return err
			}
			g, err := follow(k, n, b.updates)
			if err != nil {
				return fmt.Errorf("%s of %d: %w", k.Name, n, err)
			}
			b.report.Graphs = append(b.report.Graphs, *g)
			said := fmt.Sprintf("%d messages, %d hops", g.Messages, g.Hops)
			if g.Missing != "" {
				said = "not simulated: " + g.Missing
			}
			b.tell(fmt.Sprintf("%s of %d servers: %s", k.Name, n, said))
		}
	}
	return nil
}

// sizesOf are the numbers of servers that a kind of graph can have; that at which the
// simulator stops is among them, if it stops before the last.
func sizesOf(k *scaled.Kind, all []int) []int {
	sizes := slices.DeleteFunc(slices.Clone(all), func(n int) bool { return n < k.Least })
	if k.Most > 0 && slices.Max(sizes) > k.Most {
		sizes = slices.Compact(slices.Sorted(slices.Values(append(sizes, k.Most))))
	}
	return sizes
}

// follow follows updates through one herd, or says why not.
func follow(k *scaled.Kind, n, updates int) (*scaled.Graph, error) {
	g := &scaled.Graph{Kind: k.Name, Servers: n, Links: k.Links(n), Degree: k.Degree(n), Formula: k.Messages(n)}
	if k.Most > 0 && n > k.Most {
		g.Missing = fmt.Sprintf("of its %s links each is two ends with buffers and a heartbeat, and the simulator stops at %d servers", scenario.Grouped(g.Links), k.Most)
		return g, nil
	}
	report, err := sim.Spread(sim.SpreadOptions{Graph: k.Name, Servers: n, Seed: 1, Updates: updates, Latency: latency})
	if err != nil {
		return nil, err
	}
	if report.Links != g.Links || !report.Exact() {
		return nil, fmt.Errorf("the simulator has %d links where the formula has %d, or an update did not cost what the graph says", report.Links, g.Links)
	}
	g.Followed = len(report.Updates)
	for _, u := range report.Updates {
		g.Messages = u.Messages
		g.Hops, g.Eccentricity = max(g.Hops, u.Hops), max(g.Eccentricity, u.Eccentricity)
		g.Half, g.Most, g.All = max(g.Half, u.Half), max(g.Most, u.Most), max(g.All, u.All)
	}
	return g, nil
}
