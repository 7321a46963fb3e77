package factories_test

import (
	"fmt"
	"time"

	"proxyherd/factories"
	"proxyherd/protocols"
	"proxyherd/reactor"
	"proxyherd/reactor/reactortest"
)

// repeater writes back what it gets.
type repeater struct{ protocols.Protocol }

func (e *repeater) DataReceived(_ reactor.Protocol, data []byte) error {
	e.Transport.Write(data)
	return nil
}

// caller says something, and tells what it hears.
type caller struct {
	protocols.Protocol
	factory *calling
}

func (c *caller) ConnectionMade() {
	c.factory.ResetDelay() // this attempt was good
	c.Transport.Write([]byte("hello"))
}

func (c *caller) DataReceived(_ reactor.Protocol, data []byte) error {
	fmt.Printf("heard %q\n", data)
	return nil
}

// calling is the factory of callers: it connects again whenever it must.
type calling struct {
	factories.ReconnectingClientFactory
}

func (f *calling) BuildProtocol(reactor.Address) reactor.Protocol { return &caller{factory: f} }

func (f *calling) ClientConnectionFailed(c reactor.Connector, reason error) {
	fmt.Println("nobody there")
	f.ReconnectingClientFactory.ClientConnectionFailed(c, reason)
}

// A server that comes late is found. The two reactors are in memory, and the
// minutes pass in no time.
func ExampleReconnectingClientFactory() {
	network := reactortest.NewNetwork(reactortest.Options{})
	server, client := network.Reactor("server"), network.Reactor("client")

	f := &calling{}
	f.Clock, f.InitialDelay, f.Factor, f.Jitter = client, time.Second, 2, factories.NoJitter
	client.ConnectTCP("127.0.0.1", 7, f, time.Second, nil)
	network.Advance(7 * time.Second) // attempts at 0, 2 and 6 seconds

	server.ListenTCP(7, factories.ForProtocol(func(reactor.Address) reactor.Protocol { return &repeater{} }), 0, "127.0.0.1")
	network.Advance(7 * time.Second) // and one at 14
	// Output:
	// nobody there
	// nobody there
	// nobody there
	// heard "hello"
}

// A policy wraps what makes the protocols, and is listened with in its place.
func ExampleLimitTotalConnectionsFactory() {
	network := reactortest.NewNetwork(reactortest.Options{})
	server, clients := network.Reactor("server"), network.Reactor("clients")
	few := &factories.LimitTotalConnectionsFactory{
		ConnectionLimit: 2,
		Protocol:        func(reactor.Address) reactor.Protocol { return &repeater{} },
	}
	server.ListenTCP(7, few, 0, "127.0.0.1")
	for range 3 {
		f := &calling{}
		f.Clock = clients
		clients.ConnectTCP("127.0.0.1", 7, f, time.Second, nil)
	}
	network.Advance(time.Millisecond)
	fmt.Println(few.ConnectionCount, "are connected")
	// Output:
	// heard "hello"
	// heard "hello"
	// 2 are connected
}
