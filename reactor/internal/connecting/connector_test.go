package connecting

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"proxyherd/reactor"
)

var errRefused = errors.New("refused")

func TestConnecting(t *testing.T) { // CN1
	t.Run("starts the factory and the attempt, and says so", func(t *testing.T) {
		s := newStage(t, time.Minute)
		s.connect()
		s.want("DoStart connecting", "attempt", "StartedConnecting connecting")
		s.wantTimers(1)
	})
	t.Run("is refused while connecting and while connected", func(t *testing.T) {
		s := newStage(t, 0)
		s.connect()
		for _, state := range []reactor.ConnectorState{reactor.Connecting, reactor.Connected} {
			if s.State() != state {
				t.Errorf("it is %v, want %v", s.State(), state)
			}
			s.steps = nil
			if err := s.Connect(); !errors.Is(err, reactor.ErrConnectorBusy) {
				t.Errorf("Connect while %v: %v", state, err)
			}
			s.want()
			s.Connected()
		}
	})
	t.Run("may be given up as soon as the factory hears of it", func(t *testing.T) {
		s := newStage(t, time.Minute)
		s.hook = func(name string) {
			if name == "StartedConnecting" {
				if err := s.StopConnecting(); err != nil {
					t.Errorf("StopConnecting: %v", err)
				}
			}
		}
		s.connect()
		s.want("DoStart connecting", "attempt", "StartedConnecting connecting", "stop the attempt",
			"ClientConnectionFailed (user aborted connection) disconnected", "DoStop disconnected")
		s.wantTimers(0)
	})
	t.Run("may be given up while the factory starts, before there is an attempt", func(t *testing.T) {
		s := newStage(t, time.Minute)
		giveUp := func(name string) {
			if name == "DoStart" {
				if err := s.StopConnecting(); err != nil {
					t.Errorf("StopConnecting: %v", err)
				}
			}
		}
		for range 2 { // the second time there was an attempt before
			s.hook = giveUp
			s.connect()
			s.want("DoStart connecting", "ClientConnectionFailed (user aborted connection) disconnected", "DoStop disconnected")
			s.wantTimers(0)
			s.hook = nil
			s.connect()
			s.Failed(errRefused)
			s.steps = nil
		}
	})
	t.Run("has its destination as it was given, and a string", func(t *testing.T) { // CN10
		s := newStage(t, 0)
		if s.GetDestination() != reactor.Address(destination) {
			t.Errorf("its destination is %v", s.GetDestination())
		}
		if got, want := fmt.Sprint(s.Connector), "connector to pear.example:80 (disconnected)"; got != want {
			t.Errorf("it is %q, want %q", got, want)
		}
	})
}

func TestTimeout(t *testing.T) { // CN1, CN6
	for _, test := range []struct {
		name              string
		timeout, patience time.Duration // patience 0: for ever
	}{
		{"is what was asked for", time.Minute, time.Minute},
		{"is 30 seconds by default", 0, 30 * time.Second},
		{"can be done without", -1, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newStage(t, test.timeout)
			s.connect()
			s.steps = nil
			if test.patience == 0 {
				s.wantTimers(0)
				return
			}
			s.clock.Advance(test.patience - 1)
			s.want()
			s.clock.Advance(1)
			reason := fmt.Sprintf("user timeout caused connection failure: no answer from pear.example:80 within %v", test.patience)
			s.want("stop the attempt", "ClientConnectionFailed ("+reason+") disconnected", "DoStop disconnected")
		})
	}
	t.Run("is over when there is a connection", func(t *testing.T) { // CN5
		s := newStage(t, time.Minute)
		s.connect()
		s.Connected()
		s.wantTimers(0)
		if s.State() != reactor.Connected {
			t.Errorf("it is %v", s.State())
		}
	})
	t.Run("is over when the attempt failed", func(t *testing.T) {
		s := newStage(t, time.Minute)
		s.connect()
		s.Failed(errRefused)
		s.wantTimers(0)
	})
}

