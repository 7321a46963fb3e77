package factories_test

import (
	"errors"
	"testing"

	"proxyherd/factories"
	"proxyherd/protocols"
	"proxyherd/reactor"
	"proxyherd/reactor/reactortest"
)

// A wrapper is a protocol to the one side and a transport to the other.
var (
	_ reactor.Protocol  = (*factories.ProtocolWrapper)(nil)
	_ reactor.Transport = (*factories.ProtocolWrapper)(nil)
)

// wrapped makes a WrappingFactory around an innerFactory.
func wrapped() (*factories.WrappingFactory, *innerFactory) {
	in := &innerFactory{}
	return &factories.WrappingFactory{WrappedFactory: in}, in
}

func TestWrappingFactory(t *testing.T) {
	t.Run("starts and stops the factory inside first", func(t *testing.T) { // WF1
		in := &innerFactory{}
		out := &tellingWrapper{WrappingFactory: factories.WrappingFactory{WrappedFactory: in}}
		out.DoStart(out)
		out.DoStop(out)
		in.expect(t, "start", "outer start", "stop", "outer stop")
	})
	t.Run("wraps what the factory inside builds", func(t *testing.T) { // WF3
		f, in := wrapped()
		wrapper := f.BuildProtocol(anyAddress).(*factories.ProtocolWrapper)
		if wrapper.WrappedProtocol != reactor.Protocol(in.built[0]) || in.built[0].factory != reactor.Factory(in) {
			t.Fatalf("wraps %v", wrapper.WrappedProtocol)
		}
	})
	t.Run("refuses where the factory inside refuses", func(t *testing.T) { // WF2
		in := &innerFactory{refuse: true}
		wrapping := factories.WrappingFactory{WrappedFactory: in}
		for name, f := range map[string]reactor.Factory{
			"WrappingFactory":        &wrapping,
			"ThrottlingFactory":      &factories.ThrottlingFactory{WrappingFactory: factories.WrappingFactory{WrappedFactory: in}},
			"LimitConnectionsByPeer": &factories.LimitConnectionsByPeer{WrappingFactory: factories.WrappingFactory{WrappedFactory: in}},
			"TimeoutFactory":         &factories.TimeoutFactory{WrappingFactory: factories.WrappingFactory{WrappedFactory: in}},
			"SpewingFactory":         &factories.SpewingFactory{WrappingFactory: factories.WrappingFactory{WrappedFactory: in}},
			"TrafficLoggingFactory":  &factories.TrafficLoggingFactory{WrappingFactory: factories.WrappingFactory{WrappedFactory: in}},
			"LimitTotalConnections":  &factories.LimitTotalConnectionsFactory{Protocol: in.BuildProtocol},
		} {
			if p := f.BuildProtocol(anyAddress); p != nil {
				t.Errorf("%s built %v", name, p)
			}
		}
	})
	t.Run("lists the live wrappers in the order of their connections", func(t *testing.T) { // WF3
		f, _ := wrapped()
		a, _ := connect(t, f)
		b, bTransport := connect(t, f)
		c, _ := connect(t, f)
		same(t, "protocols", f.Protocols(), a, b, c)
		bTransport.LoseConnection()
		same(t, "protocols", f.Protocols(), a, c)
		d, _ := connect(t, f)
		same(t, "protocols", f.Protocols(), a, c, d)
	})
	for _, hook := range []struct { // WF4
		name string
		call func(f *factories.WrappingFactory, c reactor.Connector)
		want string
	}{
		{"tells the factory inside that it is connecting", func(f *factories.WrappingFactory, c reactor.Connector) { f.StartedConnecting(c) },
			"connecting 192.168.1.1:54321"},
		{"tells the factory inside that it could not connect", func(f *factories.WrappingFactory, c reactor.Connector) { f.ClientConnectionFailed(c, errAny) },
			"failed 192.168.1.1:54321: the reason"},
		{"tells the factory inside that the connection was lost", func(f *factories.WrappingFactory, c reactor.Connector) { f.ClientConnectionLost(c, errAny) },
			"lost 192.168.1.1:54321: the reason"},
	} {
		t.Run(hook.name, func(t *testing.T) {
			f, in := wrapped()
			hook.call(f, fakeConnector())
			in.expect(t, hook.want)
		})
	}
	t.Run("has no client to tell around a server's factory", func(t *testing.T) { // WF4
		f := &factories.WrappingFactory{WrappedFactory: &plainFactory{}}
		c := fakeConnector()
		f.StartedConnecting(c)
		f.ClientConnectionFailed(c, errAny)
		f.ClientConnectionLost(c, errAny)
		if c.Connects+c.Stops+c.Disconnects != 0 {
			t.Fatalf("connector %+v", c)
		}
	})
}

