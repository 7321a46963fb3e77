package factories_test

import (
	"testing"

	"proxyherd/factories"
	"proxyherd/protocols"
	"proxyherd/reactor"
	"proxyherd/reactor/reactortest"
)

func TestLimitTotalConnections(t *testing.T) {
	t.Run("counts from building to the loss", func(t *testing.T) { // LT1, LT2
		in := &innerFactory{}
		f := &factories.LimitTotalConnectionsFactory{Protocol: in.BuildProtocol}
		p := f.BuildProtocol(anyAddress)
		counted := f.ConnectionCount
		transport := &reactortest.StringTransportWithDisconnection{Protocol: p}
		p.MakeConnection(p, transport)
		if counted != 1 || f.ConnectionCount != 1 {
			t.Fatalf("%d built, %d connected", counted, f.ConnectionCount)
		}
		transport.LoseConnection()
		if f.ConnectionCount != 0 {
			t.Fatalf("%d after the loss", f.ConnectionCount)
		}
		in.expect(t, "made", "lost: "+reactor.ErrConnectionDone.Error())
	})
	t.Run("refuses over the limit until one is lost", func(t *testing.T) { // LT2
		in := &innerFactory{}
		f := &factories.LimitTotalConnectionsFactory{Protocol: in.BuildProtocol, ConnectionLimit: 1}
		_, transport := connect(t, f)
		if p := f.BuildProtocol(anyAddress); p != nil || f.ConnectionCount != 1 {
			t.Fatalf("built %v, %d counted", p, f.ConnectionCount)
		}
		transport.LoseConnection()
		connect(t, f)
	})
	t.Run("has an overflow protocol that counts too", func(t *testing.T) { // LT2
		in, over := &innerFactory{}, &innerFactory{}
		f := &factories.LimitTotalConnectionsFactory{Protocol: in.BuildProtocol, OverflowProtocol: over.BuildProtocol, ConnectionLimit: 1}
		_, first := connect(t, f)
		_, second := connect(t, f)
		if f.ConnectionCount != 2 || len(over.built) != 1 {
			t.Fatalf("%d counted, %d overflowed", f.ConnectionCount, len(over.built))
		}
		first.LoseConnection()
		connect(t, f) // the overflow protocol still holds the one place
		if len(over.built) != 2 {
			t.Fatalf("%d overflowed", len(over.built))
		}
		second.LoseConnection()
		if f.ConnectionCount != 1 {
			t.Fatalf("%d counted", f.ConnectionCount)
		}
	})
	t.Run("has no limit by default", func(t *testing.T) { // LT1
		in := &innerFactory{}
		f := &factories.LimitTotalConnectionsFactory{Protocol: in.BuildProtocol}
		for range 100 {
			connect(t, f)
		}
		if f.ConnectionCount != 100 {
			t.Fatalf("%d counted", f.ConnectionCount)
		}
	})
}

func TestLimitConnectionsByPeer(t *testing.T) { // PL1
	in := &innerFactory{}
	f := &factories.LimitConnectionsByPeer{WrappingFactory: factories.WrappingFactory{WrappedFactory: in}}
	from := func(host string, port int) reactor.Protocol {
		return f.BuildProtocol(reactor.IPv4Address{Host: host, Port: port})
	}
	var transports []*reactortest.StringTransportWithDisconnection
	for port := range factories.DefaultMaxConnectionsPerPeer {
		p := from("10.0.0.1", port)
		if p == nil {
			t.Fatalf("connection %d refused", port)
		}
		transport := &reactortest.StringTransportWithDisconnection{Protocol: p}
		p.MakeConnection(p, transport)
		transports = append(transports, transport)
	}
	if from("10.0.0.1", 9) != nil {
		t.Fatal("one too many")
	}
	if from("10.0.0.2", 9) == nil {
		t.Fatal("another host was refused")
	}
	transports[0].LoseConnection()
	if len(f.Protocols()) != 4 {
		t.Fatalf("%d wrappers live", len(f.Protocols()))
	}
	if from("10.0.0.1", 9) == nil {
		t.Fatal("refused though a place is free")
	}
	f.MaxConnectionsPerPeer = 1
	if from("10.0.0.3", 1) == nil || from("10.0.0.3", 2) != nil {
		t.Fatal("a limit of one is not one")
	}
	p := f.BuildProtocol(reactor.IPv4Address{Host: "10.0.0.4"})
	for range 3 { // a host that comes and goes is counted anew each time
		transport := &reactortest.StringTransportWithDisconnection{Protocol: p}
		p.MakeConnection(p, transport)
		transport.LoseConnection()
		if p = from("10.0.0.4", 1); p == nil {
			t.Fatal("refused though the host has no connection")
		}
	}
}

// TestLimitOnAReactor has a third connection over a limit of two, and one more
// when a place is free again.
func TestLimitOnAReactor(t *testing.T) { // TH2
	network := reactortest.NewNetwork(reactortest.Options{})
	server, client := network.Reactor("server"), network.Reactor("client")
	log := &memoryLog{}
	in := &innerFactory{}
	f := &factories.ThrottlingFactory{WrappingFactory: factories.WrappingFactory{WrappedFactory: in}, MaxConnectionCount: 2}
	f.Log = log
	if _, err := server.ListenTCP(80, f, 0, "127.0.0.1"); err != nil {
		t.Fatal(err)
	}
	dial := func() *ending {
		e := &ending{}
		client.ConnectTCP("127.0.0.1", 80, factories.ForProtocol(func(reactor.Address) reactor.Protocol { return e }), 0, nil)
		network.Advance(0)
		return e
	}
	first, second, third := dial(), dial(), dial()
	if first.lost || second.lost || !third.lost || f.ConnectionCount != 2 {
		t.Fatalf("lost %v, %v, %v; %d counted", first.lost, second.lost, third.lost, f.ConnectionCount)
	}
	same(t, "log", log.lines[1:], "innerFactory (ThrottlingFactory): Max connection count reached!")
	first.Transport.LoseConnection()
	network.Advance(0)
	if fourth := dial(); fourth.lost || f.ConnectionCount != 2 {
		t.Fatalf("lost %v; %d counted", fourth.lost, f.ConnectionCount)
	}
}

// ending notes that its connection was lost.
type ending struct {
	protocols.Protocol
	lost bool
}

func (e *ending) ConnectionLost(error) { e.lost = true }
