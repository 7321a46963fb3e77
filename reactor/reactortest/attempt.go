package reactortest

import (
	"container/list"
	"fmt"
	"net/netip"
	"syscall"

	"proxyherd/reactor"
	"proxyherd/reactor/internal/connecting"
)

// attempt is one try of a connector: twisted/internet/tcp.py:490 BaseClient.
type attempt struct {
	r         *Reactor
	connector *connecting.Connector
	host      string
	number    int
	bind      reactor.Address
	addresses *connecting.Candidates // of the host, once it is looked up
	socket    *socket                // the last that was dialled; nil before
	place     *list.Element
	stopped   bool
	losing    bool       // LoseConnection came before there was a transport
	transport *transport // once connected
}

// newAttempt begins in the next turn, so that no result comes before ConnectTCP
// has returned.
func newAttempt(r *Reactor, c *connecting.Connector, host string, number int, bind reactor.Address) *attempt {
	a := &attempt{r: r, connector: c, host: host, number: number, bind: bind}
	a.place = r.sources.PushBack(source(a))
	r.CallLater(0, a.resolve)
	return a
}

// Stop gives up; nothing is reported.
func (a *attempt) Stop() {
	if a.stopped {
		return
	}
	a.stopped = true
	a.r.sources.Remove(a.place)
	a.addresses.End()
	a.hangUp()
}

// hangUp gives up what was dialled.
func (a *attempt) hangUp() {
	if a.socket != nil {
		a.socket.close()
	}
}

// LoseConnection ends the connection: at once when it has a protocol, if it
// comes while that is being built.
func (a *attempt) LoseConnection() {
	if a.transport == nil {
		a.losing = true
		return
	}
	a.transport.LoseConnection()
}

// resolve finds the host's addresses, anew in each attempt.
func (a *attempt) resolve() {
	if a.stopped {
		return
	}
	if addr, err := netip.ParseAddr(a.host); err == nil {
		a.connectTo([]netip.Addr{addr})
		return
	}
	a.r.lookUp(a.host).AddBoth(func(found []netip.Addr, err error) ([]netip.Addr, error) {
		switch {
		case a.stopped:
		case err != nil:
			a.fail(err)
		default:
			a.connectTo(found)
		}
		return nil, nil
	})
}

// connectTo tries one address after the other.
func (a *attempt) connectTo(addrs []netip.Addr) {
	a.addresses = a.connector.Candidates(addrs)
	a.next(nil)
}

// next tries the next address; why is what the one before failed with.
func (a *attempt) next(why error) {
	a.hangUp()
	addr, found := a.addresses.Next(a.unreached)
	if !found {
		a.fail(why)
		return
	}
	a.dial(addr)
}

// unreached gives up the address that is tried.
func (a *attempt) unreached(reason error) { a.next(a.addresses.Failed(reason)) }

func (a *attempt) dial(addr netip.Addr) {
	number, err := portNumber(a.number)
	if err != nil {
		a.unreached(fmt.Errorf("%w: %w", reactor.ErrConnect, err))
		return
	}
	to := netip.AddrPortFrom(dialable(addr), number)
	local, err := a.r.network.bindLocal(a.bind, to)
	if err != nil {
		a.unreached(fmt.Errorf("%w: %w", reactor.ErrConnectBind, err))
		return
	}
	a.socket = a.r.dial(local, to, a)
	a.trace(Dialled, "")
}

func (a *attempt) fail(reason error) {
	a.trace(ConnectionFailed, reason.Error())
	a.Stop()
	a.r.guard("telling a factory that its connection failed", func() { a.connector.Failed(reason) })
}

// shutdown ends the attempt with the reactor: twisted/internet/tcp.py:472.
func (a *attempt) shutdown() {
	if !a.stopped {
		a.fail(fmt.Errorf("%w: %w", reactor.ErrConnect, errStopped))
	}
}

func (a *attempt) kill() { a.Stop() }

// event is called when the connection is there, or cannot be.
func (a *attempt) event() {
	switch {
	case a.socket.established:
		a.connected()
	case a.socket.dead:
		a.unreached(reactor.GetConnectError(syscall.ECONNREFUSED))
	}
}

// connected hands the socket to a transport and its protocol:
// twisted/internet/tcp.py:596 _connectDone.
func (a *attempt) connected() {
	a.addresses.End()
	a.connector.Connected()
	protocol, err := buildProtocol(a.connector.Factory(), a.socket.getPeer())
	switch {
	case a.stopped:
		return // the factory gave up its own connector
	case err != nil:
		a.r.log(typeName(a.connector.Factory()), err, "building a protocol")
		a.fail(fmt.Errorf("%w: %w", reactor.ErrConnect, err))
		return
	case protocol == nil:
		// Twisted 13.2.0 forgets the connector here; a refusal by the factory
		// is a clean end that it is told of.
		a.Stop()
		a.r.guard("telling a factory that its connection was lost", func() { a.connector.Lost(reactor.ErrConnectionDone) })
		return
	}
	a.r.sources.Remove(a.place)
	a.stopped = true // what follows is the transport's
	t := attachTransport(a.r, a.socket, protocol)
	t.connector, a.transport = a.connector, t
	t.trace(Event{Kind: ConnectionMade})
	if a.losing {
		t.LoseConnection() // the protocol is told of a connection that ends
	}
	_ = t.makeConnection() // a panic has closed the connection: nothing to add
}

func (a *attempt) trace(kind EventKind, detail string) {
	if a.r.network.options.Trace == nil {
		return // the addresses would be made for nobody
	}
	e := Event{Kind: kind, Reactor: a.r.name, Peer: a.connector.GetDestination(), Detail: detail}
	if a.socket != nil {
		// Where it was dialled, which a name does not tell.
		e.Host, e.Peer = reactor.AddressFrom(a.socket.local), reactor.AddressFrom(a.socket.peer)
	}
	a.r.network.trace(e)
}
