package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"proxyherd/bench/peers"
	"proxyherd/bench/scaling/bus"
	"proxyherd/bench/scaling/scaled"
)

// backbone measures NATS's server by itself, where there is one.
func (b *bench) backbone(ctx context.Context) (err error) {
	if err := bus.Peer.Make(ctx, b.place); errors.Is(err, peers.ErrMissing) {
		b.report.Missing = err.Error()
		b.tell("NATS is left out: " + err.Error())
		return nil
	} else if err != nil {
		return err
	}
	b.report.Conditions.Versions[bus.Peer.Title] = bus.Peer.Version(ctx)
	var all []*bus.Bus
	var servers []*peers.Server
	defer func() {
		for _, one := range all {
			one.Close()
		}
		peers.Stop(servers)
	}()
	for _, regime := range scaled.Regimes {
		for _, deliveries := range b.deliveries {
			dir, err := os.MkdirTemp(b.dir, "nats-")
			if err != nil {
				return err
			}
			started, err := bus.Peer.Run(ctx, b.place, peers.Settings{Dir: dir, CPUs: b.servers})
			if err != nil {
				return err
			}
			servers = append(servers, started...)
			one, err := bus.Connect(ctx, started[0], deliveries)
			if err != nil {
				return err
			}
			all = append(all, one)
			b.report.Backbones = append(b.report.Backbones, scaled.Backbone{Regime: regime, Deliveries: deliveries})
		}
	}
	for round := range b.rounds {
		for i := range all {
			if round%2 == 1 { // A B B A
				i = len(all) - 1 - i
			}
			row := &b.report.Backbones[i]
			l := bus.Load{Line: int(b.report.Line), Batch: 1, Every: time.Millisecond, Duration: b.alone}
			if row.Regime == scaled.Dense {
				l.Batch, l.Every, l.Duration = 256, 0, b.dense
			}
			count, err := all[i].Run(ctx, l)
			if err != nil {
				return fmt.Errorf("NATS with %d deliveries: %w", row.Deliveries, err)
			}
			row.Rounds = append(row.Rounds, scaled.Round{
				Cost: float64(count.CPU.Nanoseconds()) / 1e3 / float64(count.Messages), Rate: float64(count.Messages) / count.Seconds,
			})
		}
		b.tell(fmt.Sprintf("NATS, round %d of %d", round+1, b.rounds))
	}
	return nil
}
