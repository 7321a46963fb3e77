package factories_test

import (
	"testing"

	"proxyherd/factories"
	"proxyherd/protocols"
	"proxyherd/reactor"
)

var (
	_ reactor.Factory       = (*phasedFactory)(nil)
	_ reactor.ClientFactory = (*factories.ProtocolFactory)(nil)
	_ reactor.ClientFactory = (*reconnecting)(nil)
)

// phasedFactory notes its phases.
type phasedFactory struct {
	factories.ServerFactory
	phases []string
	broken bool
}

func (f *phasedFactory) BuildProtocol(reactor.Address) reactor.Protocol {
	return &protocols.Protocol{}
}

func (f *phasedFactory) StartFactory() {
	if f.broken {
		panic("cannot start")
	}
	f.phases = append(f.phases, "start")
}

func (f *phasedFactory) StopFactory() { f.phases = append(f.phases, "stop") }

// plainFactory has no hooks.
type plainFactory struct{ factories.ServerFactory }

func (*plainFactory) BuildProtocol(reactor.Address) reactor.Protocol { return nil }

type namedFactory struct{ plainFactory }

func (*namedFactory) LogPrefix() string { return "my name" }

func TestFactory(t *testing.T) {
	t.Run("begins unused and silent", func(t *testing.T) { // F2
		var f factories.Factory
		if f.NumPorts != 0 || f.Log != nil {
			t.Fatalf("%d ports, log %v", f.NumPorts, f.Log)
		}
	})
	t.Run("hooks run on the first start and the last stop", func(t *testing.T) { // F3, F4, F5
		f, log := &phasedFactory{}, &memoryLog{}
		f.Log = log
		f.DoStart(f)
		f.DoStart(f)
		same(t, "phases", f.phases, "start")
		f.DoStop(f)
		if f.NumPorts != 1 {
			t.Fatalf("%d ports", f.NumPorts)
		}
		same(t, "phases", f.phases, "start")
		f.DoStop(f)
		f.DoStop(f) // one too many does nothing
		f.DoStart(f)
		same(t, "phases", f.phases, "start", "stop", "start")
		same(t, "log", log.lines,
			"phasedFactory: Starting factory phasedFactory",
			"phasedFactory: Stopping factory phasedFactory",
			"phasedFactory: Starting factory phasedFactory")
	})
	t.Run("a start that panics has not happened", func(t *testing.T) { // F3
		f := &phasedFactory{broken: true}
		mustPanic(t, func() { f.DoStart(f) })
		if f.NumPorts != 0 {
			t.Fatalf("%d ports", f.NumPorts)
		}
	})
	t.Run("hooks and log may be missing", func(t *testing.T) { // F2, F3
		f := &plainFactory{}
		f.DoStart(f)
		f.DoStop(f)
		if f.NumPorts != 0 {
			t.Fatalf("%d ports", f.NumPorts)
		}
	})
	t.Run("its log prefix is its type's name, or what it says", func(t *testing.T) { // F8
		if got := protocols.LogPrefix(&plainFactory{}); got != "plainFactory" {
			t.Fatalf("LogPrefix = %q", got)
		}
		if got := protocols.LogPrefix(&namedFactory{}); got != "my name" {
			t.Fatalf("LogPrefix = %q", got)
		}
	})
}

func TestForProtocol(t *testing.T) {
	t.Run("builds with the function, which knows its server", func(t *testing.T) { // F1, F6
		var asked []reactor.Address
		var f *factories.ProtocolFactory
		f = factories.ForProtocol(func(addr reactor.Address) reactor.Protocol {
			asked = append(asked, addr)
			return &inner{factory: f}
		})
		p, ok := f.BuildProtocol(anyAddress).(*inner)
		if !ok || p.factory != reactor.Factory(f) {
			t.Fatalf("built %#v", p)
		}
		same(t, "addresses", asked, reactor.Address(anyAddress))
		if f.BuildProtocol(anyAddress) == reactor.Protocol(p) {
			t.Fatal("the same protocol for two connections")
		}
	})
	t.Run("makes a factory for ports and connectors alike", func(t *testing.T) {
		f := factories.ForProtocol(func(reactor.Address) reactor.Protocol { return &inner{} })
		if _, ok := any(f).(reactor.ClientFactory); !ok || f.Protocol == nil || f.NumPorts != 0 {
			t.Fatalf("made %#v", f)
		}
	})
	t.Run("nil refuses the connection", func(t *testing.T) { // F6
		f := factories.ForProtocol(func(reactor.Address) reactor.Protocol { return nil })
		if p := f.BuildProtocol(anyAddress); p != nil {
			t.Fatalf("built %v", p)
		}
	})
	t.Run("the hooks of a client do nothing", func(t *testing.T) { // F7
		f := factories.ForProtocol(func(reactor.Address) reactor.Protocol { return nil })
		c := fakeConnector()
		f.StartedConnecting(c)
		f.ClientConnectionFailed(c, errAny)
		f.ClientConnectionLost(c, errAny)
		if c.Connects+c.Stops+c.Disconnects != 0 || f.NumPorts != 0 {
			t.Fatalf("connector %+v", c)
		}
	})
}
