package factories_test

import (
	"bytes"
	"testing"

	"proxyherd/factories"
	"proxyherd/protocols"
	"proxyherd/reactor"
	"proxyherd/reactor/reactortest"
)

// half is one side of a proxy: what comes in on its connection goes out on the
// other's (twisted/protocols/portforward.py Proxy). Each transport produces
// what the other consumes, so neither side is read faster than the other is
// written.
type half struct {
	protocols.Protocol
	other *half
}

func (h *half) DataReceived(_ reactor.Protocol, data []byte) error {
	h.other.Transport.Write(data)
	return nil
}

func (h *half) ConnectionLost(error) {
	if h.other != nil && h.other.Connected {
		h.other.Transport.LoseConnection()
	}
}

// front is the half that a client connects to. It reads nothing before the
// back half is there.
type front struct {
	half
	dial func(factory reactor.ClientFactory)
}

func (f *front) ConnectionMade() {
	f.Transport.PauseProducing()
	f.dial(factories.ForProtocol(func(reactor.Address) reactor.Protocol {
		b := &back{front: f}
		b.other, f.other = &f.half, &b.half
		return b
	}))
}

// back is the half that connects to the server.
type back struct {
	half
	front *front
}

func (b *back) ConnectionMade() {
	for _, pair := range [2][2]reactor.Transport{{b.Transport, b.front.Transport}, {b.front.Transport, b.Transport}} {
		if err := pair[0].RegisterProducer(pair[1], true); err != nil {
			panic(err)
		}
	}
	b.front.Transport.ResumeProducing()
}

func TestPortForwarding(t *testing.T) {
	t.Run("relays both ways", func(t *testing.T) {
		network := reactortest.NewNetwork(reactortest.Options{Seed: 1})
		server, proxy, client := network.Reactor("server"), network.Reactor("proxy"), network.Reactor("client")
		var echoing *echo
		listen(t, server, 1, func(reactor.Address) reactor.Protocol { echoing = &echo{}; return echoing })
		listen(t, proxy, 2, func(reactor.Address) reactor.Protocol {
			return &front{dial: func(f reactor.ClientFactory) { proxy.ConnectTCP("127.0.0.1", 1, f, 0, nil) }}
		})
		talking := &reactortest.AccumulatingProtocol{}
		client.ConnectTCP("127.0.0.1", 2, factories.ForProtocol(func(reactor.Address) reactor.Protocol { return talking }), 0, nil)
		network.Advance(0)
		sent := bytes.Repeat([]byte("0123456789"), 100_000) // far more than any buffer holds
		talking.Transport.Write(sent)
		network.Advance(0)
		if !bytes.Equal(talking.Data, sent) {
			t.Fatalf("%d of %d bytes came back", len(talking.Data), len(sent))
		}
		echoing.Transport.LoseConnection()
		network.Advance(0)
		if talking.Closed != 1 {
			t.Fatalf("the client lost its connection %d times", talking.Closed)
		}
	})
	t.Run("registers each half's transport with the other's", func(t *testing.T) {
		memory := &reactortest.MemoryReactor{}
		f := &front{dial: func(f reactor.ClientFactory) { memory.ConnectTCP("127.0.0.1", 1, f, 0, nil) }}
		outside, inside := &reactortest.StringTransport{}, &reactortest.StringTransport{}
		f.MakeConnection(f, outside)
		if outside.ProducerState != reactortest.Paused {
			t.Fatalf("the client's transport is %v before there is a server", outside.ProducerState)
		}
		b := memory.TCPClients[0].Factory.BuildProtocol(anyAddress)
		b.MakeConnection(b, inside)
		if outside.Producer != reactor.Producer(inside) || inside.Producer != reactor.Producer(outside) ||
			!outside.Streaming || !inside.Streaming || outside.ProducerState != reactortest.Producing {
			t.Fatalf("producers %v, %v; the client's transport is %v", outside.Producer, inside.Producer, outside.ProducerState)
		}
	})
}

// echo writes back what it receives.
type echo struct{ protocols.Protocol }

func (e *echo) DataReceived(_ reactor.Protocol, data []byte) error {
	e.Transport.Write(data)
	return nil
}

func listen(t *testing.T, r reactor.TCP, port int, build func(reactor.Address) reactor.Protocol) {
	t.Helper()
	if _, err := r.ListenTCP(port, factories.ForProtocol(build), 0, "127.0.0.1"); err != nil {
		t.Fatal(err)
	}
}
