package endpoints

import (
	"time"

	"proxyherd/reactor"
	"proxyherd/reactor/deferred"
)

// StreamServerEndpoint is a place to listen at:
// twisted/internet/interfaces.py:2406 IStreamServerEndpoint.
type StreamServerEndpoint interface {
	// Listen opens a port whose connections factory serves. The Deferred has
	// fired already: with the port, or with a *reactor.CannotListenError.
	Listen(factory reactor.Factory) *deferred.Deferred[reactor.ListeningPort]
}

// StreamClientEndpoint is a place to connect to:
// twisted/internet/interfaces.py:2386 IStreamClientEndpoint.
type StreamClientEndpoint interface {
	// Connect connects a protocol that factory builds. The Deferred fires with
	// that protocol after its ConnectionMade, or fails with why there is no
	// connection: what the reactor would tell a ClientFactory, ErrNoProtocol, or
	// a panic in BuildProtocol as a *reactor.PanicError. It fires after the
	// connection's end at the latest. The end itself is told to the protocol
	// only.
	//
	// Cancelling the Deferred gives the attempt up: it fails with a
	// *reactor.ConnectingCancelledError.
	Connect(factory reactor.Factory) *deferred.Deferred[reactor.Protocol]
}

// TCP4ServerEndpoint is a port on IPv4: twisted/internet/endpoints.py:467
// TCP4ServerEndpoint.
type TCP4ServerEndpoint struct {
	Reactor   reactor.TCP
	Port      int    // 0 lets the system choose
	Backlog   int    // how many connections wait to be accepted; default 50
	Interface string // the literal to bind to; default every IPv4 address
}

// Listen opens the port: twisted/internet/endpoints.py:454.
func (e TCP4ServerEndpoint) Listen(factory reactor.Factory) *deferred.Deferred[reactor.ListeningPort] {
	return listen(e.Reactor, e.Port, factory, e.Backlog, e.Interface)
}

// TCP6ServerEndpoint is a port on IPv6: twisted/internet/endpoints.py:488
// TCP6ServerEndpoint.
type TCP6ServerEndpoint struct {
	Reactor   reactor.TCP
	Port      int    // 0 lets the system choose
	Backlog   int    // how many connections wait to be accepted; default 50
	Interface string // the literal to bind to; default every address, "::"
}

// Listen opens the port: twisted/internet/endpoints.py:454.
func (e TCP6ServerEndpoint) Listen(factory reactor.Factory) *deferred.Deferred[reactor.ListeningPort] {
	iface := e.Interface
	if iface == "" {
		iface = "::"
	}
	return listen(e.Reactor, e.Port, factory, e.Backlog, iface)
}

// defaultBacklog is twisted/internet/endpoints.py:435.
const defaultBacklog = 50

func listen(r reactor.TCP, port int, factory reactor.Factory, backlog int, iface string) *deferred.Deferred[reactor.ListeningPort] {
	if backlog == 0 {
		backlog = defaultBacklog
	}
	listening, err := r.ListenTCP(port, factory, backlog, iface)
	if err != nil {
		return deferred.Fail[reactor.ListeningPort](err)
	}
	return deferred.Succeed(listening)
}

// TCP4ClientEndpoint is a server on IPv4, by name or literal:
// twisted/internet/endpoints.py:510 TCP4ClientEndpoint.
type TCP4ClientEndpoint struct {
	Reactor     reactor.TCP
	Host        string
	Port        int
	Timeout     time.Duration   // of the attempt; default 30 s, negative none
	BindAddress reactor.Address // the local address to connect from; nil for any
}

// Connect connects: twisted/internet/endpoints.py:540.
func (e TCP4ClientEndpoint) Connect(factory reactor.Factory) *deferred.Deferred[reactor.Protocol] {
	return connect(e.Reactor, e.Host, e.Port, factory, e.Timeout, e.BindAddress)
}

// defaultTimeout is twisted/internet/endpoints.py:515.
const defaultTimeout = 30 * time.Second

func connect(r reactor.TCP, host string, port int, factory reactor.Factory, timeout time.Duration, bind reactor.Address) *deferred.Deferred[reactor.Protocol] {
	if timeout == 0 {
		timeout = defaultTimeout
	}
	wrapper := newWrappingFactory(factory)
	r.ConnectTCP(host, port, wrapper, timeout, bind)
	return wrapper.connected
}
