package service_test

import (
	"testing"
	"time"

	"proxyherd/factories"
	"proxyherd/reactor"
	"proxyherd/reactor/deferred"
	"proxyherd/reactor/endpoints"
	"proxyherd/reactor/reactortest"
	"proxyherd/reactor/service"
	"proxyherd/reactor/task"
)

// accumulating is a factory of one protocol.
func accumulating() (*factories.ProtocolFactory, *reactortest.AccumulatingProtocol) {
	p := &reactortest.AccumulatingProtocol{}
	return factories.ForProtocol(func(reactor.Address) reactor.Protocol { return p }), p
}

// TestTCPServices is twisted/test/test_application.py's TestInternet2, and SV2.
func TestTCPServices(t *testing.T) {
	t.Run("a server and a client talk, are stopped, and talk again", func(t *testing.T) {
		n := reactortest.NewNetwork(reactortest.Options{})
		r := n.Reactor("r")
		serving, server := accumulating()
		connecting, client := accumulating()
		listening := service.TCPServer(r, 7000, serving, 0, "127.0.0.1")
		var top service.MultiService
		wantErr(t, top.AddService(listening), nil)
		wantErr(t, top.AddService(&service.TCPClient{Reactor: r, Host: "127.0.0.1", Port: 7000, Factory: connecting}), nil)
		for round := 1; round <= 2; round++ {
			wantErr(t, top.StartService(), nil)
			if listening.Port() == nil {
				t.Fatal("no port")
			}
			n.Advance(time.Second)
			if server.Made != round || client.Made != round {
				t.Fatalf("round %d: %d and %d connections", round, server.Made, client.Made)
			}
			stopped := watch(top.StopService())
			n.Advance(time.Second)
			stopped.want(t, 1, nil)
			if client.Closed != round || listening.Port() != nil {
				t.Fatalf("round %d: the connection was lost %d times, the port is %v", round, client.Closed, listening.Port())
			}
		}
	})
	t.Run("passes on what it is told to the reactor it is given", func(t *testing.T) {
		var r reactortest.MemoryReactor
		factory, _ := accumulating()
		wantErr(t, service.TCPServer(&r, 80, factory, 9, "10.0.0.1").StartService(), nil)
		if got := r.TCPServers[0]; got.Port != 80 || got.Factory != reactor.Factory(factory) || got.Backlog != 9 || got.Interface != "10.0.0.1" {
			t.Errorf("listens with %+v", got)
		}
		bind := reactor.IPv4Address{Host: "10.0.0.2"}
		client := &service.TCPClient{Reactor: &r, Host: "10.0.0.3", Port: 81, Factory: factory, Timeout: time.Minute, BindAddress: bind}
		wantErr(t, client.StartService(), nil)
		got := r.TCPClients[0]
		if got.Host != "10.0.0.3" || got.Port != 81 || got.Timeout != time.Minute || got.BindAddress != reactor.Address(bind) {
			t.Errorf("connects with %+v", got)
		}
		client.StopService()
		if got.Connector.Disconnects != 1 {
			t.Errorf("disconnected %d times", got.Connector.Disconnects)
		}
	})
	t.Run("listens when it is prepared, and not again when it is started", func(t *testing.T) {
		var r reactortest.MemoryReactor
		factory, _ := accumulating()
		s := service.TCPServer(&r, 80, factory, 0, "")
		wantErr(t, s.PrivilegedStartService(), nil)
		wantErr(t, s.StartService(), nil)
		if len(r.TCPServers) != 1 {
			t.Errorf("listened %d times", len(r.TCPServers))
		}
	})
	t.Run("a port that cannot be opened is an error of the start", func(t *testing.T) {
		factory, _ := accumulating()
		s := service.TCPServer(&reactortest.RaisingMemoryReactor{ListenError: errBroken}, 80, factory, 0, "")
		wantErr(t, s.StartService(), errBroken)
		if s.Running || s.StopService() != nil {
			t.Error("it runs")
		}
	})
}

// TestServiceFromString is twisted/test/test_strports.py's ServiceTestCase.
func TestServiceFromString(t *testing.T) {
	var r reactortest.MemoryReactor
	endpoint, err := endpoints.ServerFromString(&r, "tcp:8123:interface=127.0.0.1")
	wantErr(t, err, nil)
	factory, _ := accumulating()
	s := &service.StreamServerEndpointService{Endpoint: endpoint, Factory: factory}
	wantErr(t, s.StartService(), nil)
	if got := s.Port().GetHost(); got != (reactor.IPv4Address{Host: "127.0.0.1", Port: 8123}) {
		t.Errorf("listens on %v", got)
	}
	s.StopService()
	if n := r.TCPServers[0].Listening.Stopped; n != 1 {
		t.Errorf("stopped listening %d times", n)
	}
}

// log keeps the errors that it was told.
type log struct{ errs []error }

func (l *log) Msg(string, string)                {}
func (l *log) Err(_ string, err error, _ string) { l.errs = append(l.errs, err) }

// TestTimerService is twisted/test/test_application.py's TestTimerBasic, and
// SV2.
func TestTimerService(t *testing.T) {
	t.Run("calls at once and every step, until it is stopped, and again", func(t *testing.T) {
		var c task.Clock
		calls := 0
		s := &service.TimerService{Clock: &c, Step: time.Second, Call: func() *deferred.Deferred[struct{}] { calls++; return nil }}
		for round := 1; round <= 2; round++ {
			wantErr(t, s.StartService(), nil)
			c.Pump(time.Second, time.Second)
			if !s.Running || calls != 3*round {
				t.Fatalf("round %d: %d calls", round, calls)
			}
			watch(s.StopService()).want(t, 1, nil)
			c.Pump(time.Second, time.Second)
			if s.Running || calls != 3*round {
				t.Fatalf("round %d: %d calls after the stop", round, calls)
			}
		}
	})
	t.Run("has stopped when the call under way has ended", func(t *testing.T) {
		var c task.Clock
		working := deferred.New[struct{}](nil)
		s := &service.TimerService{Clock: &c, Step: time.Second, Call: func() *deferred.Deferred[struct{}] { return working }}
		wantErr(t, s.StartService(), nil)
		stopped := watch(s.StopService())
		stopped.want(t, 0, nil)
		wantErr(t, s.StartService(), task.ErrLoopRunning)
		working.Callback(struct{}{})
		stopped.want(t, 1, nil)
	})
	t.Run("logs a failure and calls no more", func(t *testing.T) {
		var c task.Clock
		var logged log
		calls := 0
		s := &service.TimerService{Clock: &c, Step: time.Second, Log: &logged, Call: func() *deferred.Deferred[struct{}] {
			calls++
			return deferred.Fail[struct{}](errBroken)
		}}
		wantErr(t, s.StartService(), nil)
		c.Pump(time.Second, time.Second)
		if calls != 1 || len(logged.errs) != 1 {
			t.Fatalf("%d calls, logged %v", calls, logged.errs)
		}
		wantErr(t, logged.errs[0], errBroken)
		watch(s.StopService()).want(t, 1, nil)
	})
}
