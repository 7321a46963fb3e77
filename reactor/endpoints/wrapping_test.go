package endpoints_test

import (
	"errors"
	"testing"

	"proxyherd/factories"
	"proxyherd/reactor"
	"proxyherd/reactor/deferred"
	"proxyherd/reactor/endpoints"
	"proxyherd/reactor/reactortest"
)

// halfCloser goes on with half a connection.
type halfCloser struct {
	reactortest.AccumulatingProtocol
	readLost, writeLost int
}

func (h *halfCloser) ReadConnectionLost()  { h.readLost++ }
func (h *halfCloser) WriteConnectionLost() { h.writeLost++ }

// named says what it is called in the log.
type named struct {
	reactortest.AccumulatingProtocol
}

func (*named) LogPrefix() string { return "a special one" }

// counting counts its starts and stops.
type counting struct {
	factories.ClientFactory
	starts, stops int
	build         func() reactor.Protocol
}

func (c *counting) StartFactory()                                  { c.starts++ }
func (c *counting) StopFactory()                                   { c.stops++ }
func (c *counting) BuildProtocol(reactor.Address) reactor.Protocol { return c.build() }

// TestWrappingFactory is twisted/internet/test/test_endpoints.py's
// WrappingFactoryTests, and EP2 to EP4: what stands between a connection and
// the application's factory and protocol.
func TestWrappingFactory(t *testing.T) {
	connect := func(factory reactor.Factory) (*reactortest.MemoryReactor, *result[reactor.Protocol]) {
		var r reactortest.MemoryReactor
		return &r, watch(endpoints.TCP4ClientEndpoint{Reactor: &r, Host: "10.0.0.9", Port: 8}.Connect(factory))
	}

	t.Run("starts and stops the factory inside", func(t *testing.T) {
		inside := &counting{}
		r, _ := connect(inside)
		f := lastClient(t, r, 1).Factory
		f.DoStart(f)
		wantSame(t, "the count of starts", inside.starts, 1)
		f.DoStop(f)
		wantSame(t, "the count of stops", inside.stops, 1)
	})
	t.Run("fires after ConnectionMade, with the protocol inside", func(t *testing.T) {
		var connected *result[reactor.Protocol]
		p := &reactortest.AccumulatingProtocol{ProtocolConnectionMade: deferred.New[*reactortest.AccumulatingProtocol](nil)}
		p.ProtocolConnectionMade.AddCallback(func(p *reactortest.AccumulatingProtocol) (*reactortest.AccumulatingProtocol, error) {
			connected.wantNothing(t)
			return p, nil
		})
		r, connected := connect(&counting{build: func() reactor.Protocol { return p }})
		_, transport := grant(lastClient(t, r, 1))
		connected.want(t, nil)
		wantSame[reactor.Protocol](t, "the protocol", connected.value, p)
		wantSame(t, "the count of ConnectionMade", p.Made, 1)
		wantSame[reactor.Transport](t, "the transport", p.Transport, transport)
	})
	t.Run("passes on data, what becomes of it, and the end", func(t *testing.T) {
		factory, p := accumulating()
		r, _ := connect(factory)
		wrapped, _ := grant(lastClient(t, r, 1))
		if err := wrapped.DataReceived(wrapped, []byte("hello")); err != nil {
			t.Fatal(err)
		}
		wrapped.ConnectionLost(errBroken)
		wantSame(t, "the data", string(p.Data), "hello")
		wantSame(t, "the reason", p.ClosedReason, errBroken)
		c := r.TCPClients[0]
		c.Factory.ClientConnectionLost(c.Connector, errBroken) // tells nobody, and breaks nothing
		wantSame(t, "the count of ConnectionLost", p.Closed, 1)
	})
	t.Run("is as ready for half a connection as the protocol inside", func(t *testing.T) {
		h := &halfCloser{}
		r, _ := connect(&counting{build: func() reactor.Protocol { return h }})
		wrapped, _ := grant(lastClient(t, r, 1))
		half, ok := wrapped.(reactor.HalfCloseableProtocol)
		if !ok {
			t.Fatal("not ready, though the protocol inside is")
		}
		half.ReadConnectionLost()
		half.WriteConnectionLost()
		wantSame(t, "the count of ReadConnectionLost", h.readLost, 1)
		wantSame(t, "the count of WriteConnectionLost", h.writeLost, 1)

		factory, _ := accumulating()
		r, _ = connect(factory)
		wrapped, _ = grant(lastClient(t, r, 1))
		if _, ok := wrapped.(reactor.HalfCloseableProtocol); ok {
			t.Error("ready, though the protocol inside is not")
		}
	})
	t.Run("speaks in the log as the one inside", func(t *testing.T) {
		for _, test := range []struct {
			inside reactor.Protocol
			prefix string
		}{
			{&named{}, "a special one"},
			{&reactortest.AccumulatingProtocol{}, "AccumulatingProtocol"},
		} {
			r, _ := connect(&counting{build: func() reactor.Protocol { return test.inside }})
			c := lastClient(t, r, 1)
			wrapped, _ := grant(c)
			wantSame(t, "the protocol's prefix", wrapped.(reactor.LoggingContext).LogPrefix(), test.prefix)
			wantSame(t, "the factory's prefix", c.Factory.(reactor.LoggingContext).LogPrefix(), "counting")
		}
	})
	t.Run("a panic in BuildProtocol fails the Deferred", func(t *testing.T) {
		r, connected := connect(&counting{build: func() reactor.Protocol { panic(errBroken) }})
		c := lastClient(t, r, 1)
		if p := c.Factory.BuildProtocol(c.Connector.GetDestination()); p != nil {
			t.Errorf("built %v", p)
		}
		connected.want(t, errBroken)
	})
	t.Run("no protocol fails the Deferred", func(t *testing.T) {
		r, connected := connect(&counting{build: func() reactor.Protocol { return nil }})
		c := lastClient(t, r, 1)
		c.Factory.BuildProtocol(c.Connector.GetDestination())
		connected.want(t, endpoints.ErrNoProtocol)
	})
	t.Run("cancelled by ConnectionMade, the connection is lost", func(t *testing.T) {
		made := deferred.New[*reactortest.AccumulatingProtocol](nil)
		p := &reactortest.AccumulatingProtocol{ProtocolConnectionMade: made}
		var r reactortest.MemoryReactor
		d := endpoints.TCP4ClientEndpoint{Reactor: &r, Host: "10.0.0.9", Port: 8}.
			Connect(&counting{build: func() reactor.Protocol { return p }})
		connected := watch(d)
		made.AddCallback(func(p *reactortest.AccumulatingProtocol) (*reactortest.AccumulatingProtocol, error) {
			d.Cancel()
			return p, nil
		})
		c := lastClient(t, &r, 1)
		grant(c)
		connected.wantCancelled(t, reactor.IPv4Address{Host: "10.0.0.9", Port: 8})
		wantSame(t, "the count of Disconnect", c.Connector.Disconnects, 1)
	})
}

