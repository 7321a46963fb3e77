package monitor

import (
	"errors"
	"fmt"
	"time"

	"proxyherd/herd"
)

// settleTime is how long after its start a server may be unready for the records
// that it has not compared yet: a neighbour that cannot compare must not keep it
// from serving.
const settleTime = 10 * time.Second

var (
	errStopping    = errors.New("the server is stopping")
	errNoClients   = errors.New("the server does not listen for clients yet")
	errNotCompared = errors.New("the server does not know yet what it has missed")
	errUnsaved     = errors.New("the journal has failed, and reports are refused")
)

// ready is nil for a server that is worth asking: it listens for clients, is not
// stopping, and has compared its records over each link that is open, or was
// started settleTime ago, and takes reports, which one whose answers wait for a
// journal does not while its disk fails. A link that is not open makes no server unready, or one
// that is down would take its neighbours along.
func ready(status herd.Status) error {
	switch {
	case status.Stopping:
		return fmt.Errorf("%s: %w", status.Name, errStopping)
	case status.Clients == "":
		return fmt.Errorf("%s: %w", status.Name, errNoClients)
	case status.Journal != nil && status.Journal.Fsync == herd.FsyncAlways && !status.Journal.FailedSince.IsZero():
		return fmt.Errorf("%s: %w %s", status.Name, errUnsaved, since(status.Journal.FailedSince, status.Journal.Error))
	case status.Time.Sub(status.Started) >= settleTime:
		return nil
	}
	for _, link := range status.Links {
		if link.Up && link.Checked.IsZero() {
			return fmt.Errorf("%s: %w: it compares its records with %s's first", status.Name, errNotCompared, link.Peer)
		}
	}
	return acquainted(status)
}

// acquainted is nil for a server that has compared each shard that it holds with
// another one's, if there is another; and that has found others, or its backbone, if it
// has one.
func acquainted(status herd.Status) error {
	if status.Backbone == nil {
		return nil
	}
	if !status.Backbone.Connected || len(status.Backbone.Peers) == 0 {
		return fmt.Errorf("%s: %w: it looks for others on the backbone first", status.Name, errNotCompared)
	}
	for _, shard := range status.Backbone.Shards {
		if shard.Held && shard.Others > 0 && shard.Checked.IsZero() {
			return fmt.Errorf("%s: %w: it compares the shard %d first", status.Name, errNotCompared, shard.Number)
		}
	}
	return nil
}

// readyText is what a server that is ready says: one whose answers do not wait for
// its journal serves as before while the disk fails, but a crash would lose more; and
// nobody waits for a sink, but those who read there see what is old.
func readyText(status herd.Status) string {
	text := "ready"
	if j := status.Journal; j != nil && !j.FailedSince.IsZero() {
		text += ", degraded: journal: failed " + since(j.FailedSince, j.Error)
	}
	if s := status.Sink; s != nil && !s.FailedSince.IsZero() {
		text += ", degraded: sink: failed " + since(s.FailedSince, s.Error)
	}
	if b := status.Backbone; b != nil && !b.Connected {
		text += ", degraded: backbone: not connected: " + b.Error
	}
	return text
}

func since(at time.Time, why string) string {
	return fmt.Sprintf("since %s: %s", at.UTC().Format(time.RFC3339), why)
}
