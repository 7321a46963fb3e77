package protocols_test

import (
	"strings"
	"testing"

	"proxyherd/protocols"
	"proxyherd/reactor"
	"proxyherd/reactor/reactortest"
)

var _ reactor.Protocol = (*protocols.Protocol)(nil)

// greeter overrides what Protocol calls on the outer value.
type greeter struct {
	protocols.Protocol
	seen string
}

func (g *greeter) ConnectionMade() {
	g.seen += "made"
	if g.Connected && g.Transport != nil {
		g.seen += " with transport"
	}
}

// echo writes back what it receives, the first protocol of every book.
type echo struct{ protocols.Protocol }

func (e *echo) DataReceived(_ reactor.Protocol, data []byte) error {
	e.Transport.Write(data)
	return nil
}

type named struct{ protocols.Protocol }

func (*named) LogPrefix() string { return "my name" }

func TestProtocol(t *testing.T) {
	t.Run("has no connection before one is made", func(t *testing.T) { // BP1
		var p protocols.Protocol
		if p.Connected || p.Transport != nil {
			t.Fatalf("Connected %v, Transport %v", p.Connected, p.Transport)
		}
	})
	t.Run("keeps the transport and then tells the outer value", func(t *testing.T) { // BP2
		g := &greeter{}
		transport := &reactortest.StringTransport{}
		g.MakeConnection(g, transport)
		if g.Transport != transport || g.seen != "made with transport" {
			t.Fatalf("Transport %v, seen %q", g.Transport, g.seen)
		}
	})
	t.Run("keeps transport and Connected after the loss", func(t *testing.T) { // BP3
		g := &greeter{}
		connect(g)
		g.ConnectionLost(reactor.ErrConnectionDone)
		if !g.Connected || g.Transport == nil {
			t.Fatalf("Connected %v, Transport %v", g.Connected, g.Transport)
		}
	})
	t.Run("does nothing in its callbacks", func(t *testing.T) { // BP4
		p := &protocols.Protocol{}
		transport := connect(p)
		feed(t, p, "anything")
		p.ConnectionLost(reactor.ErrConnectionLost)
		if transport.Value() != "" || transport.Disconnecting() || transport.Aborted {
			t.Fatalf("wrote %q, disconnecting %v", transport.Value(), transport.Disconnecting())
		}
	})
	t.Run("gets any chunking", func(t *testing.T) { // BP6
		const data = "every cut"
		splits := everySplit(data, func(chunks []string) {
			e := &echo{}
			transport := connect(e)
			for _, chunk := range chunks {
				feed(t, e, chunk)
			}
			same(t, "chunks echoed", transport.writes, chunks...)
		})
		if splits != 256 {
			t.Fatalf("%d splits checked", splits)
		}
	})
	t.Run("echo writes back what it receives", func(t *testing.T) {
		e := &echo{}
		transport := connect(e)
		feed(t, e, "some bytes")
		feed(t, e, " and more")
		if transport.Value() != "some bytes and more" {
			t.Fatalf("echoed %q", transport.Value())
		}
	})
}

func TestLogPrefix(t *testing.T) { // BP4
	for _, c := range []struct {
		speaker any
		want    string
	}{
		{&greeter{}, "greeter"},
		{greeter{}, "greeter"},
		{&named{}, "my name"},
		{&protocols.LineReceiver{}, "LineReceiver"},
		{struct{}{}, "struct {}"},
		{nil, "nil"},
	} {
		if got := protocols.LogPrefix(c.speaker); got != c.want {
			t.Errorf("LogPrefix(%T) = %q, want %q", c.speaker, got, c.want)
		}
	}
}

// Each type here embeds a receiver and forgot what it must have.
type (
	noLine     struct{ protocols.LineReceiver }
	noOnlyLine struct{ protocols.LineOnlyReceiver }
	noString   struct{ protocols.NetstringReceiver }
	noInt8     struct{ protocols.Int8StringReceiver }
	noInt16    struct{ protocols.Int16StringReceiver }
	noInt32    struct{ protocols.Int32StringReceiver }
)

func TestMissingCallbackIsNamedAtOnce(t *testing.T) { // LR23
	for _, c := range []struct {
		forgetful    reactor.Protocol
		name, method string
	}{
		{&noLine{}, "noLine", "LineReceived(line []byte) error"},
		{&noOnlyLine{}, "noOnlyLine", "LineReceived(line []byte) error"},
		{&noString{}, "noString", "StringReceived(s []byte) error"},
		{&noInt8{}, "noInt8", "StringReceived(s []byte) error"},
		{&noInt16{}, "noInt16", "StringReceived(s []byte) error"},
		{&noInt32{}, "noInt32", "StringReceived(s []byte) error"},
	} {
		t.Run(c.name, func(t *testing.T) {
			said := mustPanic(t, func() { connect(c.forgetful) })
			if !strings.Contains(said, c.name) || !strings.Contains(said, c.method) {
				t.Fatalf("panicked with %q", said)
			}
			// A reactor that lives on after that panic must not deliver either.
			said = mustPanic(t, func() { _ = c.forgetful.DataReceived(c.forgetful, []byte("x\r\n")) })
			if !strings.Contains(said, c.method) {
				t.Fatalf("DataReceived panicked with %q", said)
			}
		})
	}
}