// TestConnectingOnAReactor is the same with connections.
func TestConnectingOnAReactor(t *testing.T) {
	const port = 7000
	// play runs a server, and a client's attempt to connect to it.
	play := func(t *testing.T, server, client reactor.Factory, then func(r reactor.Reactor, d *deferred.Deferred[reactor.Protocol])) {
		t.Helper()
		n := reactortest.NewNetwork(reactortest.Options{})
		r := n.Reactor("r")
		r.CallWhenRunning(func() {
			endpoints.TCP4ServerEndpoint{Reactor: r, Port: port}.Listen(server)
			then(r, endpoints.TCP4ClientEndpoint{Reactor: r, Host: "localhost", Port: port}.Connect(client))
		})
		n.Advance(60 * second)
	}
	t.Run("data goes both ways and the end is told to the protocol", func(t *testing.T) {
		serving, server := accumulating()
		connecting, client := accumulating()
		var connected *result[reactor.Protocol]
		play(t, serving, connecting, func(r reactor.Reactor, d *deferred.Deferred[reactor.Protocol]) {
			d.AddCallback(func(p reactor.Protocol) (reactor.Protocol, error) {
				client.Transport.Write([]byte("to the server"))
				r.CallLater(second, func() { server.Transport.Write([]byte("to the client")); server.Transport.LoseConnection() })
				return p, nil
			})
			connected = watch(d)
		})
		connected.want(t, nil)
		wantSame(t, "what the server has read", string(server.Data), "to the server")
		wantSame(t, "what the client has read", string(client.Data), "to the client")
		wantSame(t, "the reason is a clean end", errors.Is(client.ClosedReason, reactor.ErrConnectionDone), true)
		wantSame(t, "the factory's users", connecting.NumPorts, 0)
	})
	t.Run("nobody listens", func(t *testing.T) {
		n := reactortest.NewNetwork(reactortest.Options{})
		r := n.Reactor("r")
		factory, _ := accumulating()
		connected := watch(endpoints.TCP4ClientEndpoint{Reactor: r, Host: "127.0.0.1", Port: 1}.Connect(factory))
		n.Advance(60 * second)
		connected.want(t, reactor.ErrConnectionRefused)
	})
	t.Run("cancelled on the way, there is one result and no connection", func(t *testing.T) {
		serving, _ := accumulating()
		connecting, client := accumulating()
		var connected *result[reactor.Protocol]
		play(t, serving, connecting, func(_ reactor.Reactor, d *deferred.Deferred[reactor.Protocol]) {
			connected = watch(d)
			d.Cancel()
		})
		connected.wantCancelled(t, reactor.IPv4Address{Host: "localhost", Port: port})
		wantSame(t, "the count of ConnectionMade", client.Made, 0)
		wantSame(t, "the factory's users", connecting.NumPorts, 0)
	})
	t.Run("a panic in ConnectionMade fails the Deferred", func(t *testing.T) {
		serving, _ := accumulating()
		var connected *result[reactor.Protocol]
		play(t, serving, factories.ForProtocol(func(reactor.Address) reactor.Protocol { return &panicking{} }),
			func(_ reactor.Reactor, d *deferred.Deferred[reactor.Protocol]) { connected = watch(d) })
		connected.want(t, errBroken)
	})
}

// panicking has no use for a connection.
type panicking struct {
	reactortest.AccumulatingProtocol
}

func (*panicking) ConnectionMade() { panic(errBroken) }