func TestGivingUp(t *testing.T) { // CN3, CN4
	t.Run("StopConnecting tells the factory before it returns", func(t *testing.T) {
		s := newStage(t, 0)
		s.connect()
		s.steps = nil
		if err := s.StopConnecting(); err != nil {
			t.Errorf("StopConnecting: %v", err)
		}
		s.want("stop the attempt", "ClientConnectionFailed (user aborted connection) disconnected", "DoStop disconnected")
	})
	t.Run("StopConnecting is refused unless it is connecting", func(t *testing.T) {
		s := newStage(t, 0)
		refused := func() {
			t.Helper()
			if err := s.StopConnecting(); !errors.Is(err, reactor.ErrNotConnecting) {
				t.Errorf("while %v: %v", s.State(), err)
			}
		}
		refused()
		s.connect()
		s.Connected()
		refused()
		s.Lost(reactor.ErrConnectionDone)
		refused()
	})
	t.Run("Disconnect gives up an attempt, loses a connection, and else does nothing", func(t *testing.T) {
		s := newStage(t, 0)
		s.Disconnect()
		s.want()
		s.connect()
		s.steps = nil
		s.Disconnect()
		s.want("stop the attempt", "ClientConnectionFailed (user aborted connection) disconnected", "DoStop disconnected")
		s.connect()
		s.Connected()
		s.steps = nil
		s.Disconnect()
		s.want("lose the connection")
	})
}

// TestConnectingAnew: an attempt made inside a hook that tells of the end of the
// one before is an attempt like any other.
func TestConnectingAnew(t *testing.T) { // CN3, CN6, CN7: Twisted's goes wrong
	const given, stopped = "ClientConnectionFailed (user aborted connection) disconnected", "DoStop disconnected"
	t.Run("inside StopConnecting, it can be given up too", func(t *testing.T) {
		s := newStage(t, 0)
		s.connect()
		s.steps = nil
		s.hook = func(string) { s.hook = nil; s.connect() }
		if err := s.StopConnecting(); err != nil {
			t.Errorf("StopConnecting: %v", err)
		}
		s.want("stop the attempt", given, "attempt", "StartedConnecting connecting")
		s.Disconnect()
		s.want("stop the attempt", given, stopped)
	})
	t.Run("and given up in the same hook, it stops the factory once", func(t *testing.T) {
		s := newStage(t, 0)
		s.connect()
		s.steps = nil
		s.hook = func(string) {
			s.hook = nil
			s.connect()
			s.Disconnect()
		}
		s.Failed(errRefused)
		s.want("ClientConnectionFailed (refused) disconnected", "attempt", "StartedConnecting connecting", "stop the attempt", given, stopped)
	})
	t.Run("inside DoStop, it starts the factory anew, and its end stops it again", func(t *testing.T) {
		s := newStage(t, 0)
		s.connect()
		s.steps = nil
		s.hook = func(name string) {
			if name == "DoStop" {
				s.hook = nil
				s.connect()
			}
		}
		s.Failed(errRefused)
		s.want("ClientConnectionFailed (refused) disconnected", stopped, "DoStart connecting", "attempt", "StartedConnecting connecting")
		s.Failed(errRefused)
		s.want("ClientConnectionFailed (refused) disconnected", stopped)
	})
}

func TestTheEnd(t *testing.T) { // CN6, CN7
	for _, test := range []struct {
		name, told string
		end        func(s *stage)
	}{
		{"of an attempt", "ClientConnectionFailed (refused) disconnected", func(s *stage) { s.Failed(errRefused) }},
		{"of a connection", "ClientConnectionLost (refused) disconnected", func(s *stage) { s.Connected(); s.Lost(errRefused) }},
	} {
		t.Run(test.name+" is told and stops the factory", func(t *testing.T) {
			s := newStage(t, 0)
			s.connect()
			s.steps = nil
			test.end(s)
			s.want(test.told, "DoStop disconnected")
		})
		t.Run(test.name+" does not stop a factory that connects again in its hook", func(t *testing.T) {
			s := newStage(t, 0)
			s.connect()
			s.steps = nil
			s.hook = func(string) { s.hook = nil; s.connect() } // the end is what comes first
			test.end(s)
			s.want(test.told, "attempt", "StartedConnecting connecting")
			test.end(s)
			s.want(test.told, "DoStop disconnected")
		})
		t.Run(test.name+" lets the factory be started anew", func(t *testing.T) {
			s := newStage(t, 0)
			s.connect()
			test.end(s)
			s.steps = nil
			s.connect()
			s.want("DoStart connecting", "attempt", "StartedConnecting connecting")
		})
	}
}
