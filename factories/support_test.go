package factories_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"proxyherd/protocols"
	"proxyherd/reactor"
	"proxyherd/reactor/reactortest"
)

var errAny = errors.New("the reason")

var anyAddress = reactor.IPv4Address{Host: "192.168.1.1", Port: 54321}

// memoryLog keeps what is logged.
type memoryLog struct{ lines []string }

func (l *memoryLog) Msg(prefix, message string) {
	l.lines = append(l.lines, prefix+": "+message)
}

func (l *memoryLog) Err(prefix string, err error, why string) {
	l.lines = append(l.lines, fmt.Sprintf("%s: %s: %v", prefix, why, err))
}

// same fails unless got is want.
func same[T comparable](t *testing.T, what string, got []T, want ...T) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Fatalf("%s:\n got %v\nwant %v", what, got, want)
	}
}

// mustPanic is what f panics with, as text.
func mustPanic(t *testing.T, f func()) (text string) {
	t.Helper()
	defer func() {
		t.Helper()
		p := recover()
		if p == nil {
			t.Fatal("did not panic")
		}
		text = fmt.Sprint(p)
	}()
	f()
	return ""
}

// inner is the protocol inside the wrappers: it notes what it is told.
type inner struct {
	protocols.Protocol
	factory  reactor.Factory
	events   *[]string
	received func(data []byte) error
}

func (p *inner) note(format string, args ...any) {
	if p.events != nil {
		*p.events = append(*p.events, fmt.Sprintf(format, args...))
	}
}

func (p *inner) ConnectionMade() { p.note("made") }

func (p *inner) DataReceived(_ reactor.Protocol, data []byte) error {
	p.note("received %s", data)
	if p.received == nil {
		return nil
	}
	return p.received(data)
}

func (p *inner) ConnectionLost(reason error) { p.note("lost: %v", reason) }

// innerFactory makes them and notes what it is told too.
type innerFactory struct {
	events []string
	built  []*inner
	refuse bool
}

func (f *innerFactory) note(format string, args ...any) {
	f.events = append(f.events, fmt.Sprintf(format, args...))
}

func (f *innerFactory) BuildProtocol(reactor.Address) reactor.Protocol {
	if f.refuse {
		return nil
	}
	p := &inner{factory: f, events: &f.events}
	f.built = append(f.built, p)
	return p
}

func (f *innerFactory) DoStart(reactor.Factory) { f.note("start") }
func (f *innerFactory) DoStop(reactor.Factory)  { f.note("stop") }

func (f *innerFactory) StartedConnecting(c reactor.Connector) {
	f.note("connecting %v", c.GetDestination())
}

func (f *innerFactory) ClientConnectionFailed(c reactor.Connector, reason error) {
	f.note("failed %v: %v", c.GetDestination(), reason)
}

func (f *innerFactory) ClientConnectionLost(c reactor.Connector, reason error) {
	f.note("lost %v: %v", c.GetDestination(), reason)
}

// expect fails unless exactly these events have come since the last time.
func (f *innerFactory) expect(t *testing.T, want ...string) {
	t.Helper()
	same(t, "events", f.events, want...)
	f.events = nil
}

// connect builds a protocol and gives it a transport in memory, on which
// LoseConnection ends the connection at once.
func connect(t *testing.T, f reactor.Factory) (reactor.Protocol, *reactortest.StringTransportWithDisconnection) {
	t.Helper()
	p := f.BuildProtocol(anyAddress)
	if p == nil {
		t.Fatal("refused")
	}
	transport := &reactortest.StringTransportWithDisconnection{Protocol: p}
	p.MakeConnection(p, transport)
	return p, transport
}

// fakeConnector has a destination to be told from others by.
func fakeConnector() *reactortest.FakeConnector {
	return &reactortest.FakeConnector{Destination: anyAddress}
}
