package reactortest

import (
	"testing"
	"time"
)

func TestSetClock(t *testing.T) {
	s := newScene(t, Options{})
	s.Advance(0) // both have started
	var rang time.Duration
	s.farmar.CallLater(time.Second, func() { rang = s.after() })
	for _, ahead := range []time.Duration{time.Hour, -time.Hour, 1} {
		s.farmar.SetClock(ahead)
		if got := s.farmar.Seconds().Sub(s.Seconds()); got != ahead {
			t.Errorf("the clock is %v ahead, want %v", got, ahead)
		}
		if !s.gasol.Seconds().Equal(s.Seconds()) {
			t.Error("another reactor's clock was set")
		}
	}
	s.Advance(time.Minute)
	if rang != time.Second {
		t.Errorf("a timer of a second rang after %v", rang)
	}
}

// No time passes for what arrives and has nobody do anything: here, the news that a
// byte was read.
func TestSettleWaitsForNobody(t *testing.T) {
	s := newScene(t, Options{})
	server, client := &actor{name: "server"}, &actor{name: "client"}
	s.meet(server, client)
	s.gasol.CallLater(2*time.Second, func() {})
	client.Write([]byte("x"))
	if !s.Settle(time.Second) || s.after() != 0 {
		t.Errorf("it settled after %v", s.after())
	}
	s.wantData(server, "x")
}
