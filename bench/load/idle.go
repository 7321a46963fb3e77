package load

import (
	"context"
	"fmt"
	"slices"

	"golang.org/x/sys/unix"
)

// Holding is what [Idle] finds.
type Holding struct {
	Connections int      `json:"connections"` // that were open at the end
	Points      []HeldAt `json:"points"`      // the memory as their number grew
	Known       bool     `json:"known"`       // whether the servers' processes, and so their memory, are
	PerOne      float64  `json:"per_one"`     // bytes of anonymous memory, from the first point to the last
	Errors      Errors   `json:"errors"`
	Ended       string   `json:"ended,omitempty"` // why there are no more, if more were asked for
}

// HeldAt is the memory of the servers with so many idle connections.
type HeldAt struct {
	Connections int `json:"connections"`
	Memory
}

const (
	// heldFirst is how many connections there are before memory is read for the first
	// time: what a server sets up for its first ones is not their cost.
	heldFirst = 500
	// descriptorsKept is how many descriptors of this process are not for connections.
	descriptorsKept = 100
)

// Idle opens o.Connections (0: as many as this process may open files), reports one and
// the same client once over each, and reads the servers' memory as they grow. Only
// Addresses, Connections, Dialect and PIDs apply.
func Idle(ctx context.Context, o Options) (*Holding, error) {
	want := o.Connections
	if want == 0 {
		var files unix.Rlimit
		if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &files); err != nil {
			return nil, fmt.Errorf("how many files may be open: %w", err)
		}
		want = int(files.Cur) - descriptorsKept
	}
	o = Options{Addresses: o.Addresses, PIDs: o.PIDs, Connections: 1, Clients: 1, CPUs: o.CPUs, Dialect: o.Dialect}.withDefaults()
	if err := o.check(); err != nil {
		return nil, err
	}
	d, err := newDriver(&o, newClock(), theAtlas())
	if err != nil {
		return nil, err
	}
	defer d.close()
	h := &Holding{Known: len(o.PIDs) > 0}
	for _, n := range heldSteps(want) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if err := d.hold(n); err != nil {
			h.Ended = err.Error()
		}
		memory, err := MemoryOf(o.PIDs)
		if err != nil {
			return nil, err
		}
		if d.living > 0 {
			h.Points = append(h.Points, HeldAt{d.living, memory})
		}
		if h.Ended != "" {
			break
		}
	}
	h.Connections, h.Errors = d.living, d.errors
	if n := len(h.Points); n > 1 {
		first, last := h.Points[0], h.Points[n-1]
		h.PerOne = float64(last.Anonymous-first.Anonymous) / float64(last.Connections-first.Connections)
	}
	return h, nil
}

// heldSteps are the numbers of connections at which memory is read.
func heldSteps(want int) (steps []int) {
	for _, n := range []int{heldFirst, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000, 200_000, 500_000} {
		if n < want {
			steps = append(steps, n)
		}
	}
	return append(slices.Clip(steps), want)
}

// hold opens connections until there are n, and has each report once.
func (d *driver) hold(n int) error {
	// An address has some 28,000 ports for one destination, and the kernel looks for a
	// free one among half of them first: beyond that each connection takes it longer.
	const perSource = 10_000
	// So many at a time: a server's queue of connections to take has a bound.
	const atOnce = 200
	for len(d.conns) < n {
		before := len(d.conns)
		for len(d.conns) < min(n, before+atOnce) {
			server := &server{address: d.options.Addresses[len(d.conns)%len(d.options.Addresses)]}
			if err := d.connectFrom(server, 0, source(uint32(len(d.conns)/perSource))); err != nil {
				return err
			}
		}
		err := d.loop(func(c *conn) {
			if c.people.loaded == 0 {
				c.people.loaded++
				now := d.clock.now()
				c.report(d, 0, now, now)
			}
		}, nil)
		if err == nil && (d.errors.Sum() > 0 || d.living < len(d.conns)) {
			err = fmt.Errorf("%s", d.errors.First)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
