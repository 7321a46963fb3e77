package reactortest

import (
	"fmt"
	"strings"
	"time"

	"proxyherd/reactor"
)

// EventKind is what happened.
type EventKind string

// The kinds of events: what a reactor saw, and then what was done to it.
const (
	ReactorStarted   EventKind = "started"
	ReactorEnded     EventKind = "ended"
	PortOpened       EventKind = "opened a port"
	PortClosed       EventKind = "closed a port"
	Dialled          EventKind = "dialled"
	ConnectionFailed EventKind = "failed to connect"
	ConnectionMade   EventKind = "connected"
	Accepted         EventKind = "accepted"
	Sent             EventKind = "sent"
	Received         EventKind = "received"
	ReadEnded        EventKind = "read the end"
	WriteEnded       EventKind = "sent the end"
	ConnectionLost   EventKind = "lost"

	LinkCut            EventKind = "link cut"
	LinkHealed         EventKind = "link healed"
	ClockSet           EventKind = "clock set"
	ConnectionsSevered EventKind = "connections severed"
	ReactorPaused      EventKind = "paused"
	ReactorResumed     EventKind = "resumed"
	ReactorKilled      EventKind = "killed"
)

// Event is something that happened in a Network. Two runs with the same seed
// have the same events.
type Event struct {
	Time    time.Time
	Reactor string // who saw it; for a link, where it starts
	Kind    EventKind
	// Host and Peer are the connection's or port's addresses as Reactor sees
	// them; nil where there is none.
	Host, Peer reactor.Address
	Bytes      int    // of Sent and Received
	Detail     string // the reason, or the other end of a link
}

// String is the event on one line, without a line end.
func (e Event) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s %s", e.Time.UTC().Format("15:04:05.000000000"), e.Reactor, e.Kind)
	if e.Host != nil {
		fmt.Fprintf(&b, " %v", e.Host)
	}
	if e.Peer != nil {
		fmt.Fprintf(&b, " with %v", e.Peer)
	}
	if e.Bytes > 0 {
		fmt.Fprintf(&b, ": %d bytes", e.Bytes)
	}
	if e.Detail != "" {
		fmt.Fprintf(&b, ": %s", e.Detail)
	}
	return b.String()
}

func (n *Network) trace(e Event) {
	if n.options.Trace != nil {
		e.Time = n.now
		n.options.Trace(e)
	}
}
