package fault

import (
	"context"
	"time"

	"proxyherd/herd/chaos/stage"
)

var fullLog = Fault{
	Name: "full-log", What: "the disk of a server's log has no room for more; SIGKILL and a new start then, maybe",
	Needs: []stage.Need{stage.Tmpfs},
	// Who ends in order, and cannot write the end of the log, says so by the exit code 1:
	// nobody is asked to.
	Aim: aServer, Holds: process, Ends: true, Least: 500 * time.Millisecond, Most: 5 * time.Second,
	Start: func(_ context.Context, h *Hit) (func() error, error) {
		undo, err := h.Stage.FillLog(h.server())
		if err != nil || h.Random.IntN(2) == 0 {
			return undo, err
		}
		h.Stage.Kill(h.server())
		return undo, startAgain(h.Stage, h.server())
	},
}

var fullJournal = Fault{
	Name: "full-journal", What: "the disk of a server's journal has no room for more; then SIGKILL, maybe",
	Needs: []stage.Need{stage.Tmpfs, stage.AnyJournal},
	// A server that starts does not serve without its journal: none is started meanwhile.
	Aim: aServer, Holds: process, Ends: true, Least: 500 * time.Millisecond, Most: 5 * time.Second,
	Start: func(ctx context.Context, h *Hit) (func() error, error) {
		h.up(ctx)
		undo, err := h.Stage.FillJournal(h.server())
		if err != nil || h.Random.IntN(2) == 0 {
			return undo, err
		}
		return func() error {
			h.Stage.Kill(h.server())
			if err := undo(); err != nil {
				return err
			}
			return startAgain(h.Stage, h.server())
		}, nil
	},
}

var fewFiles = Fault{
	Name: "few-files", What: "a new start with descriptors for 32 clients, and more clients than that",
	Aim: aServer, Holds: process, Ends: true, Least: 2 * time.Second, Most: 6 * time.Second,
	Start: func(ctx context.Context, h *Hit) (func() error, error) {
		h.Stage.Kill(h.server())
		// A server keeps 32 for itself, and 64 more for a journal.
		files := 64
		if h.Stage.HasJournals() {
			files += 64
		}
		if _, err := h.Stage.Start(h.server(), files); err != nil {
			return nil, err
		}
		h.up(ctx)
		leave := hold(ctx, h, stage.ClientPort, 80)
		return func() error {
			leave()
			h.Stage.Kill(h.server())
			return startAgain(h.Stage, h.server())
		}, nil
	},
}

var filesTaken = Fault{
	Name: "files-taken", What: "a server that runs may open next to no more descriptors",
	Aim: aServer, Holds: process, Least: time.Second, Most: 4 * time.Second,
	Start: func(ctx context.Context, h *Hit) (func() error, error) {
		h.up(ctx)
		undo, err := h.Stage.FewFiles(h.server(), h.Random.IntN(4))
		if err != nil {
			return nil, err
		}
		leave := hold(ctx, h, stage.ClientPort, 20)
		return func() error { leave(); return undo() }, nil
	},
}
