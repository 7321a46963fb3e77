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
)

// ready is nil for a server that is worth asking: it listens for clients, is not
// stopping, and has compared its records over each link that is open, or was
// started settleTime ago. A link that is not open makes no server unready, or one
// that is down would take its neighbours along.
func ready(status herd.Status) error {
	switch {
	case status.Stopping:
		return fmt.Errorf("%s: %w", status.Name, errStopping)
	case status.Clients == "":
		return fmt.Errorf("%s: %w", status.Name, errNoClients)
	case status.Time.Sub(status.Started) >= settleTime:
		return nil
	}
	for _, link := range status.Links {
		if link.Up && link.Checked.IsZero() {
			return fmt.Errorf("%s: %w: it compares its records with %s's first", status.Name, errNotCompared, link.Peer)
		}
	}
	return nil
}
