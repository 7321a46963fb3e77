package goroutineherd_test

import (
	"fmt"
	"testing"
	"time"

	"proxyherd/herd"
	"proxyherd/herd/goroutineherd"
	"proxyherd/herd/herdtest"
)

func TestAnUpdateIsExactlySixMessages(t *testing.T) {
	for _, at := range []string{"Farmar", "Gasol", "Hill", "Meeks", "Young"} {
		start(t, nil, func(t *testing.T, b *herdtest.Bubble) {
			before := messages(b)
			say(t, b, at, report("a"))
			settle(b)
			if n := messages(b) - before; n != 6 {
				t.Errorf("an update at %s took %d messages, want 6", at, n)
			}
			say(t, b, at, "IAMAT a +1+1 1", "nonsense")
			settle(b)
			if n := messages(b) - before; n != 6 {
				t.Errorf("a stale report at %s was flooded: %d messages", at, n)
			}
			inAgreement(t, b)
		})
	}
}

// messages is how many AT lines have reached a neighbour.
func messages(b *herdtest.Bubble) (n uint64) {
	for _, s := range b.Servers {
		c := s.Status().Counters
		n += c.PeerTaken + c.PeerStale
	}
	return n
}

// Between a slow server and a client's answer stands the update's way to the others:
// they know of it when the answer is there, and the slow one is not waited for.
func TestAnAcknowledgementLeavesAfterTheUpdate(t *testing.T) {
	start(t, nil, func(t *testing.T, b *herdtest.Bubble) {
		c := b.Connect("Farmar")
		for i := range 200 {
			c.Send([]byte(report(fmt.Sprint("client", i)) + "\n"))
			if !b.Wait(func() bool { return len(c.Received()) > 0 }) {
				t.Fatal("no answer came")
			}
			lines(c)
			if n := b.Servers["Meeks"].Status().Records; n != i+1 {
				t.Fatalf("Meeks has %d records when %d were acknowledged", n, i+1)
			}
		}
	})
}

func TestASlowNeighbourCostsBoundedMemory(t *testing.T) {
	start(t, func(c *herd.Config) {
		c.Limits.PeerOutput = 65536
		c.Limits.PeerChanged = 200
		c.Limits.PeerStall = herd.Duration(time.Hour)
	}, func(t *testing.T, b *herdtest.Bubble) {
		b.Network.Cut("Farmar", "Young")
		c := b.Connect("Farmar")
		// Young would find Farmar silent after 6 s: all of it happens before.
		for round := range 200 {
			for id := range 100 {
				c.Send(fmt.Appendf(nil, "IAMAT client%d +1+1 %d.%09d\n", id, 946684800, round+1))
			}
			b.Advance(20 * time.Millisecond)
			if n := len(lines(c)); n != 100 {
				t.Fatalf("%d answers in round %d: a slow neighbour is waited for", n, round)
			}
		}
		if l := status(t, b, "Farmar", "Young"); !l.Up || l.Changed != 100 || l.Dumping {
			t.Errorf("100 clients have changed behind a cut link, noted is %+v", l)
		}
		inAgreement(t, b) // Young knows by way of Gasol
		for id := range 300 {
			c.Send(fmt.Appendf(nil, "IAMAT other%d +1+1 946684800\n", id))
		}
		b.Advance(20 * time.Millisecond)
		if l := status(t, b, "Farmar", "Young"); !l.Dumping || l.Changed > 200 {
			t.Errorf("300 further clients have changed behind a cut link, noted is %+v", l)
		}
		b.Network.Heal("Farmar", "Young")
		settle(b)
		if l := status(t, b, "Farmar", "Young"); !l.Up || l.Changed != 0 || l.Dumping {
			t.Errorf("after the cut healed, noted is %+v", l)
		}
		inAgreement(t, b)
	})
}

func TestANoteIsDroppedWhenTheNeighbourSendsTheRecordItself(t *testing.T) {
	start(t, func(c *herd.Config) { c.Limits.PeerOutput = 65536 }, func(t *testing.T, b *herdtest.Bubble) {
		b.Network.Cut("Hill", "Meeks")
		c := b.Connect("Hill")
		for i := range 5000 {
			c.Send(fmt.Appendf(nil, "IAMAT a +1+1 946684800.%09d\n", i+1))
		}
		settle(b)
		if l := status(t, b, "Hill", "Meeks"); l.Changed != 1 {
			t.Fatalf("one client has changed behind a cut link, noted is %+v", l)
		}
		say(t, b, "Meeks", "IAMAT a +2+2 946684801")
		settle(b)
		if l := status(t, b, "Hill", "Meeks"); l.Changed != 0 {
			t.Errorf("Meeks has sent the newer record, noted is %+v", l)
		}
		b.Network.Heal("Hill", "Meeks")
		settle(b)
		inAgreement(t, b)
	})
}

func TestANeighbourThatTakesNothingIsDialledAgain(t *testing.T) {
	start(t, func(c *herd.Config) {
		c.Limits.PeerOutput = 65536
		c.Limits.PeerStall = herd.Duration(3 * time.Second) // before Meeks finds Hill silent
	}, func(t *testing.T, b *herdtest.Bubble) {
		opened := status(t, b, "Hill", "Meeks").Opened
		b.Network.Cut("Hill", "Meeks")
		c := b.Connect("Hill")
		for i := range 5000 {
			c.Send(fmt.Appendf(nil, "IAMAT client%d +1+1 946684800\n", i))
		}
		b.Advance(4 * time.Second)
		if l := status(t, b, "Hill", "Meeks"); l.Up || lastLoss(l) != "stalled" {
			t.Errorf("after 4 s without progress: %+v", l)
		}
		b.Network.Heal("Hill", "Meeks")
		if !b.Wait(b.Linked) {
			t.Fatal("the link did not open again")
		}
		settle(b)
		if l := status(t, b, "Hill", "Meeks"); !l.Up || l.Opened <= opened {
			t.Errorf("opened %d times, before the cut %d: %+v", l.Opened, opened, l)
		}
		inAgreement(t, b)
	})
}

func TestALargeStoreIsSentInPieces(t *testing.T) {
	start(t, nil, func(t *testing.T, b *herdtest.Bubble) {
		b.Kill("Hill")
		c := b.Connect("Young")
		for i := range 20_000 {
			c.Send(fmt.Appendf(nil, "IAMAT client%d +1+1 946684800\n", i))
		}
		settle(b)
		b.Start("Hill")
		b.Wait(func() bool { return b.Linked() && !status(t, b, "Meeks", "Hill").Dumping })
		settle(b)
		if n := b.Servers["Hill"].Status().Records; n != 20_000 {
			t.Errorf("Hill has %d records, want 20000", n)
		}
		if all, used := goroutineherd.Shards(b.Servers["Hill"]); all < 2 || used != all {
			t.Errorf("they lie in %d of %d shards", used, all)
		}
		inAgreement(t, b)
	})
}
