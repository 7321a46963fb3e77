package scenario

import (
	"context"
	"fmt"
	"os"
	"time"

	"proxyherd/bench/load"
	"proxyherd/herd/wirelog"
)

// rotateTries is how many seconds of load a log may take until it comes round.
const rotateTries = 60

// comeRound puts a load on a new server that writes its lines, until its log has removed a
// file: it then writes into memory that the machine had for an older one. Before that each
// page of the log's is the first use of its memory, which a virtual machine's host has to
// find: that can cost more than all else that is done for a line, and ends with the log's
// first turn through its files.
func (r *run) comeRound(ctx context.Context, o load.Options) error {
	if r.round || !r.variation.Lines || !r.peer.Ours || r.playing.size.cold {
		return nil
	}
	oldest := oldestFile{path: fmt.Sprintf("%s.%d", r.servers[0].Log, wirelog.DefaultRotateKeep)}
	for range rotateTries {
		if _, err := load.Run(ctx, load.Options{
			Addresses: o.Addresses, CPUs: o.CPUs, Dialect: o.Dialect, Pipeline: 64, Duration: time.Second,
		}); err != nil {
			return err
		}
		if r.round = oldest.replaced(); r.round {
			return nil
		}
	}
	return fmt.Errorf("scenario: the log of %s has removed no file in %d s of load: there is none to measure in which it rotates",
		r.name(), rotateTries)
}

// oldestFile is the oldest that a log keeps, as it was when there first was one.
type oldestFile struct {
	path    string
	written time.Time // to it, last
}

// replaced reports whether another file is the oldest now. The number that a file system
// has for it would not tell: it gives those of removed files to new ones.
func (f *oldestFile) replaced() bool {
	now, err := os.Stat(f.path)
	if err != nil {
		return false
	}
	if f.written.IsZero() {
		f.written = now.ModTime()
	}
	return !now.ModTime().Equal(f.written)
}
