//go:build linux

package gnetreactor

import (
	"errors"
	"fmt"
	"net/netip"
	"os"
	"strings"
	"time"

	"github.com/panjf2000/gnet/v2/pkg/netpoll"
	"golang.org/x/sys/unix"

	"proxyherd/reactor"
	"proxyherd/reactor/deferred"
)

const (
	defaultBacklog = 50
	// acceptBurst is how many connections one event may bring, before other
	// descriptors get their turn: twisted/internet/tcp.py:1012 doRead.
	acceptBurst = 100
	// crowdedWait is how long a port that found no descriptor waits at most
	// before it tries again.
	crowdedWait = 100 * time.Millisecond
)

// port is an open port: twisted/internet/tcp.py:857 Port.
type port struct {
	descriptor
	r       *Reactor
	factory reactor.Factory
	backlog int
	iface   string
	number  int // as given to ListenTCP; 0: the system's choice
	host    reactor.Address
	session uint64 // connections so far, which numbers them in the log

	retry reactor.DelayedCall // while crowded
}

// StartListening binds and listens: twisted/internet/tcp.py:964.
func (p *port) StartListening() error {
	if p.fd >= 0 {
		return p.cannotListen(errors.New("it is listening already"))
	}
	addr := netip.IPv4Unspecified()
	if p.iface != "" {
		var err error
		if addr, err = netip.ParseAddr(p.iface); err != nil {
			return p.cannotListen(fmt.Errorf("the interface must be an IPv4 or IPv6 address: %w", err))
		}
	}
	fd, err := newSocket(addr)
	if err != nil {
		return p.cannotListen(err)
	}
	host, err := bindAndListen(fd, netip.AddrPortFrom(addr, uint16(p.number)), p.backlog)
	if err != nil {
		_ = unix.Close(fd)
		return p.cannotListen(err)
	}
	p.fd, p.source, p.host = fd, p, reactor.AddressFrom(host)
	p.r.own(&p.descriptor)
	p.r.log.Msg(p.LogPrefix(), fmt.Sprintf("starting on %v", p.host))
	p.factory.DoStart(p.factory)
	p.attach()
	return nil
}

func bindAndListen(fd int, at netip.AddrPort, backlog int) (netip.AddrPort, error) {
	// A port that a crash left in TIME_WAIT can be had again; two listeners on
	// one port stay impossible.
	if err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEADDR, 1); err != nil {
		return netip.AddrPort{}, os.NewSyscallError("setsockopt", err)
	}
	if err := unix.Bind(fd, sockaddr(at)); err != nil {
		return netip.AddrPort{}, os.NewSyscallError("bind", err)
	}
	if err := unix.Listen(fd, backlog); err != nil {
		return netip.AddrPort{}, os.NewSyscallError("listen", err)
	}
	return localAddr(fd), nil
}

func (p *port) cannotListen(err error) error {
	return &reactor.CannotListenError{Interface: p.iface, Port: p.number, Err: err}
}

// StopListening closes the port: twisted/internet/tcp.py:1083.
func (p *port) StopListening() *deferred.Deferred[struct{}] {
	if p.fd < 0 {
		return nil
	}
	p.close()
	stopped := deferred.New[struct{}](nil)
	// The number is closed at the end of this turn, so in the next the port may
	// be bound again.
	p.r.CallLater(0, func() {
		p.stopFactory()
		stopped.Callback(struct{}{})
	})
	return stopped
}

func (p *port) close() {
	if p.retry != nil {
		_ = p.retry.Cancel() // pending: it clears itself when it runs
		p.retry = nil
	}
	p.r.release(&p.descriptor)
}

func (p *port) stopFactory() {
	p.r.log.Msg(p.LogPrefix(), fmt.Sprintf("(TCP port %v closed)", p.host))
	p.factory.DoStop(p.factory)
}

// GetHost is the address that is listened on.
func (p *port) GetHost() reactor.Address { return p.host }

// LogPrefix names the port's factory: twisted/internet/tcp.py:1126.
func (p *port) LogPrefix() string { return typeName(p.factory) }

func (p *port) attach() {
	if p.retry == nil {
		p.r.set(&p.descriptor, reading)
	}
}

func (p *port) detach() { p.interest = off }

func (p *port) shutdown() {
	p.close()
	p.r.guard("stopping a factory", p.stopFactory)
}

// event accepts what is there: twisted/internet/tcp.py:1012.
func (p *port) event(netpoll.IOEvent) {
	for range acceptBurst {
		if p.fd < 0 || p.interest == off {
			return // a protocol closed the port, or it became crowded
		}
		fd, sa, err := unix.Accept4(p.fd, unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC)
		switch err {
		case nil:
			if !p.accepted(fd, addrPort(sa)) {
				return
			}
		case unix.EINTR, unix.EPERM:
		case unix.EAGAIN:
			return
		case unix.EMFILE, unix.ENFILE, unix.ENOBUFS, unix.ENOMEM:
			p.waitForRoom(err)
			return
		default: // ECONNABORTED and other errors of the connection that came
			p.r.log.Msg(p.LogPrefix(), "could not accept new connection ("+unix.ErrnoName(err.(unix.Errno))+")")
			return
		}
	}
}

// accepted makes the protocol for a connection; false ends the burst, as after
// a panic in the factory.
func (p *port) accepted(fd int, peer netip.AddrPort) (goOn bool) {
	protocol, err := buildProtocol(p.factory, reactor.AddressFrom(peer))
	if protocol == nil {
		// This number was never in the poller, so it may be used again at once.
		_ = unix.Close(fd)
		if err != nil {
			p.r.log.Err(p.LogPrefix(), err, "building a protocol")
		}
		return err == nil
	}
	p.session++
	t := newTransport(p.r, fd, peer, protocol)
	t.session = p.session
	return t.makeConnection() == nil
}

// waitForRoom takes the port out of the poller until a connection closes or a
// moment has passed. A port stays readable while connections wait in its
// backlog, so left in it would spin.
func (p *port) waitForRoom(cause error) {
	p.r.log.Msg(p.LogPrefix(), "could not accept new connection ("+unix.ErrnoName(cause.(unix.Errno))+
		"): waiting until a descriptor is free")
	p.r.set(&p.descriptor, off)
	p.r.crowded = append(p.r.crowded, p)
	p.retry = p.r.CallLater(crowdedWait, func() { p.retry = nil; p.makeRoom() })
}

// makeRoom ends the wait.
func (p *port) makeRoom() {
	if p.retry != nil {
		_ = p.retry.Cancel() // pending
		p.retry = nil
	}
	if p.fd >= 0 {
		p.attach()
	}
}

// buildProtocol asks the factory; a panic in it is the error.
func buildProtocol(f reactor.Factory, addr reactor.Address) (p reactor.Protocol, err error) {
	defer func() {
		if v := recover(); v != nil {
			p, err = nil, reactor.Recovered(v)
		}
	}()
	return f.BuildProtocol(addr), nil
}

// typeName is a value's type as it stands in a log line.
func typeName(v any) string {
	if c, ok := v.(reactor.LoggingContext); ok {
		return c.LogPrefix()
	}
	return strings.TrimLeft(fmt.Sprintf("%T", v), "*")
}
