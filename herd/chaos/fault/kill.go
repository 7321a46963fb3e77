package fault

import (
	"context"
	"errors"
	"sync"
	"time"

	"proxyherd/herd/chaos/stage"
)

// process is what faults hold that end a server, or could be surprised by its end.
const process = "process of "

var kill = Fault{
	Name: "kill", What: "SIGKILL, and a new start later on",
	Aim: aServer, Holds: process, Ends: true, Weight: 4, Least: 100 * time.Millisecond, Most: 5 * time.Second,
	Start: func(_ context.Context, h *Hit) (func() error, error) {
		h.Stage.Kill(h.server())
		return func() error { return startAgain(h.Stage, h.server()) }, nil
	},
}

var killStarting = Fault{
	Name: "kill-starting", What: "SIGKILL, and thrice again while it starts",
	Aim: aServer, Holds: process, Ends: true, Weight: 2, Least: time.Second, Most: 2 * time.Second,
	Start: func(ctx context.Context, h *Hit) (func() error, error) {
		for range 3 {
			h.Stage.Kill(h.server())
			if err := startAgain(h.Stage, h.server()); err != nil {
				return nil, err
			}
			nap(ctx, h.between(0, 60*time.Millisecond))
		}
		h.Stage.Kill(h.server())
		return func() error { return startAgain(h.Stage, h.server()) }, nil
	},
}

var killComparing = Fault{
	Name: "kill-comparing", What: "SIGKILL while it compares its records with its neighbours'",
	Aim: aServer, Holds: process, Ends: true, Weight: 2, Least: 500 * time.Millisecond, Most: 2 * time.Second,
	Start: func(ctx context.Context, h *Hit) (func() error, error) {
		h.Stage.Kill(h.server())
		if err := startAgain(h.Stage, h.server()); err != nil {
			return nil, err
		}
		// Links open at once then, and are compared at once.
		h.up(ctx)
		nap(ctx, h.between(0, 100*time.Millisecond))
		h.Stage.Kill(h.server())
		return func() error { return startAgain(h.Stage, h.server()) }, nil
	},
}

var killSome = Fault{
	Name: "kill-some", What: "SIGKILL to two to four at once",
	Aim: someServers, Holds: process, Ends: true, Weight: 3, Least: 100 * time.Millisecond, Most: 2 * time.Second,
	Start: killThem,
}

var killAll = Fault{
	Name: "kill-all", What: "SIGKILL to all five at once; only journals know then what was said",
	Needs: []stage.Need{stage.Always},
	Aim:   allServers, Holds: process, Ends: true, Weight: 3, Least: 100 * time.Millisecond, Most: time.Second,
	Start: killThem,
}

// killThem kills several servers at the same time.
func killThem(_ context.Context, h *Hit) (func() error, error) {
	var wait sync.WaitGroup
	for _, name := range h.On.Servers {
		wait.Go(func() { h.Stage.Kill(name) })
	}
	wait.Wait()
	return func() (err error) {
		for _, name := range h.On.Servers {
			err = errors.Join(err, startAgain(h.Stage, name))
		}
		return err
	}, nil
}

func startAgain(s *stage.Stage, name string) error {
	_, err := s.Start(name, 0)
	return err
}