// tellingWrapper notes when it starts and stops, with the factory inside.
type tellingWrapper struct{ factories.WrappingFactory }

func (f *tellingWrapper) StartFactory() { f.WrappedFactory.(*innerFactory).note("outer start") }
func (f *tellingWrapper) StopFactory()  { f.WrappedFactory.(*innerFactory).note("outer stop") }

func TestProtocolWrapper(t *testing.T) {
	t.Run("registers, connects the protocol inside, and passes data on", func(t *testing.T) { // PW1, PW4
		f, in := wrapped()
		p, transport := connect(t, f)
		if got := in.built[0].Transport.GetPeer(); got != transport.GetPeer() {
			t.Fatalf("the protocol inside has peer %v", got)
		}
		if err := p.DataReceived(p, []byte("bytes")); err != nil {
			t.Fatal(err)
		}
		in.expect(t, "made", "received bytes")
	})
	t.Run("an error of the protocol inside comes out", func(t *testing.T) { // PW4
		f, in := wrapped()
		p, _ := connect(t, f)
		in.built[0].received = func([]byte) error { return errAny }
		if err := p.DataReceived(p, nil); !errors.Is(err, errAny) {
			t.Fatalf("DataReceived = %v", err)
		}
	})
	t.Run("is unregistered before the protocol inside hears of the loss", func(t *testing.T) { // PW4
		f, in := wrapped()
		_, transport := connect(t, f)
		in.events = nil
		in.built[0].factory = nil
		registered := -1
		p := &watching{inner: in.built[0], lost: func() { registered = len(f.Protocols()) }}
		transport.Protocol.(*factories.ProtocolWrapper).WrappedProtocol = p
		transport.LoseConnection()
		if registered != 0 {
			t.Fatalf("%d registered", registered)
		}
		in.expect(t, "lost: "+reactor.ErrConnectionDone.Error())
	})
	t.Run("sets disconnecting, and so stops a LineReceiver inside", func(t *testing.T) { // PW3
		s := &oneLine{}
		f := &factories.WrappingFactory{WrappedFactory: factories.ForProtocol(func(reactor.Address) reactor.Protocol { return s })}
		p := f.BuildProtocol(anyAddress)
		p.MakeConnection(p, &silent{})
		if err := p.DataReceived(p, []byte("a\r\nb\r\n")); err != nil {
			t.Fatal(err)
		}
		if s.lines != 1 {
			t.Fatalf("%d lines", s.lines)
		}
	})
	t.Run("sees that the real transport disconnects", func(t *testing.T) { // PW3
		f, in := wrapped()
		p := f.BuildProtocol(anyAddress)
		transport := &reactortest.StringTransport{}
		p.MakeConnection(p, transport)
		before := in.built[0].Transport.Disconnecting()
		transport.LoseConnection()
		if before || !in.built[0].Transport.Disconnecting() {
			t.Fatalf("before %v, after %v", before, in.built[0].Transport.Disconnecting())
		}
	})
}

// watching calls lost when the connection is.
type watching struct {
	*inner
	lost func()
}

func (w *watching) ConnectionLost(reason error) {
	w.lost()
	w.inner.ConnectionLost(reason)
}

// oneLine has enough after one line.
type oneLine struct {
	protocols.LineReceiver
	lines int
}

func (o *oneLine) LineReceived([]byte) error {
	o.lines++
	o.Transport.LoseConnection()
	return nil
}

// silent is a transport that does not tell that it is disconnecting.
type silent struct{ reactortest.StringTransport }

func (*silent) LoseConnection() {}

