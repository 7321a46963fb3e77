package reactortest

import (
	"container/list"
	"errors"
	"fmt"
	"net/netip"
	"strings"

	"proxyherd/reactor"
	"proxyherd/reactor/deferred"
)

const (
	defaultBacklog = 50
	// acceptBurst is how many connections one event may bring:
	// twisted/internet/tcp.py:1012 doRead.
	acceptBurst = 100
)

// port is an open port: twisted/internet/tcp.py:857 Port.
type port struct {
	alert
	r       *Reactor
	factory reactor.Factory
	backlog int
	iface   string
	number  int             // as given to ListenTCP; 0: the network's choice
	at      netip.AddrPort  // while it listens, and after
	host    reactor.Address // the same
	place   *list.Element   // in the reactor's sources; nil: not listening
	waiting []*socket       // granted by the system, not accepted yet
	session int             // connections so far, which numbers them in the log
}

// StartListening opens the port: twisted/internet/tcp.py:964.
func (p *port) StartListening() error {
	n := p.r.network
	if p.place != nil {
		return p.cannotListen(errors.New("it is listening already"))
	}
	at, err := p.choose()
	if err == nil {
		err = n.bindable(at)
	}
	if err != nil {
		return p.cannotListen(err)
	}
	p.at, p.host, p.owner = at, reactor.AddressFrom(at), p
	p.place = p.r.sources.PushBack(source(p))
	n.ports[at] = p
	n.owners[at] = p.r.name
	p.trace(PortOpened)
	p.r.msg(p.LogPrefix(), fmt.Sprintf("starting on %v", p.GetHost()))
	p.startFactory()
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

// choose is the address to listen on.
func (p *port) choose() (netip.AddrPort, error) {
	addr := netip.IPv4Unspecified()
	if p.iface != "" {
		var err error
		if addr, err = netip.ParseAddr(p.iface); err != nil {
			return netip.AddrPort{}, fmt.Errorf("the interface must be an IPv4 or IPv6 address: %w", err)
		}
	}
	number, err := portNumber(p.number)
	if err != nil {
		return netip.AddrPort{}, err
	}
	if number == 0 {
		return p.r.network.freePort(addr.Unmap())
	}
	return netip.AddrPortFrom(addr.Unmap(), number), nil
}

func (p *port) cannotListen(err error) error {
	return &reactor.CannotListenError{Interface: p.iface, Port: p.number, Err: err}
}

// StopListening closes the port: twisted/internet/tcp.py:1083.
func (p *port) StopListening() *deferred.Deferred[struct{}] {
	if p.place == nil {
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

// close gives the port up; connections that nobody accepted get a reset.
func (p *port) close() {
	p.r.sources.Remove(p.place)
	p.place, p.owner = nil, nil
	n := p.r.network
	delete(n.ports, p.at)
	for _, s := range p.waiting {
		s.abort()
	}
	p.waiting = nil
	p.trace(PortClosed)
}

// stopFactory tells the factory that its port is closed. A panic in it is the
// error.
func (p *port) stopFactory() error {
	p.r.msg(p.LogPrefix(), fmt.Sprintf("(TCP port %v closed)", p.GetHost()))
	return caught(func() { p.factory.DoStop(p.factory) })
}

// GetHost is the address that is listened on.
func (p *port) GetHost() reactor.Address { return p.host }

// LogPrefix names the port's factory: twisted/internet/tcp.py:1126.
func (p *port) LogPrefix() string { return typeName(p.factory) }

func (p *port) shutdown() {
	if p.place == nil {
		return // closed by what was shut down before it
	}
	p.close()
	if err := p.stopFactory(); err != nil {
		p.r.log(p.LogPrefix(), err, "stopping a factory")
	}
}

func (p *port) kill() { p.close() }

// event accepts what is there: twisted/internet/tcp.py:1012.
func (p *port) event() {
	for range acceptBurst {
		if len(p.waiting) == 0 {
			return
		}
		s := p.waiting[0]
		p.waiting = p.waiting[1:]
		if !p.accepted(s) {
			break
		}
	}
	if len(p.waiting) > 0 {
		p.ring()
	}
}

// accepted makes the protocol for a connection; false ends the burst, as after
// a panic in the factory.
func (p *port) accepted(s *socket) (goOn bool) {
	protocol, err := buildProtocol(p.factory, s.getPeer())
	if protocol == nil {
		s.close()
		if err != nil {
			p.r.log(p.LogPrefix(), err, "building a protocol")
		}
		return err == nil
	}
	t := attachTransport(p.r, s, protocol)
	t.session = p.session
	p.session++
	t.trace(Event{Kind: Accepted})
	return t.makeConnection() == nil
}

func (p *port) trace(kind EventKind) {
	if p.r.network.options.Trace == nil {
		return // the address would be made for nobody
	}
	p.r.network.trace(Event{Kind: kind, Reactor: p.r.name, Host: p.GetHost()})
}

// buildProtocol asks the factory; a panic in it is the error.
func buildProtocol(f reactor.Factory, addr reactor.Address) (p reactor.Protocol, err error) {
	err = caught(func() { p = f.BuildProtocol(addr) })
	return p, err
}

// typeName is a value's type as it stands in a log line.
func typeName(v any) string {
	if c, ok := v.(reactor.LoggingContext); ok {
		return c.LogPrefix()
	}
	return strings.TrimLeft(fmt.Sprintf("%T", v), "*")
}
