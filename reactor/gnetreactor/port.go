//go:build linux

package gnetreactor

import (
	"errors"
	"fmt"
	"net/netip"
	"os"
	"slices"
	"strings"
	"time"
	"unsafe"

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

	accept func() (fd int, peer netip.AddrPort, err error) // accept4
	came   unix.RawSockaddrAny                             // from where
	size   uint32                                          // of that
	retry  reactor.DelayedCall                             // while crowded
}

// StartListening binds and listens: twisted/internet/tcp.py:964.
func (p *port) StartListening() error {
	if p.fd >= 0 {
		return p.cannotListen(errors.New("it is listening already"))
	}
	at, err := p.address()
	if err != nil {
		return p.cannotListen(err)
	}
	fd, err := newSocket(at.Addr())
	if err != nil {
		return p.cannotListen(err)
	}
	if at, err = bindAndListen(fd, at, p.backlog); err != nil {
		_ = unix.Close(fd)
		return p.cannotListen(err)
	}
	p.fd, p.host, p.accept = fd, reactor.AddressFrom(at), p.accept4
	p.r.owners.set(fd, p)
	p.r.log.Msg(p.LogPrefix(), fmt.Sprintf("starting on %v", p.host))
	p.startFactory()
	if p.fd >= 0 { // the factory did not close it at once
		p.attach()
	}
	return nil
}

// startFactory tells the factory of the port. A panic in it is for who listens,
// and leaves no port behind.
func (p *port) startFactory() {
	started := false
	defer func() {
		if !started {
			p.close()
		}
	}()
	p.factory.DoStart(p.factory)
	started = true
}

// address is what was asked for: "" is every IPv4 address.
func (p *port) address() (netip.AddrPort, error) {
	addr := netip.IPv4Unspecified()
	if p.iface != "" {
		var err error
		if addr, err = literal(p.iface); err != nil {
			return netip.AddrPort{}, fmt.Errorf("the interface must be an IPv4 or IPv6 address: %w", err)
		}
	}
	return addrPortFrom(addr, p.number)
}

func bindAndListen(fd int, at netip.AddrPort, backlog int) (netip.AddrPort, error) {
	// A port that a crash left in TIME_WAIT can be had again; two listeners on
	// one port stay impossible.
	if err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEADDR, 1); err != nil {
		return netip.AddrPort{}, os.NewSyscallError("setsockopt", err)
	}
	if at.Addr().Is6() {
		// [::] is every address, of IPv4 too, however the machine is set up.
		if err := unix.SetsockoptInt(fd, unix.IPPROTO_IPV6, unix.IPV6_V6ONLY, 0); err != nil {
			return netip.AddrPort{}, os.NewSyscallError("setsockopt", err)
		}
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
	p.r.CallLater(0, func() {
		if err := p.stopFactory(); err != nil {
			stopped.Errback(err)
			return
		}
		stopped.Callback(struct{}{})
	})
	return stopped
}

func (p *port) close() {
	if p.retry != nil {
		_ = p.retry.Cancel() // pending: it clears itself when it runs
		p.retry = nil
	}
	if p.fd >= 0 && p.r.poller != nil {
		// A descriptor's number lives on until the end of the turn, see release;
		// the socket must not, or the port could not be bound again when
		// StopListening says so. So the number gets another open file. If it
		// does not, the port is merely free a little later.
		p.r.set(&p.descriptor, off)
		_ = unix.Dup3(p.r.waker.fd, p.fd, unix.O_CLOEXEC)
	}
	p.r.release(&p.descriptor)
}

// stopFactory tells the factory that its port is closed. A panic in it is the
// error.
func (p *port) stopFactory() (err error) {
	p.r.log.Msg(p.LogPrefix(), fmt.Sprintf("(TCP port %v closed)", p.host))
	defer func() { err = reactor.Recovered(recover()) }()
	p.factory.DoStop(p.factory)
	return nil
}

// GetHost is the address that is listened on, or was.
func (p *port) GetHost() reactor.Address { return p.host }

// String names the port by its factory: twisted/internet/tcp.py:950.
func (p *port) String() string {
	if p.fd < 0 {
		return fmt.Sprintf("port of %s (not listening)", p.LogPrefix())
	}
	return fmt.Sprintf("port of %s on %v", p.LogPrefix(), p.host)
}

// LogPrefix names the port's factory: twisted/internet/tcp.py:1126.
func (p *port) LogPrefix() string { return typeName(p.factory) }

func (p *port) attach() {
	if p.retry == nil {
		p.r.set(&p.descriptor, accepting)
	}
}

func (p *port) detach() { p.interest = off }

func (p *port) shutdown() {
	p.close()
	if err := p.stopFactory(); err != nil {
		p.r.log.Err(p.LogPrefix(), err, "stopping a factory")
	}
}

// event accepts what is there: twisted/internet/tcp.py:1012.
func (p *port) event(netpoll.IOEvent) {
	for range acceptBurst {
		if p.fd < 0 || p.interest == off {
			return // a protocol closed the port, or it became crowded
		}
		fd, peer, err := p.accept()
		switch err {
		case nil:
			if !p.accepted(fd, peer) {
				return
			}
		case unix.EINTR, unix.EPERM:
		case unix.EAGAIN:
			return
		case unix.EMFILE, unix.ENFILE, unix.ENOBUFS, unix.ENOMEM:
			p.waitForRoom(err)
			return
		default: // ECONNABORTED and other errors of the connection that came
			p.couldNotAccept(err, "")
			return
		}
	}
}

// accept4 is the system call. It leaves no garbage, as unix.Accept4 does: of ten
// thousand connections that only wait that would be a fourth of their memory.
func (p *port) accept4() (fd int, peer netip.AddrPort, err error) {
	p.size = unix.SizeofSockaddrAny
	n, _, errno := unix.RawSyscall6(unix.SYS_ACCEPT4, uintptr(p.fd), uintptr(unsafe.Pointer(&p.came)),
		uintptr(unsafe.Pointer(&p.size)), unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0, 0)
	if errno != 0 {
		return -1, netip.AddrPort{}, errno
	}
	return int(n), rawAddrPort(&p.came), nil
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
	t := newTransport(p.r, fd, peer, protocol)
	t.session = p.session
	p.session++
	return t.makeConnection() == nil
}

// waitForRoom takes the port out of the poller until a connection closes or a
// moment has passed. A port stays readable while connections wait in its
// backlog, so left in it would spin.
func (p *port) waitForRoom(cause error) {
	p.couldNotAccept(cause, ": waiting until a descriptor is free")
	p.r.set(&p.descriptor, off)
	if !slices.Contains(p.r.crowded, p) {
		p.r.crowded = append(p.r.crowded, p)
	}
	p.retry = p.r.CallLater(crowdedWait, func() { p.retry = nil; p.makeRoom() })
}

func (p *port) couldNotAccept(err error, andSo string) {
	p.r.log.Err(p.LogPrefix(), err, "could not accept new connection ("+unix.ErrnoName(err.(unix.Errno))+")"+andSo)
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
