package main

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"proxyherd/bench/scaling/neighbours"
	"proxyherd/bench/scaling/scaled"
)

// rests measures links on which nothing happens, all servers at the same time.
func (b *bench) rests(ctx context.Context) (err error) {
	var all []*hub
	defer func() {
		for _, h := range all {
			h.stop()
		}
	}()
	for _, degree := range []int{0, b.links} {
		for _, design := range scaled.Designs {
			h := &hub{design: design, degree: degree}
			all = append(all, h)
			if err := h.start(ctx, b, true); err != nil {
				return err
			}
			b.report.Rests = append(b.report.Rests, scaled.Rest{Design: design, Degree: degree})
		}
	}
	for round := range b.rounds {
		resting := make([]*neighbours.Resting, len(all))
		failed := make([]error, len(all))
		var measured sync.WaitGroup
		for i, h := range all {
			measured.Go(func() { resting[i], failed[i] = h.crowd.Rest(ctx, b.rest) })
		}
		measured.Wait()
		if err := errors.Join(failed...); err != nil {
			return err
		}
		for i, r := range resting {
			b.report.Rests[i].Rounds = append(b.report.Rests[i].Rounds, scaled.RestRound{CPU: r.CPU.Seconds() / r.Seconds, Bytes: float64(r.Bytes) / r.Seconds})
		}
		b.tell(fmt.Sprintf("links at rest, round %d of %d", round+1, b.rounds))
	}
	return nil
}
