//go:build linux

package gnetreactor

import (
	"fmt"
	"net/netip"
	"os"

	"github.com/panjf2000/gnet/v2/pkg/netpoll"
	"golang.org/x/sys/unix"

	"proxyherd/reactor"
	"proxyherd/reactor/internal/connecting"
)

// attempt is one try of a connector: twisted/internet/tcp.py:490 BaseClient. It
// owns the socket until there is a connection, and then hands it to a
// transport.
type attempt struct {
	descriptor
	r         *Reactor
	connector *connecting.Connector
	host      string
	number    int
	bind      reactor.Address
	addresses *connecting.Candidates // of the host, once it is looked up
	to        netip.AddrPort
	stopped   bool
	losing    bool       // LoseConnection came before there was a transport
	transport *transport // once connected
}

// newAttempt begins in the next turn, so that no result comes before ConnectTCP
// has returned.
func newAttempt(r *Reactor, c *connecting.Connector, host string, number int, bind reactor.Address) *attempt {
	a := &attempt{r: r, connector: c, host: host, number: number, bind: bind}
	a.fd = -1
	r.CallLater(0, a.resolve)
	return a
}

// Stop gives up; nothing is reported.
func (a *attempt) Stop() {
	a.stopped = true
	a.addresses.End()
	a.r.closeSocket(&a.descriptor, true)
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
	if addr, err := literal(a.host); err == nil {
		a.connectTo([]netip.Addr{addr})
		return
	}
	a.r.lookUp("ip", a.host).AddBoth(func(found []netip.Addr, err error) ([]netip.Addr, error) {
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
	a.r.closeSocket(&a.descriptor, true)
	addr, found := a.addresses.Next(a.unreached)
	if !found {
		a.fail(why)
		return
	}
	a.connect(addr)
}

// unreached gives up the address that is tried.
func (a *attempt) unreached(reason error) { a.next(a.addresses.Failed(reason)) }

func (a *attempt) connect(addr netip.Addr) {
	var err error
	if a.to, err = addrPortFrom(addr, a.number); err != nil {
		a.unreached(fmt.Errorf("%w: %w", reactor.ErrConnect, err))
		return
	}
	fd, err := newSocket(addr)
	if err != nil {
		// Without a socket there is nothing to bind: twisted/internet/tcp.py:673.
		a.unreached(fmt.Errorf("%w: %w", reactor.ErrConnectBind, err))
		return
	}
	a.fd = fd
	a.r.owners.set(fd, a)
	if err := a.bindTo(); err != nil {
		a.unreached(fmt.Errorf("%w: %w", reactor.ErrConnectBind, err))
		return
	}
	switch err := unix.Connect(fd, sockaddr(a.to)); {
	case err == nil, err == unix.EINPROGRESS, err == unix.EINTR, err == unix.EAGAIN:
		// Even when it succeeded at once, the poller tells: there is one path.
		a.attach()
	case err == unix.EADDRNOTAVAIL && a.bind != nil:
		// SO_REUSEADDR let bind have an address that connect then finds taken.
		a.unreached(fmt.Errorf("%w: %w", reactor.ErrConnectBind, os.NewSyscallError("connect", err)))
	default:
		a.unreached(reactor.GetConnectError(os.NewSyscallError("connect", err)))
	}
}

func (a *attempt) bindTo() error {
	if a.bind == nil {
		return nil
	}
	host, number := reactor.SplitAddress(a.bind)
	addr, err := literal(host)
	if err != nil {
		return err
	}
	at, err := addrPortFrom(addr, number)
	if err != nil {
		return err
	}
	// A source port may be needed again at once, by the next attempt.
	if err := unix.SetsockoptInt(a.fd, unix.SOL_SOCKET, unix.SO_REUSEADDR, 1); err != nil {
		return os.NewSyscallError("setsockopt", err)
	}
	return os.NewSyscallError("bind", unix.Bind(a.fd, sockaddr(at)))
}

func (a *attempt) fail(reason error) {
	a.Stop()
	a.r.guard("telling a factory that its connection failed", func() { a.connector.Failed(reason) })
}

func (a *attempt) attach() { a.r.set(&a.descriptor, writing) }
func (a *attempt) detach() { a.interest = off }

// shutdown ends the attempt with the reactor.
func (a *attempt) shutdown() {
	a.fail(fmt.Errorf("%w: %w", reactor.ErrConnect, reactor.ErrConnectionLost))
}

// event is told when the connection is there, or cannot be.
func (a *attempt) event(ev netpoll.IOEvent) {
	if ev&(unix.EPOLLOUT|unix.EPOLLERR|unix.EPOLLHUP) == 0 {
		return
	}
	code, err := unix.GetsockoptInt(a.fd, unix.SOL_SOCKET, unix.SO_ERROR)
	if err == nil && code != 0 {
		err = unix.Errno(code)
	}
	if err == nil {
		// No error is not yet a connection: a stale event would look the same.
		if _, err = unix.Getpeername(a.fd); err == unix.ENOTCONN {
			return
		}
	}
	if err != nil {
		a.unreached(reactor.GetConnectError(os.NewSyscallError("connect", err)))
		return
	}
	a.connected()
}

// connected hands the socket to a transport and its protocol:
// twisted/internet/tcp.py:596 _connectDone.
func (a *attempt) connected() {
	a.addresses.End()
	a.connector.Connected()
	protocol, err := buildProtocol(a.connector.Factory(), reactor.AddressFrom(a.to))
	if a.stopped || a.fd < 0 {
		return // the factory gave up its own connector
	}
	if err != nil {
		a.r.log.Err(typeName(a.connector.Factory()), err, "building a protocol")
		a.fail(fmt.Errorf("%w: %w", reactor.ErrConnect, err))
		return
	}
	if protocol == nil {
		// Twisted 13.2.0 forgets the connector here; a refusal by the factory
		// is a clean end that it is told of.
		a.Stop()
		a.r.guard("telling a factory that its connection was lost", func() { a.connector.Lost(reactor.ErrConnectionDone) })
		return
	}
	t := newTransport(a.r, a.fd, a.to, protocol)
	t.interest, t.connector = a.interest, a.connector
	a.transport, a.fd = t, -1
	if a.losing {
		t.LoseConnection() // the protocol is told of a connection that ends
	}
	_ = t.makeConnection() // a panic has closed the connection: nothing to add
}
