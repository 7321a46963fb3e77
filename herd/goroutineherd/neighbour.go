package goroutineherd

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"net"
	"slices"
	"strconv"
	"time"

	"proxyherd/herd"
	"proxyherd/herd/wirelog"
)

// dialTimeout bounds one attempt to reach a neighbour, the lookup of its name
// included.
const dialTimeout = 5 * time.Second

// namelessPeer is what is told of a neighbour whose name is not found.
const namelessPeer = "peer not found by its name: mend its peers in the config, /etc/hosts or DNS; each attempt looks it up again"

// neighbour is one server that we talk to: a goroutine that dials it, and the link
// that is open, whoever dialled it. In reactorherd a ReconnectingClientFactory is
// told what happened and decides; here the goroutine waits for it.
type neighbour struct {
	server  *Server
	name    string
	host    string // or a literal; a name is looked up at each attempt
	port    int
	changed chan struct{} // holds one word that link has changed

	// What follows is guarded by Server.mu.

	link   *link // the open one
	since  time.Time
	opened int64
	losses []herd.Loss // newest last
	resync herd.Resync // the last exchange of records
	// exchanges are all of them.
	exchanges herd.Exchanges
	delay     time.Duration      // before the last attempt
	giveUp    context.CancelFunc // of the attempt under way; nil: there is none
	// nameless says that the log has it that the name leads nowhere.
	nameless bool
}

func newNeighbour(s *Server, name string) (*neighbour, error) {
	peer, found := s.config.Server(name)
	if !found {
		return nil, fmt.Errorf("%w: %q is in talks_to of %s", herd.ErrUnknownName, name, s.name)
	}
	host, port, ok := herd.SplitAddress(peer.Peers)
	if !ok {
		return nil, fmt.Errorf("%w: %s is to be dialled at %q; write host:port", herd.ErrBadAddress, name, peer.Peers)
	}
	return &neighbour{server: s, name: name, host: host, port: port, changed: make(chan struct{}, 1), delay: herd.RedialFirst}, nil
}

// dial dials, at once and then whenever there is no link, until the server stops.
//
// Twin: one goroutine dials and waits, in the order of its lines; who opens or loses
// a link tells it by a channel that holds one word, and a context breaks off an
// attempt.
func (n *neighbour) dial() {
	stopped := n.server.dialling
	for stopped.Err() == nil {
		if conn := n.attempt(stopped); conn != nil {
			n.linkTo(conn)
		}
		for !n.pause(stopped) {
		}
	}
}

// attempt dials once, if there is no link by now.
func (n *neighbour) attempt(stopped context.Context) net.Conn {
	ctx, cancel := context.WithTimeout(stopped, dialTimeout)
	defer cancel()
	n.server.mu.Lock()
	linked := n.link != nil
	n.giveUp = cancel
	n.server.mu.Unlock()
	if linked {
		return nil
	}
	conn, err := n.server.network.reach(ctx, n.host, n.port)
	n.server.mu.Lock()
	n.giveUp = nil
	n.server.mu.Unlock()
	if err != nil {
		n.notReached(err)
		return nil
	}
	return conn
}

// notReached tells of an attempt that failed: quietly, as a neighbour may be down for
// long, but for a name that leads nowhere. That is told once, until the neighbour is
// reached again.
func (n *neighbour) notReached(why error) {
	level, what := wirelog.Debug, "peer not reached"
	n.server.mu.Lock()
	if errors.Is(why, errLookup) && !n.nameless {
		level, what, n.nameless = wirelog.Warn, namelessPeer, true
	}
	n.server.mu.Unlock()
	n.server.event(level, what, wirelog.F("peer", n.name), wirelog.F("address", net.JoinHostPort(n.host, strconv.Itoa(n.port))), wirelog.F("error", why))
}

// linkTo is our end of a link that we dialled, for as long as it lasts.
func (n *neighbour) linkTo(conn net.Conn) {
	nonce, err := n.server.nonce()
	if err != nil {
		n.server.event(wirelog.Error, "no link: no randomness for a nonce", wirelog.F("peer", n.name), wirelog.F("error", err))
		_ = conn.Close()
		return
	}
	l := newLink(n.server, herd.NewDialler(n.server.identity.Load(), n.name, nonce), n)
	l.conn = conn
	l.run()
}

// pause waits for as long as a link is open, and then for the next delay. It reports
// whether that has passed, and no link has opened meanwhile.
func (n *neighbour) pause(stopped context.Context) bool {
	s := n.server
	s.mu.Lock()
	linked, delay := n.link != nil, n.delay
	if !linked {
		delay = min(time.Duration(float64(n.delay)*math.E), herd.RedialMost)
		n.delay = delay
	}
	s.mu.Unlock()
	if linked {
		select {
		case <-n.changed:
			return false
		case <-stopped.Done():
			return true
		}
	}
	timer := time.NewTimer(delay + time.Duration(rand.NormFloat64()*0.12*float64(delay)))
	defer timer.Stop()
	for {
		select {
		case <-timer.C:
			return true
		case <-stopped.Done():
			return true
		case <-n.changed:
			if s.isLinked(n) {
				return false
			}
		}
	}
}

func (s *Server) isLinked(n *neighbour) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return n.link != nil
}

// up takes a link that has been opened. Called with Server.mu held.
func (n *neighbour) up(l *link) {
	n.link, n.since, n.nameless = l, time.Now(), false
	n.opened++
	if n.giveUp != nil && l.info.Role == herd.Acceptor {
		// An attempt under way is given up, so that it does not become a second
		// link; one that is shaking hands already is left to the rule for these.
		n.giveUp()
	}
	n.server.publish()
	n.tell()
}

// down gives up the link that was open. Called with Server.mu held.
func (n *neighbour) down(why string) {
	n.link = nil
	n.lost(why)
	n.server.publish()
	n.tell()
}

func (n *neighbour) tell() {
	select {
	case n.changed <- struct{}{}:
	default: // there is a word already
	}
}

// lost remembers why a link ended. One that was healthy sets the delay back. Called
// with Server.mu held.
func (n *neighbour) lost(why string) {
	if len(n.losses) == herd.MaxLosses {
		n.losses = slices.Delete(n.losses, 0, 1)
	}
	now := time.Now()
	n.losses = append(n.losses, herd.Loss{At: now.Round(0), Reason: why})
	if now.Sub(n.since) >= herd.RedialReset {
		n.delay = herd.RedialFirst
	}
}

func (n *neighbour) status() herd.LinkStatus {
	n.server.mu.Lock()
	st := herd.LinkStatus{Peer: n.name, Opened: n.opened, Losses: slices.Clone(n.losses), Resync: n.resync, Sync: herd.Unknown}
	l := n.link
	n.server.mu.Unlock()
	if l != nil {
		l.status(&st)
	}
	return st
}

// status is what an open link says about itself.
func (l *link) status(st *herd.LinkStatus) {
	l.mu.Lock()
	defer l.mu.Unlock()
	st.Up, st.Role, st.Boot = true, l.info.Role, l.info.Boot.String()
	if l.pulse.Known {
		st.RoundTrip, st.Clock = l.pulse.RoundTrip.Seconds(), l.pulse.Clock.Seconds()
	}
	l.comparing.status(st)
	l.outbox.status(st)
}
