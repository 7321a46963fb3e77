package reactorherd_test

import (
	"testing"
	"time"

	"proxyherd/herd"
	"proxyherd/herd/herdtest"
	"proxyherd/reactor"
	"proxyherd/reactor/reactortest"
)

// impatient are limits of a few seconds.
func impatient(l *herd.Limits) {
	l.FirstByte, l.PartialLine, l.Idle = herd.Duration(10*time.Second), herd.Duration(5*time.Second), herd.Duration(20*time.Second)
}

// timers counts the calls that a server has asked its reactor for.
type timers struct {
	reactor.Reactor
	made int
}

func (r *timers) CallLater(delay time.Duration, f func()) reactor.DelayedCall {
	r.made++
	return r.Reactor.CallLater(delay, f)
}

func TestIdleClientsCostNoTimers(t *testing.T) {
	const crowd = 1200 // three turns for a sweep
	seen := &timers{}
	v := herdtest.NewVirtualAround(t, reactortest.Options{}, func(c *herd.Config) {
		c.Servers = []herd.Server{{Name: solo, Clients: "127.0.0.1:12000"}}
	}, func(_ string, r reactor.Reactor) reactor.Reactor { seen.Reactor = r; return seen })
	v.Network.Advance(24 * time.Hour)
	if seen.made != 0 {
		t.Errorf("a server without clients asked for %d calls", seen.made)
	}
	var clients []herdtest.Client
	for range crowd {
		clients = append(clients, v.Connect(solo))
	}
	if pending := len(seen.GetDelayedCalls()); pending != 1 {
		t.Errorf("%d calls are pending for %d clients, want 1", pending, crowd)
	}
	for range 10 {
		v.Network.Advance(5 * time.Second)
		for _, c := range clients {
			c.Send([]byte("x\n"))
		}
	}
	v.Network.Advance(59 * time.Minute)
	// One sweep, for the first byte, that finds that all have an hour from now.
	if pending := len(seen.GetDelayedCalls()); pending != 1 || seen.made > 4 {
		t.Errorf("%d calls are pending, and %d were made in an hour", pending, seen.made)
	}
	v.Network.Advance(2 * time.Minute)
	if n := v.Servers[solo].Status().Closed["idle"]; n != crowd {
		t.Errorf("%d of %d were closed in the end", n, crowd)
	}
	// The last look finds nobody, and is the last.
	v.Network.Advance(24 * time.Hour)
	if pending := len(seen.GetDelayedCalls()); pending != 0 {
		t.Errorf("%d calls are pending for nobody", pending)
	}
}
