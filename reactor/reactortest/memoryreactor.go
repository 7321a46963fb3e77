package reactortest

import (
	"time"

	"proxyherd/reactor"
	"proxyherd/reactor/deferred"
	"proxyherd/reactor/task"
)

// MemoryReactor notes what it is asked to listen on and to connect to, and does
// neither: twisted/test/proto_helpers.py:374 MemoryReactor. The zero value is
// ready. A test makes the protocols from the factories that it finds here.
type MemoryReactor struct {
	TCPServers []TCPServer // what ListenTCP was given, in order
	TCPClients []TCPClient // what ConnectTCP was given, in order
}

// TCPServer is one call of ListenTCP, and the port that it returned: one of
// twisted/test/proto_helpers.py:416 tcpServers.
type TCPServer struct {
	Port      int
	Factory   reactor.Factory
	Backlog   int
	Interface string
	Listening *FakePort
}

// TCPClient is one call of ConnectTCP, and the connector that it returned: one
// of twisted/test/proto_helpers.py:415 tcpClients.
type TCPClient struct {
	Host        string
	Port        int
	Factory     reactor.ClientFactory
	Timeout     time.Duration
	BindAddress reactor.Address
	Connector   *FakeConnector
}

var _ reactor.TCP = (*MemoryReactor)(nil)

// ListenTCP notes its arguments. The port's host is iface, or 0.0.0.0.
func (r *MemoryReactor) ListenTCP(port int, factory reactor.Factory, backlog int, iface string) (reactor.ListeningPort, error) {
	host := iface
	if host == "" {
		host = "0.0.0.0"
	}
	listening := &FakePort{Host: destination(host, port)}
	r.TCPServers = append(r.TCPServers, TCPServer{port, factory, backlog, iface, listening})
	return listening, nil
}

// ConnectTCP notes its arguments and tells the factory that it has started. As
// in Twisted it does not call DoStart.
func (r *MemoryReactor) ConnectTCP(host string, port int, factory reactor.ClientFactory, timeout time.Duration, bind reactor.Address) reactor.Connector {
	connector := &FakeConnector{Destination: destination(host, port), Now: reactor.Connecting}
	r.TCPClients = append(r.TCPClients, TCPClient{host, port, factory, timeout, bind, connector})
	factory.StartedConnecting(connector)
	return connector
}

// FakePort is a port that listens to nobody:
// twisted/test/proto_helpers.py:285 _FakePort.
type FakePort struct {
	Host             reactor.Address
	Started, Stopped int // how often StartListening and StopListening were called
}

var _ reactor.ListeningPort = (*FakePort)(nil)

// StartListening counts.
func (p *FakePort) StartListening() error { p.Started++; return nil }

// StopListening counts; its Deferred has fired already.
func (p *FakePort) StopListening() *deferred.Deferred[struct{}] {
	p.Stopped++
	return deferred.Succeed(struct{}{})
}

// GetHost is Host.
func (p *FakePort) GetHost() reactor.Address { return p.Host }

// FakeConnector is a connector that connects to nobody:
// twisted/test/proto_helpers.py:322 _FakeConnector.
type FakeConnector struct {
	Destination reactor.Address
	// Now is what State tells; the test sets it.
	Now reactor.ConnectorState
	// Connects, Stops and Disconnects count the calls of Connect,
	// StopConnecting and Disconnect.
	Connects, Stops, Disconnects int
}

var _ reactor.Connector = (*FakeConnector)(nil)

// Connect counts, and sets Now to Connecting.
func (c *FakeConnector) Connect() error {
	c.Connects++
	c.Now = reactor.Connecting
	return nil
}

// StopConnecting counts; the factory is not told.
func (c *FakeConnector) StopConnecting() error { c.Stops++; return nil }

// Disconnect counts; nobody is told.
func (c *FakeConnector) Disconnect() { c.Disconnects++ }

// GetDestination is Destination.
func (c *FakeConnector) GetDestination() reactor.Address { return c.Destination }

// State is Now.
func (c *FakeConnector) State() reactor.ConnectorState { return c.Now }

// MemoryReactorClock is a MemoryReactor with a Clock:
// twisted/test/proto_helpers.py:550 MemoryReactorClock. The zero value is
// ready.
type MemoryReactorClock struct {
	MemoryReactor
	task.Clock
}

var (
	_ reactor.TCP  = (*MemoryReactorClock)(nil)
	_ reactor.Time = (*MemoryReactorClock)(nil)
)

// RaisingMemoryReactor refuses everything:
// twisted/test/proto_helpers.py:558 RaisingMemoryReactor.
type RaisingMemoryReactor struct {
	ListenError  error // what ListenTCP returns
	ConnectError error // what ConnectTCP panics with: it has no error to return
}

var _ reactor.TCP = (*RaisingMemoryReactor)(nil)

// ListenTCP returns ListenError.
func (r *RaisingMemoryReactor) ListenTCP(int, reactor.Factory, int, string) (reactor.ListeningPort, error) {
	return nil, r.ListenError
}

// ConnectTCP panics with ConnectError.
func (r *RaisingMemoryReactor) ConnectTCP(string, int, reactor.ClientFactory, time.Duration, reactor.Address) reactor.Connector {
	panic(r.ConnectError)
}
