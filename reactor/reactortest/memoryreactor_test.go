package reactortest

import (
	"errors"
	"testing"
	"time"

	"proxyherd/reactor"
	"proxyherd/reactor/deferred"
)

// TestMemoryReactor is twisted/test/test_stringtransport.py's ReactorTests.
func TestMemoryReactor(t *testing.T) { // PH4
	t.Run("notes what it should listen on", func(t *testing.T) {
		var r MemoryReactor
		f := casting(&actor{})
		f.start = func() { t.Error("the factory was started") }
		port, err := r.ListenTCP(12000, f, 10, "192.0.2.1")
		if err != nil {
			t.Fatal(err)
		}
		got := r.TCPServers[0]
		if len(r.TCPServers) != 1 || got.Port != 12000 || got.Factory != f || got.Backlog != 10 || got.Interface != "192.0.2.1" {
			t.Errorf("noted %+v", r.TCPServers)
		}
		if port != got.Listening || port.GetHost() != (reactor.IPv4Address{Host: "192.0.2.1", Port: 12000}) {
			t.Errorf("the port is at %v", port.GetHost())
		}
	})
	t.Run("a port listens everywhere by default", func(t *testing.T) {
		var r MemoryReactor
		port, _ := r.ListenTCP(12345, casting(&actor{}), 0, "")
		if want := (reactor.IPv4Address{Host: "0.0.0.0", Port: 12345}); port.GetHost() != want {
			t.Errorf("it is at %v, want %v", port.GetHost(), want)
		}
		fake := r.TCPServers[0].Listening
		if err := port.StartListening(); err != nil || fake.Started != 1 {
			t.Errorf("StartListening gave %v and was noted %d times", err, fake.Started)
		}
		if d := port.StopListening(); !d.Called() || fake.Stopped != 1 {
			t.Errorf("StopListening has fired: %t, and was noted %d times", d.Called(), fake.Stopped)
		}
	})
	t.Run("a connector goes where it was told", func(t *testing.T) {
		var r MemoryReactor
		var started reactor.Connector
		f := casting(&actor{})
		f.connecting = func(c reactor.Connector) { started = c }
		bind := reactor.IPv4Address{Host: "192.0.2.1"}
		c := r.ConnectTCP("herd.example", 12000, f, time.Second, bind)
		if want := (reactor.IPv4Address{Host: "herd.example", Port: 12000}); c.GetDestination() != want || started != c {
			t.Errorf("it goes to %v, want %v; the factory was told of %v", c.GetDestination(), want, started)
		}
		got := r.TCPClients[0]
		if len(r.TCPClients) != 1 || got.Host != "herd.example" || got.Port != 12000 || got.Factory != f ||
			got.Timeout != time.Second || got.BindAddress != bind || got.Connector != c {
			t.Errorf("noted %+v", r.TCPClients)
		}
		if six := r.ConnectTCP("::1", 1, f, 0, nil); six.GetDestination() != (reactor.IPv6Address{Host: "::1", Port: 1}) {
			t.Errorf("the IPv6 connector goes to %v", six.GetDestination())
		}
	})
	t.Run("a connector notes what it is told", func(t *testing.T) {
		var r MemoryReactor
		r.ConnectTCP("192.0.2.1", 12000, casting(&actor{}), 0, nil)
		c := r.TCPClients[0].Connector
		states := []reactor.ConnectorState{c.State()}
		c.Now = reactor.Disconnected
		states = append(states, c.State())
		if err := errors.Join(c.Connect(), c.StopConnecting()); err != nil {
			t.Error(err)
		}
		c.Disconnect()
		states = append(states, c.State())
		if c.Connects != 1 || c.Stops != 1 || c.Disconnects != 1 {
			t.Errorf("noted %+v", c)
		}
		if states[0] != reactor.Connecting || states[1] != reactor.Disconnected || states[2] != reactor.Connecting {
			t.Errorf("its states were %v", states)
		}
	})
	t.Run("with a clock has the clock's time", func(t *testing.T) {
		var r MemoryReactorClock
		ran := false
		r.CallLater(time.Second, func() { ran = true })
		r.Advance(time.Second)
		_, err := r.ListenTCP(1, casting(&actor{}), 0, "")
		if !ran || err != nil || len(r.TCPServers) != 1 {
			t.Errorf("the call ran: %t; listening: %v, noted %d times", ran, err, len(r.TCPServers))
		}
	})
	t.Run("a raising one raises", func(t *testing.T) {
		no := errors.New("no")
		r := RaisingMemoryReactor{ListenError: no, ConnectError: no}
		_, err := r.ListenTCP(1, casting(&actor{}), 0, "")
		wantIs(t, err, no)
		wantIs(t, caught(func() { r.ConnectTCP("192.0.2.1", 1, casting(&actor{}), 0, nil) }), no)
	})
}

func TestAccumulatingProtocol(t *testing.T) { // PH5
	made, closed := 0, 0
	p := &AccumulatingProtocol{
		ProtocolConnectionMade: deferred.New[*AccumulatingProtocol](nil),
		ClosedDeferred:         deferred.New[struct{}](nil),
	}
	p.ProtocolConnectionMade.AddCallback(func(q *AccumulatingProtocol) (*AccumulatingProtocol, error) {
		if q == p && q.Transport != nil {
			made++
		}
		return q, nil
	})
	p.ClosedDeferred.AddCallback(func(v struct{}) (struct{}, error) { closed++; return v, nil })
	p.MakeConnection(p, &StringTransport{})
	for _, part := range []string{"a", "", "bc"} {
		if err := p.DataReceived(p, []byte(part)); err != nil {
			t.Error(err)
		}
	}
	p.ConnectionLost(reactor.ErrConnectionLost)
	p.ConnectionMade() // a second life finds no Deferred to fire
	p.ConnectionLost(reactor.ErrConnectionDone)
	if made != 1 || closed != 1 || p.Made != 2 || p.Closed != 2 || string(p.Data) != "abc" {
		t.Errorf("the Deferreds fired %d and %d times; noted %d, %d, %q", made, closed, p.Made, p.Closed, p.Data)
	}
	wantIs(t, p.ClosedReason, reactor.ErrConnectionDone)
}