func TestProtocolWrapperForwards(t *testing.T) { // PW2
	f, in := wrapped()
	p := f.BuildProtocol(anyAddress)
	transport := &reactortest.StringTransport{HostAddress: reactor.IPv4Address{Host: "10.1.1.1", Port: 1}, PeerAddress: reactor.IPv4Address{Host: "10.1.1.2", Port: 2}}
	p.MakeConnection(p, transport)
	inside := in.built[0].Transport

	t.Run("GetHost", func(t *testing.T) {
		if got := inside.GetHost(); got != transport.HostAddress {
			t.Fatalf("GetHost = %v", got)
		}
	})
	t.Run("GetPeer", func(t *testing.T) {
		if got := inside.GetPeer(); got != transport.PeerAddress {
			t.Fatalf("GetPeer = %v", got)
		}
	})
	t.Run("Write and WriteSequence", func(t *testing.T) {
		inside.Write([]byte("a"))
		inside.WriteSequence([][]byte{[]byte("b"), []byte("c")})
		if got := transport.Value(); got != "abc" {
			t.Fatalf("wrote %q", got)
		}
	})
	producer := &protocols.FileSender{}
	t.Run("RegisterProducer", func(t *testing.T) {
		if err := inside.RegisterProducer(producer, true); err != nil || transport.Producer != reactor.Producer(producer) || !transport.Streaming {
			t.Fatalf("RegisterProducer = %v, producer %v, streaming %v", err, transport.Producer, transport.Streaming)
		}
	})
	t.Run("UnregisterProducer", func(t *testing.T) {
		inside.UnregisterProducer()
		if transport.Producer != nil {
			t.Fatalf("producer %v", transport.Producer)
		}
	})
	t.Run("producing", func(t *testing.T) {
		inside.PauseProducing()
		paused := transport.ProducerState
		inside.ResumeProducing()
		if paused != reactortest.Paused || transport.ProducerState != reactortest.Producing {
			t.Fatalf("%v, then %v", paused, transport.ProducerState)
		}
	})
	t.Run("what a TCP transport has besides", func(t *testing.T) {
		tcp, ok := inside.(reactor.TCPTransport)
		if !ok {
			t.Fatal("the protocol inside sees no TCP transport")
		}
		tcp.SetFlushOrder(reactor.FlushFirst)
		tcp.LoseWriteConnection()
		if err := tcp.SetTcpNoDelay(true); err != nil {
			t.Fatal(err)
		}
		if on, err := tcp.GetTcpNoDelay(); err != nil || !on || !transport.WriteLost || transport.FlushOrder != reactor.FlushFirst {
			t.Fatalf("no delay %v, %v; write lost %v; order %v", on, err, transport.WriteLost, transport.FlushOrder)
		}
	})
	t.Run("AbortConnection", func(t *testing.T) {
		inside.AbortConnection()
		if !transport.Aborted {
			t.Fatal("not aborted")
		}
	})
	t.Run("what ends consuming", func(t *testing.T) { // Twisted's stopConsuming
		if err := inside.RegisterProducer(producer, false); err != nil {
			t.Fatal(err)
		}
		inside.UnregisterProducer()
		inside.LoseConnection()
		if transport.Producer != nil || !transport.Disconnecting() {
			t.Fatalf("producer %v, disconnecting %v", transport.Producer, transport.Disconnecting())
		}
	})
	t.Run("no more than the transport has", func(t *testing.T) {
		f, in := wrapped()
		p := f.BuildProtocol(anyAddress)
		p.MakeConnection(p, plainTransport{transport})
		if _, ok := in.built[0].Transport.(reactor.TCPTransport); ok {
			t.Fatal("a plain transport became a TCP transport")
		}
	})
}

// plainTransport hides what its transport has besides.
type plainTransport struct{ reactor.Transport }

func TestWrappedLogPrefix(t *testing.T) { // PW5
	named := factories.ForProtocol(func(reactor.Address) reactor.Protocol { return &speaker{} })
	throttled := &factories.ThrottlingFactory{WrappingFactory: factories.WrappingFactory{WrappedFactory: named}}
	throttled.DoStart(throttled)
	f, _ := wrapped()
	quiet, _ := connect(t, f)
	spoken, _ := connect(t, throttled)
	for _, c := range []struct {
		name    string
		wrapper any
		want    string
	}{
		{"a factory's by its type", f, "innerFactory (WrappingFactory)"},
		{"a factory's by its prefix", &factories.WrappingFactory{WrappedFactory: &namedFactory{}}, "my name (WrappingFactory)"},
		{"a policy's, once started", throttled, "ProtocolFactory (ThrottlingFactory)"},
		{"a protocol's by its type", quiet, "inner (ProtocolWrapper)"},
		{"a protocol's by its prefix", spoken, "speaker's prefix (ThrottlingProtocol)"},
		{"a protocol's before its connection", &factories.ProtocolWrapper{WrappedProtocol: &speaker{}}, "speaker's prefix (ProtocolWrapper)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := protocols.LogPrefix(c.wrapper); got != c.want {
				t.Fatalf("LogPrefix = %q, want %q", got, c.want)
			}
		})
	}
}

type speaker struct{ protocols.Protocol }

func (*speaker) LogPrefix() string { return "speaker's prefix" }
