package reactorherd_test

import (
	"testing"
	"time"

	"proxyherd/herd"
	"proxyherd/herd/herdtest"
	"proxyherd/reactor"
	"proxyherd/reactor/reactortest"
)

// quiet is a herd whose links take 5 ms each way.
func quiet(t *testing.T, change func(*herd.Config)) *herdtest.Virtual {
	t.Helper()
	return herdtest.NewVirtual(t, reactortest.Options{Link: reactortest.Link{Latency: 5 * time.Millisecond}}, change)
}

func TestAHeartbeatTellsTheRoundTripAndKeepsAQuietLink(t *testing.T) {
	v := quiet(t, nil)
	v.Network.Advance(time.Minute)
	for _, name := range []string{"Farmar", "Gasol", "Hill", "Meeks", "Young"} {
		for _, l := range v.Servers[name].Status().Links {
			if !l.Up || l.RoundTrip < 0.010 || l.RoundTrip > 0.011 || l.Clock != 0 {
				t.Errorf("%s after a quiet minute: %+v", name, l)
			}
		}
	}
}

func TestASilentNeighbourIsLostAfterSixSeconds(t *testing.T) {
	v := quiet(t, nil)
	before := status(t, v, "Hill", "Meeks").Opened
	v.Network.Cut("Hill", "Meeks")
	// The last heartbeat may have come just before the cut, or 2 s before.
	v.Network.Advance(3900 * time.Millisecond)
	if l := status(t, v, "Hill", "Meeks"); !l.Up {
		t.Errorf("after 3.9 s of silence: %+v", l)
	}
	v.Network.Advance(2200 * time.Millisecond)
	for _, end := range [][2]string{{"Hill", "Meeks"}, {"Meeks", "Hill"}} {
		if l := status(t, v, end[0], end[1]); l.Up || lastLoss(l) != "silent" {
			t.Errorf("%s after 6.1 s of silence: %+v", end[0], l)
		}
		if n := v.Servers[end[0]].Status().Closed["silent"]; n != 1 {
			t.Errorf("%s has closed %d silent links, want 1", end[0], n)
		}
	}
	v.Network.Heal("Hill", "Meeks")
	if !v.Wait(v.Linked) || status(t, v, "Hill", "Meeks").Opened == before {
		t.Error("the link did not open again")
	}
}

// The neighbour's machine has gone, and what we send vanishes: its port would
// answer a new connection, but nothing tells so on the old one.
func TestAHalfOpenLinkIsFoundThoughWeSend(t *testing.T) {
	v := quiet(t, nil)
	v.Network.CutOneWay("Meeks", "Hill")
	c := v.Connect("Hill")
	for range 13 {
		c.Send([]byte(report(v, "a") + "\n"))
		v.Network.Advance(500 * time.Millisecond)
	}
	if l := status(t, v, "Hill", "Meeks"); l.Up || l.Losses[len(l.Losses)-1].Reason != "silent" {
		t.Errorf("6.5 s after Meeks has gone: %+v", l)
	}
}

func TestALinkThatIsClosedTellsWhy(t *testing.T) {
	v := quiet(t, nil)
	v.Stop("Meeks")
	v.Network.Advance(3 * time.Second)
	for _, name := range []string{"Farmar", "Gasol", "Hill"} {
		if l := status(t, v, name, "Meeks"); l.Up || lastLoss(l) != "server_stopping" {
			t.Errorf("%s after Meeks was stopped: %+v", name, l)
		}
	}
}

// ahead is a reactor of a machine whose clock is wrong.
type ahead struct {
	reactor.Reactor
	by time.Duration
}

func (a ahead) Seconds() time.Time { return a.Reactor.Seconds().Add(a.by) }

func TestClocksThatAreApartAreShown(t *testing.T) {
	o := reactortest.Options{Link: reactortest.Link{Latency: 5 * time.Millisecond}}
	v := herdtest.NewVirtualAround(t, o, nil, func(server string, r reactor.Reactor) reactor.Reactor {
		if server == "Hill" {
			return ahead{r, 200 * time.Second}
		}
		return r
	})
	v.Network.Advance(5 * time.Second)
	if l := status(t, v, "Meeks", "Hill"); !l.Up || l.Clock < 199.9 || l.Clock > 200.1 {
		t.Errorf("Meeks about Hill's clock: %+v", l)
	}
	if l := status(t, v, "Hill", "Meeks"); !l.Up || l.Clock > -199.9 || l.Clock < -200.1 {
		t.Errorf("Hill about Meeks' clock: %+v", l)
	}
	// A clock that is wrong costs no update.
	say(t, v, "Hill", report(v, "a"))
	say(t, v, "Farmar", report(v, "b"))
	settle(v)
	inAgreement(t, v)
}
