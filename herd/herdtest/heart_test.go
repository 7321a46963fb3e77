package herdtest

import (
	"testing"
	"time"
)

func TestAHeartbeatTellsTheRoundTripAndKeepsAQuietLink(t *testing.T) {
	quiet(t, nil, func(t *testing.T, h Twin) {
		h.Advance(time.Minute)
		for _, name := range []string{"Farmar", "Gasol", "Hill", "Meeks", "Young"} {
			for _, l := range h.Measures(name).Status.Links {
				if !l.Up || l.RoundTrip < 0.010 || l.RoundTrip > 0.011 || l.Clock != 0 {
					t.Errorf("%s after a quiet minute: %+v", name, l)
				}
			}
		}
	})
}

func TestASilentNeighbourIsLostAfterSixSeconds(t *testing.T) {
	quiet(t, nil, func(t *testing.T, h Twin) {
		before := status(t, h, "Hill", "Meeks").Opened
		h.Cut("Hill", "Meeks")
		// The last heartbeat may have come just before the cut, or 2 s before.
		h.Advance(3900 * time.Millisecond)
		if l := status(t, h, "Hill", "Meeks"); !l.Up {
			t.Errorf("after 3.9 s of silence: %+v", l)
		}
		h.Advance(2200 * time.Millisecond)
		for _, end := range [][2]string{{"Hill", "Meeks"}, {"Meeks", "Hill"}} {
			if l := status(t, h, end[0], end[1]); l.Up || lastLoss(l) != "silent" {
				t.Errorf("%s after 6.1 s of silence: %+v", end[0], l)
			}
			if n := h.Measures(end[0]).Status.Closed["silent"]; n != 1 {
				t.Errorf("%s has closed %d silent links, want 1", end[0], n)
			}
		}
		h.Heal("Hill", "Meeks")
		if !h.Wait(h.Linked) || status(t, h, "Hill", "Meeks").Opened == before {
			t.Error("the link did not open again")
		}
	})
}

// The neighbour's machine has gone, and what we send vanishes: its port would
// answer a new connection, but nothing tells so on the old one.
func TestAHalfOpenLinkIsFoundThoughWeSend(t *testing.T) {
	quiet(t, nil, func(t *testing.T, h Twin) {
		h.CutOneWay("Meeks", "Hill")
		c := h.Connect("Hill")
		for range 13 {
			c.Send([]byte(report(h, "a") + "\n"))
			h.Advance(500 * time.Millisecond)
		}
		if l := status(t, h, "Hill", "Meeks"); l.Up || l.Losses[len(l.Losses)-1].Reason != "silent" {
			t.Errorf("6.5 s after Meeks has gone: %+v", l)
		}
	})
}

func TestALinkThatIsClosedTellsWhy(t *testing.T) {
	quiet(t, nil, func(t *testing.T, h Twin) {
		h.Stop("Meeks")
		h.Advance(3 * time.Second)
		for _, name := range []string{"Farmar", "Gasol", "Hill"} {
			if l := status(t, h, name, "Meeks"); l.Up || lastLoss(l) != "server_stopping" {
				t.Errorf("%s after Meeks was stopped: %+v", name, l)
			}
		}
	})
}
