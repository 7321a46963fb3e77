package reactortest

import (
	"fmt"
	"time"
)

// Link is what the way from one reactor to another is like. The zero value
// delivers at once, whole.
type Link struct {
	// Latency is how long everything travels, and Jitter how much longer at
	// most: each piece takes a random part of it. One connection's bytes never
	// overtake each other.
	Latency, Jitter time.Duration

	// BytesPerSecond is what all connections on this link share, one way; 0
	// sets no bound.
	BytesPerSecond int

	// Chunked cuts what arrives at random places: a DataReceived gets 1 byte or
	// more of it, and the next the rest.
	Chunked bool
}

func (l Link) check() {
	if l.Latency < 0 || l.Jitter < 0 || l.BytesPerSecond < 0 {
		panic(fmt.Sprintf("reactortest: a Link with a negative value: %+v", l))
	}
}

// route names one way of a link.
type route struct{ from, to string }

// link is a Link and its state.
type link struct {
	Link
	cut     bool
	busy    int64   // until when its bandwidth is taken, in nanoseconds since 1970
	stalled []*pipe // whose next segment arrived while it was cut, in order
}

func (n *Network) link(from, to string) *link {
	way := route{from, to}
	l := n.links[way]
	if l == nil {
		l = &link{Link: n.options.Link}
		n.links[way] = l
	}
	return l
}

// SetLink changes the way from one reactor to another, given by name, for what
// is sent from now on. The names need not be those of reactors that exist.
func (n *Network) SetLink(from, to string, l Link) {
	l.check()
	n.link(from, to).Link = l
}

// Cut cuts the link between two reactors, both ways. What is on its way, or
// sent later, is held back, as TCP keeps sending it again: it arrives after
// Heal, unless its sender has aborted the connection meanwhile. Neither side is
// told of anything; an attempt to connect waits until its time-out.
func (n *Network) Cut(a, b string) {
	n.CutOneWay(a, b)
	n.CutOneWay(b, a)
}

// CutOneWay cuts one direction only.
func (n *Network) CutOneWay(from, to string) {
	if l := n.link(from, to); !l.cut {
		l.cut = true
		n.trace(Event{Kind: LinkCut, Reactor: from, Detail: "to " + to})
	}
}

// Heal mends what Cut and CutOneWay did, both ways. What was held back starts
// on its way now.
func (n *Network) Heal(a, b string) {
	n.healOneWay(a, b)
	if a != b {
		n.healOneWay(b, a)
	}
}

func (n *Network) healOneWay(from, to string) {
	l := n.link(from, to)
	if !l.cut {
		return
	}
	l.cut = false
	n.trace(Event{Kind: LinkHealed, Reactor: from, Detail: "to " + to})
	held := l.stalled
	l.stalled = nil
	for _, p := range held {
		p.restart(l.arrival(n, 0))
	}
}

// arrival is when a piece of size bytes that is sent now arrives, in nanoseconds since
// 1970.
func (l *link) arrival(n *Network, size int) int64 {
	leaves := n.nanos
	if l.BytesPerSecond > 0 && size > 0 {
		leaves = max(leaves, l.busy) + int64(float64(size)/float64(l.BytesPerSecond)*float64(time.Second))
		l.busy = leaves
	}
	travels := int64(l.Latency)
	if l.Jitter > 0 {
		travels += n.random.Int64N(int64(l.Jitter) + 1)
	}
	return leaves + travels
}
