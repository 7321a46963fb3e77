package main

import (
	"errors"
	"fmt"
	"syscall"
	"time"

	"proxyherd/herd"
	"proxyherd/herd/wirelog"
)

// reserve is how many descriptors are kept from clients: for links, the status
// page, the upstream, the log and the loop itself.
const reserve = 32

// journalFiles is how many more are kept for a journal: its tables, its logs and
// those that are written anew.
const journalFiles = 64

// sinkFiles is how many more are kept for a sink: its connections, old ones that are
// being closed among them.
const sinkFiles = 16

// errTooFewFiles is a limit on open files under which no client could be served.
var errTooFewFiles = errors.New("the process may open too few files")

// fitDescriptors returns how many clients may be connected at once, and bounds
// the upstream's workers, so that both fit what the process may open. Go has
// raised the soft limit to the hard one when the program began.
func fitDescriptors(config *herd.Config, log *wirelog.Log) (connections int, err error) {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return 0, fmt.Errorf("asking how many files may be open: %w", err)
	}
	own := uint64(reserve)
	if config.Journal.Dir != "" {
		own += journalFiles
	}
	if config.Sink.Kind != "" {
		own += sinkFiles
	}
	most, workers, err := fit(limit.Cur, own, config.Upstream.Workers)
	if err != nil {
		return 0, err
	}
	config.Upstream.Workers = workers
	wanted := config.Limits.Connections
	switch {
	case wanted == 0:
		return most, nil
	case wanted > most:
		log.Event(time.Now(), wirelog.Warn, "fewer clients than limits.connections says: raise ulimit -n",
			wirelog.F("limits.connections", wanted), wirelog.F("clients", most), wirelog.F("files", limit.Cur))
		return most, nil
	}
	return wanted, nil
}

// fit divides a number of descriptors, of which some are the server's own. Each worker
// of the upstream may need one; where they are few, an eighth of all that may be had by
// a server without a journal is theirs, which the reserve has room for.
func fit(files, own uint64, wanted int) (clients, workers int, err error) {
	const most = 1 << 30 // more than any machine has; keeps "unlimited" a number
	files = min(files, most)
	if files <= own {
		return 0, 0, fmt.Errorf("%w: %d; a server needs %d for itself and one for each client: raise ulimit -n",
			errTooFewFiles, files, own)
	}
	clients = int(files - own)
	return clients, min(wanted, max(4, (clients+reserve)/8)), nil
}
