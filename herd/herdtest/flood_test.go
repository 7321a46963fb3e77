package herdtest

import (
	"fmt"
	"testing"
	"time"

	"proxyherd/herd"
)

func TestAnUpdateIsExactlySixMessages(t *testing.T) {
	for _, at := range []string{"Farmar", "Gasol", "Hill", "Meeks", "Young"} {
		start(t, nil, func(t *testing.T, h Twin) {
			before := messages(h)
			say(t, h, at, report(h, "a"))
			settle(h)
			if n := messages(h) - before; n != 6 {
				t.Errorf("an update at %s took %d messages, want 6", at, n)
			}
			say(t, h, at, "IAMAT a +1+1 1", "nonsense")
			settle(h)
			if n := messages(h) - before; n != 6 {
				t.Errorf("a stale report at %s was flooded: %d messages", at, n)
			}
			inAgreement(t, h)
		})
	}
}

// messages is how many AT lines have reached a neighbour.
func messages(h Twin) (n uint64) {
	for _, name := range h.Running() {
		c := h.Measures(name).Status.Counters
		n += c.PeerTaken + c.PeerStale
	}
	return n
}

func TestASlowNeighbourCostsBoundedMemory(t *testing.T) {
	start(t, func(c *herd.Config) {
		c.Limits.PeerOutput = 65536
		c.Limits.PeerChanged = 200
		c.Limits.PeerStall = herd.Duration(time.Hour)
	}, func(t *testing.T, h Twin) {
		h.CutOneWay("Farmar", "Young")
		c := h.Connect("Farmar")
		// 65,536 in flight, as much again kept by the transport and as much by the
		// link: 20,000 reports are ten times that.
		for round := range 200 {
			for id := range 100 {
				c.Send([]byte(fmt.Sprintf("IAMAT client%d +1+1 %d.%09d\n", id, 1_000_000_000, round+1)))
			}
			h.Advance(20 * time.Millisecond) // Young would find Farmar silent after 6 s
			if n := len(lines(c)); n != 100 {
				t.Fatalf("%d answers in round %d: a slow neighbour is waited for", n, round)
			}
		}
		if l := status(t, h, "Farmar", "Young"); !l.Up || l.Changed != 100 || l.Dumping {
			t.Errorf("100 clients have changed behind a cut link, noted is %+v", l)
		}
		// Young knows by way of Gasol all the same.
		inAgreement(t, h)
		// More clients than are noted: then all is sent again.
		for id := range 300 {
			c.Send([]byte(fmt.Sprintf("IAMAT other%d +1+1 1000000000\n", id)))
		}
		h.Advance(20 * time.Millisecond)
		if l := status(t, h, "Farmar", "Young"); !l.Dumping || l.Changed > 200 {
			t.Errorf("300 further clients have changed behind a cut link, noted is %+v", l)
		}
		h.Heal("Farmar", "Young")
		settle(h)
		if l := status(t, h, "Farmar", "Young"); !l.Up || l.Changed != 0 || l.Dumping {
			t.Errorf("after the cut healed, noted is %+v", l)
		}
		inAgreement(t, h)
	})
}

func TestANoteIsDroppedWhenTheNeighbourSendsTheRecordItself(t *testing.T) {
	start(t, func(c *herd.Config) {
		c.Limits.PeerOutput = 65536
		c.Limits.PeerStall = herd.Duration(time.Hour)
	}, func(t *testing.T, h Twin) {
		h.CutOneWay("Hill", "Meeks")
		c := h.Connect("Hill")
		for i := range 5000 {
			c.Send([]byte(fmt.Sprintf("IAMAT a +1+1 1000000000.%09d\n", i+1)))
		}
		settle(h)
		if l := status(t, h, "Hill", "Meeks"); l.Changed != 1 {
			t.Fatalf("one client has changed behind a cut link, noted is %+v", l)
		}
		say(t, h, "Meeks", "IAMAT a +2+2 1000000001")
		settle(h)
		if l := status(t, h, "Hill", "Meeks"); l.Changed != 0 {
			t.Errorf("Meeks has sent the newer record, noted is %+v", l)
		}
		h.Heal("Hill", "Meeks")
		settle(h)
		inAgreement(t, h)
	})
}

