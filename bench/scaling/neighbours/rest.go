package neighbours

import (
	"context"
	"time"

	"proxyherd/bench/load"
)

// Resting is what links cost on which nothing happens.
type Resting struct {
	Seconds float64
	CPU     time.Duration // of the server
	Bytes   int64         // both ways, on all links
}

// Rest watches for a while. The error wraps ErrLost, or is ctx's.
func (c *Crowd) Rest(ctx context.Context, d time.Duration) (*Resting, error) {
	before, err := load.ProcessorTime(c.pids)
	if err != nil {
		return nil, err
	}
	start, bytes := time.Now(), c.bytes()
	select {
	case <-time.After(d):
	case err := <-c.lost:
		return nil, err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	after, err := load.ProcessorTime(c.pids)
	if err != nil {
		return nil, err
	}
	return &Resting{Seconds: time.Since(start).Seconds(), CPU: after - before, Bytes: c.bytes() - bytes}, nil
}

// bytes is how many have come and gone over the links.
func (c *Crowd) bytes() (sum int64) {
	for _, l := range c.links {
		sum += l.in.Load() + l.out.Load()
	}
	return sum
}
