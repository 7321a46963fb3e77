package reactorherd

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"net"
	"slices"
	"strconv"
	"time"

	"proxyherd/factories"
	"proxyherd/herd"
	"proxyherd/herd/wirelog"
	"proxyherd/reactor"
)

// dialTimeout bounds one attempt to reach a neighbour, the lookup of its name
// included.
const dialTimeout = 5 * time.Second

// namelessPeer is what is told of a neighbour whose name is not found.
const namelessPeer = "peer not found by its name: mend its peers in the config, /etc/hosts or DNS; each attempt looks it up again"

// neighbour is one server that we talk to: the factory of the links that we
// dial, and the link that is open, whoever dialled it.
type neighbour struct {
	factories.ReconnectingClientFactory
	server    *Server
	name      string
	host      string // or a literal; a name is looked up at each attempt
	port      int
	connector reactor.Connector

	link   *link // the open one
	opened int64
	losses []herd.Loss // newest last
	resync herd.Resync // the last exchange of records
	// exchanges are all of them.
	exchanges herd.Exchanges
	// resting says that our dialling is over for as long as a link is open that
	// the neighbour has dialled.
	resting bool
	healthy reactor.DelayedCall // sets the delay back
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
	n := &neighbour{server: s, name: name, host: host, port: port}
	n.Clock = s.reactor
	n.InitialDelay, n.MaxDelay = herd.RedialFirst, herd.RedialMost
	n.Factor, n.Jitter = math.E, 0.12
	// Random as the boot is, so that who decides that one decides the jitter too.
	n.NormFloat64 = rand.New(rand.NewPCG(uint64(s.boot), uint64(len(s.neighbours)))).NormFloat64
	return n, nil
}

// dial makes the first attempt, at once.
func (n *neighbour) dial() {
	n.connector = n.server.reactor.ConnectTCP(n.host, n.port, n, dialTimeout, nil)
}

// stopDialling makes no further attempt.
func (n *neighbour) stopDialling() {
	n.notHealthy()
	n.StopTrying()
}

// BuildProtocol makes our end of a link that we dialled.
func (n *neighbour) BuildProtocol(reactor.Address) reactor.Protocol {
	nonce, err := n.server.nonce()
	if err != nil {
		n.server.event(wirelog.Error, "no link: no randomness for a nonce", wirelog.F("peer", n.name), wirelog.F("error", err))
		return nil
	}
	return newLink(n.server, herd.NewDialler(n.server.identity, n.name, nonce), n)
}

// ClientConnectionFailed dials again later, unless the neighbour has reached us
// meanwhile.
func (n *neighbour) ClientConnectionFailed(c reactor.Connector, reason error) {
	n.notReached(reason)
	if n.rest() {
		return
	}
	n.ReconnectingClientFactory.ClientConnectionFailed(c, reason)
}

// notReached tells of an attempt that failed: quietly, as a neighbour may be down for
// long, but for a name that leads nowhere. That is told once, until the neighbour is
// reached again.
func (n *neighbour) notReached(why error) {
	level, what := wirelog.Debug, "peer not reached"
	if errors.Is(why, reactor.ErrDNSLookup) && !n.nameless {
		level, what, n.nameless = wirelog.Warn, namelessPeer, true
	}
	n.server.event(level, what, wirelog.F("peer", n.name), wirelog.F("address", net.JoinHostPort(n.host, strconv.Itoa(n.port))), wirelog.F("error", why))
}

// ClientConnectionLost dials again later, unless another link is open: the one
// that was lost was its duplicate.
func (n *neighbour) ClientConnectionLost(c reactor.Connector, reason error) {
	if n.rest() {
		return
	}
	n.ReconnectingClientFactory.ClientConnectionLost(c, reason)
}

// rest stops our dialling while a link is open.
func (n *neighbour) rest() bool {
	n.resting = n.link != nil
	return n.resting
}

// up takes a link that has been opened.
//
// Twin: ReconnectingClientFactory is told what has happened, and decides; what an
// attempt waits for is in fields.
func (n *neighbour) up(l *link) {
	n.link, n.nameless = l, false
	n.opened++
	if n.resting = l.info.Role == herd.Acceptor; n.resting {
		// An attempt under way is given up, so that it does not become a second
		// link; one that is shaking hands already is left to the rule for these.
		n.StopTrying()
	} else {
		n.tryAgain()
	}
	n.notHealthy()
	n.healthy = n.server.reactor.CallLater(herd.RedialReset, func() {
		n.healthy = nil
		n.ResetDelay()
	})
}

// down gives up the link that was open, and dials if nobody does.
func (n *neighbour) down(why string) {
	n.link = nil
	n.lost(why)
	n.notHealthy()
	if n.resting && !n.server.stopping {
		n.resting = false
		n.tryAgain()
		_ = n.Retry(n.connector) // the first attempt has made that
	}
}

// lost remembers why a link ended.
func (n *neighbour) lost(why string) {
	if len(n.losses) == herd.MaxLosses {
		n.losses = slices.Delete(n.losses, 0, 1)
	}
	n.losses = append(n.losses, herd.Loss{At: n.server.reactor.Seconds().Round(0), Reason: why})
}

// tryAgain undoes StopTrying, with the waits as they were.
func (n *neighbour) tryAgain() {
	delay, retries := n.Delay, n.Retries
	n.ResetDelay()
	n.Delay, n.Retries = delay, retries
}

func (n *neighbour) notHealthy() {
	if n.healthy != nil {
		_ = n.healthy.Cancel() // pending: it clears itself when it runs
		n.healthy = nil
	}
}

func (n *neighbour) status() herd.LinkStatus {
	st := herd.LinkStatus{Peer: n.name, Opened: n.opened, Losses: slices.Clone(n.losses), Resync: n.resync, Sync: herd.Unknown}
	if l := n.link; l != nil {
		st.Up, st.Role, st.Boot = true, l.info.Role, l.info.Boot.String()
		st.Waiting = int64(l.Transport.(reactor.TCPTransport).Unsent())
		st.Changed, st.Dumping = l.outbox.changed.Len(), l.outbox.dumping
		if l.pulse.Known {
			st.RoundTrip, st.Clock = l.pulse.RoundTrip.Seconds(), l.pulse.Clock.Seconds()
		}
		l.comparing.status(&st)
	}
	return st
}
