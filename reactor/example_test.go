package reactor_test

import (
	"errors"
	"fmt"
	"time"

	"proxyherd/factories"
	"proxyherd/protocols"
	"proxyherd/reactor"
	"proxyherd/reactor/reactortest"
)

// clockwork sends the time once a second, three times.
type clockwork struct {
	protocols.Protocol
	reactor reactor.Time
	left    int
}

func (c *clockwork) ConnectionMade() {
	c.left = 3
	c.tick()
}

func (c *clockwork) tick() {
	if c.left == 0 {
		c.Transport.LoseConnection() // when all is written
		return
	}
	c.left--
	fmt.Fprintf(writer{c.Transport}, "%s\n", c.reactor.Seconds().Format(time.TimeOnly))
	c.reactor.CallLater(time.Second, c.tick)
}

// writer is a transport for what writes to an io.Writer.
type writer struct{ reactor.Transport }

func (w writer) Write(p []byte) (int, error) { w.Transport.Write(p); return len(p), nil }

// listener prints what comes, and why no more does.
type listener struct{ protocols.Protocol }

func (l *listener) DataReceived(_ reactor.Protocol, data []byte) error {
	fmt.Printf("%s", data)
	return nil
}

func (l *listener) ConnectionLost(reason error) {
	fmt.Println("closed cleanly:", errors.Is(reason, reactor.ErrConnectionDone))
}

// calls connects a listener.
type calls struct{ factories.ClientFactory }

func (*calls) BuildProtocol(reactor.Address) reactor.Protocol { return &listener{} }

// A server and a client, each on a reactor. These are in memory, where a second
// takes no time; a gnetreactor.Reactor has the same methods, real sockets, and Run.
func Example() {
	network := reactortest.NewNetwork(reactortest.Options{})
	var server, client reactor.Reactor = network.Reactor("server"), network.Reactor("client")

	server.ListenTCP(13, factories.ForProtocol(func(reactor.Address) reactor.Protocol {
		return &clockwork{reactor: server}
	}), 0, "127.0.0.1")
	client.ConnectTCP("127.0.0.1", 13, &calls{}, time.Second, nil)
	network.Advance(10 * time.Second)
	// Output:
	// 00:00:00
	// 00:00:01
	// 00:00:02
	// closed cleanly: true
}

// What another goroutine wants done on the loop, it posts.
func ExampleThreads() {
	network := reactortest.NewNetwork(reactortest.Options{})
	var r reactor.Threads = network.Reactor("worker")
	network.Advance(0) // it runs
	r.CallInThread(func() {
		answer := 6 * 7 // slowly, on a worker
		r.CallFromThread(func() { fmt.Println("on the loop:", answer) })
	})
	network.Advance(time.Second)
	// Output: on the loop: 42
}
