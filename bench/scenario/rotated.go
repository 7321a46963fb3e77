package scenario

import (
	"context"
	"fmt"
	"os"
	"time"

	"proxyherd/bench/load"
	"proxyherd/herd/wirelog"
)

// rotateTries is how many seconds of load it may take until a log has removed a file.
const rotateTries = 60

// comeRound puts a load on a new server that writes its lines, until its log has removed a
// file: it then writes into memory that the machine had for an older one. Before that each
// page of the log's is the first use of its memory, which a virtual machine's host may have
// to find: that can cost more than all else that the log does, and is over with the first
// turn through its files.
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
	return fmt.Errorf("scenario: %s had not removed its oldest file after %d s of load: "+
		"the disk it is on is too slow to measure a log that rotates", oldest.path, rotateTries)
}

// oldestFile is the oldest that a log keeps, and when the first that was seen there was written.
type oldestFile struct {
	path    string
	written time.Time // zero: none was seen
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