func TestANeighbourThatTakesNothingIsDialledAgain(t *testing.T) {
	start(t, func(c *herd.Config) {
		c.Limits.PeerOutput = 65536
		c.Limits.PeerStall = herd.Duration(3 * time.Second) // before Meeks finds Hill silent
	}, func(t *testing.T, h Twin) {
		opened := status(t, h, "Hill", "Meeks").Opened
		h.CutOneWay("Hill", "Meeks")
		c := h.Connect("Hill")
		for i := range 5000 {
			c.Send([]byte(fmt.Sprintf("IAMAT client%d +1+1 1000000000\n", i)))
		}
		h.Advance(4 * time.Second)
		if l := status(t, h, "Hill", "Meeks"); l.Up || lastLoss(l) != "stalled" {
			t.Errorf("after 4 s without progress: %+v", l)
		}
		h.Heal("Hill", "Meeks")
		if !h.Wait(h.Linked) {
			t.Fatal("the link did not open again")
		}
		settle(h)
		if l := status(t, h, "Hill", "Meeks"); l.Opened != opened+1 {
			t.Errorf("opened %d times, before %d", l.Opened, opened)
		}
		inAgreement(t, h)
	})
}

func TestALargeStoreIsSentInPieces(t *testing.T) {
	start(t, nil, func(t *testing.T, h Twin) {
		h.Kill("Hill")
		c := h.Connect("Young")
		for i := range 20_000 {
			c.Send([]byte(fmt.Sprintf("IAMAT client%d +1+1 1000000000\n", i)))
		}
		settle(h)
		h.Start("Hill")
		h.Wait(func() bool { return h.Linked() && !status(t, h, "Meeks", "Hill").Dumping })
		settle(h)
		if n := h.Measures("Hill").Status.Records; n != 20_000 {
			t.Errorf("Hill has %d records, want 20000", n)
		}
		inAgreement(t, h)
	})
}

func TestAServerThatStopsSendsWhatItHasNoted(t *testing.T) {
	start(t, func(c *herd.Config) { c.Limits.PeerOutput = 65536 }, func(t *testing.T, h Twin) {
		h.Slow("Hill", "Meeks", 300_000)
		c := h.Connect("Hill")
		for i := range 5000 {
			c.Send([]byte(fmt.Sprintf("IAMAT client%d +1+1 1000000000\n", i)))
		}
		h.Advance(50 * time.Millisecond)
		if l := status(t, h, "Hill", "Meeks"); l.Changed == 0 {
			t.Fatalf("the link is not slow enough: %+v", l)
		}
		h.Stop("Hill")
		h.Advance(3 * time.Second)
		if n := h.Measures("Meeks").Status.Records; n != 5000 {
			t.Errorf("Meeks has %d records of 5000 after Hill has stopped", n)
		}
		inAgreement(t, h)
	})
}

// A slow link takes longer than peer_stall for what waits, but it takes some all
// the while: it is waited for, and everything crosses it once.
func TestANeighbourThatIsSlowIsWaitedFor(t *testing.T) {
	start(t, func(c *herd.Config) { c.Limits.PeerStall = herd.Duration(2 * time.Second) }, func(t *testing.T, h Twin) {
		c := h.Connect("Meeks")
		h.Kill("Hill")
		for i := range 20_000 {
			c.Send([]byte(fmt.Sprintf("IAMAT client%d +1+1 1000000000\n", i)))
		}
		settle(h)
		h.Slow("Meeks", "Hill", 50_000)
		h.Start("Hill")
		opened := status(t, h, "Meeks", "Hill").Opened
		h.Advance(10 * time.Second)
		if l := status(t, h, "Meeks", "Hill"); !l.Up || !l.Dumping || l.Waiting == 0 {
			t.Fatalf("the link is not slow enough: %+v", l)
		}
		h.Advance(30 * time.Second)
		if l := status(t, h, "Meeks", "Hill"); !l.Up || l.Opened != opened+1 || l.Dumping {
			t.Errorf("after 40 s: %+v", l)
		}
		if n := h.Measures("Hill").Status.Records; n != 20_000 {
			t.Errorf("Hill has %d records of 20000", n)
		}
	})
}
