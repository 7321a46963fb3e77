package fault

import (
	"context"
	"syscall"
	"time"
)

// termBound is how long a server may take to end in order: it waits for the upstream,
// for its neighbours and for its clients, all of which may be hurt just now.
const termBound = 40 * time.Second

var terminate = Fault{
	Name: "terminate", What: "SIGTERM, which must end it in order, and a new start",
	Aim: aServer, Holds: process, Ends: true, Least: 100 * time.Millisecond, Most: 3 * time.Second,
	Start: func(ctx context.Context, h *Hit) (func() error, error) {
		h.up(ctx) // before that it has no ear for the signal, and is ended by it
		ended := make(chan error, 1)
		go func() { ended <- h.Stage.Term(h.server(), termBound) }()
		return func() error {
			if err := <-ended; err != nil {
				return err
			}
			return startAgain(h.Stage, h.server())
		}, nil
	},
}

var hangUp = Fault{
	Name: "hang-up", What: "SIGHUP again and again: the log and the settings are read anew",
	Aim: aServer, Least: 500 * time.Millisecond, Most: 3 * time.Second,
	Start: func(ctx context.Context, h *Hit) (func() error, error) {
		// A process that has only just been made has no ear for it yet, and would be
		// ended by it.
		return inBackground(ctx, func(ctx context.Context) {
			for ctx.Err() == nil {
				if l := h.Stage.Life(h.server()); l != nil {
					select {
					case <-l.Ready():
						h.Stage.Signal(h.server(), syscall.SIGHUP)
					default:
					}
				}
				nap(ctx, 100*time.Millisecond)
			}
		}), nil
	},
}

var stand = Fault{
	Name: "stand", What: "SIGSTOP, and SIGCONT later on, maybe after its neighbours gave it up",
	Aim: aServer, Holds: process, Least: 500 * time.Millisecond, Most: 9 * time.Second,
	Start: func(_ context.Context, h *Hit) (func() error, error) {
		h.Stage.Signal(h.server(), syscall.SIGSTOP)
		return func() error { h.Stage.Signal(h.server(), syscall.SIGCONT); return nil }, nil
	},
}

// inBackground lets work go on until stop is called, which waits for its end.
func inBackground(ctx context.Context, work ...func(context.Context)) (stop func() error) {
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	for _, one := range work {
		go func() { one(ctx); done <- struct{}{} }()
	}
	return func() error {
		cancel()
		for range work {
			<-done
		}
		return nil
	}
}
