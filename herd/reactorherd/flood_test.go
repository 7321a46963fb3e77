package reactorherd_test

import (
	"fmt"
	"testing"
	"time"

	"proxyherd/herd"
	"proxyherd/herd/herdtest"
	"proxyherd/reactor/reactortest"
)

func TestAnUpdateIsExactlySixMessages(t *testing.T) {
	for _, at := range []string{"Farmar", "Gasol", "Hill", "Meeks", "Young"} {
		v := start(t, nil)
		before := messages(v)
		say(t, v, at, report(v, "a"))
		settle(v)
		if n := messages(v) - before; n != 6 {
			t.Errorf("an update at %s took %d messages, want 6", at, n)
		}
		say(t, v, at, "IAMAT a +1+1 1", "nonsense")
		settle(v)
		if n := messages(v) - before; n != 6 {
			t.Errorf("a stale report at %s was flooded: %d messages", at, n)
		}
		inAgreement(t, v)
	}
}

// messages is how many AT lines have reached a neighbour.
func messages(v *herdtest.Virtual) (n uint64) {
	for _, s := range v.Servers {
		c := s.Status().Counters
		n += c.PeerTaken + c.PeerStale
	}
	return n
}

func TestAnAcknowledgementLeavesAfterTheUpdate(t *testing.T) {
	// One read with two reports: both links get both before the client gets
	// either answer, in one write each.
	var sent []string
	tracing := false
	o := reactortest.Options{Trace: func(e reactortest.Event) {
		if tracing && e.Reactor == "Farmar" && e.Kind == reactortest.Sent {
			sent = append(sent, e.Host.String())
		}
	}}
	v := herdtest.NewVirtual(t, o, nil)
	c := v.Connect("Farmar")
	tracing = true
	c.Send([]byte(report(v, "a") + "\n" + report(v, "b") + "\n"))
	settle(v)
	if len(lines(c)) != 2 || len(sent) != 3 {
		t.Fatalf("%d writes: %v", len(sent), sent)
	}
	farmar, _ := v.Config.Server("Farmar")
	for i, host := range sent {
		if toClient := host == farmar.Clients; toClient != (i == 2) {
			t.Errorf("write %d left from %s: the client's must be the last: %v", i, host, sent)
		}
	}
}

func TestASlowNeighbourCostsBoundedMemory(t *testing.T) {
	v := start(t, func(c *herd.Config) {
		c.Limits.PeerOutput = 65536
		c.Limits.PeerChanged = 200
		c.Limits.PeerStall = herd.Duration(time.Hour)
	})
	v.Network.CutOneWay("Farmar", "Young")
	c := v.Connect("Farmar")
	// 65,536 in flight, as much again kept by the transport and as much by the
	// link: 20,000 reports are ten times that.
	for round := range 200 {
		for id := range 100 {
			c.Send([]byte(fmt.Sprintf("IAMAT client%d +1+1 %d.%09d\n", id, 1_000_000_000, round+1)))
		}
		settle(v)
		lines(c)
	}
	if l := status(t, v, "Farmar", "Young"); !l.Up || l.Changed != 100 || l.Dumping {
		t.Errorf("100 clients have changed behind a cut link, noted is %+v", l)
	}
	// Young knows by way of Gasol all the same.
	inAgreement(t, v)
	// More clients than are noted: then all is sent again.
	for id := range 300 {
		c.Send([]byte(fmt.Sprintf("IAMAT other%d +1+1 1000000000\n", id)))
	}
	settle(v)
	if l := status(t, v, "Farmar", "Young"); !l.Dumping || l.Changed > 200 {
		t.Errorf("300 further clients have changed behind a cut link, noted is %+v", l)
	}
	v.Network.Heal("Farmar", "Young")
	settle(v)
	if l := status(t, v, "Farmar", "Young"); !l.Up || l.Changed != 0 || l.Dumping {
		t.Errorf("after the cut healed, noted is %+v", l)
	}
	inAgreement(t, v)
}

func TestANoteIsDroppedWhenTheNeighbourSendsTheRecordItself(t *testing.T) {
	v := start(t, func(c *herd.Config) {
		c.Limits.PeerOutput = 65536
		c.Limits.PeerStall = herd.Duration(time.Hour)
	})
	v.Network.CutOneWay("Hill", "Meeks")
	c := v.Connect("Hill")
	for i := range 5000 {
		c.Send([]byte(fmt.Sprintf("IAMAT a +1+1 1000000000.%09d\n", i+1)))
	}
	settle(v)
	if l := status(t, v, "Hill", "Meeks"); l.Changed != 1 {
		t.Fatalf("one client has changed behind a cut link, noted is %+v", l)
	}
	say(t, v, "Meeks", "IAMAT a +2+2 1000000001")
	settle(v)
	if l := status(t, v, "Hill", "Meeks"); l.Changed != 0 {
		t.Errorf("Meeks has sent the newer record, noted is %+v", l)
	}
	v.Network.Heal("Hill", "Meeks")
	settle(v)
	inAgreement(t, v)
}

func TestANeighbourThatTakesNothingIsDialledAgain(t *testing.T) {
	v := start(t, func(c *herd.Config) {
		c.Limits.PeerOutput = 65536
		c.Limits.PeerStall = herd.Duration(3 * time.Second) // before Meeks finds Hill silent
	})
	opened := status(t, v, "Hill", "Meeks").Opened
	v.Network.CutOneWay("Hill", "Meeks")
	c := v.Connect("Hill")
	for i := range 5000 {
		c.Send([]byte(fmt.Sprintf("IAMAT client%d +1+1 1000000000\n", i)))
	}
	v.Network.Advance(4 * time.Second)
	if l := status(t, v, "Hill", "Meeks"); l.Up || lastLoss(l) != "stalled" {
		t.Errorf("after 4 s without progress: %+v", l)
	}
	v.Network.Heal("Hill", "Meeks")
	if !v.Wait(v.Linked) {
		t.Fatal("the link did not open again")
	}
	settle(v)
	if l := status(t, v, "Hill", "Meeks"); l.Opened != opened+1 {
		t.Errorf("opened %d times, before %d", l.Opened, opened)
	}
	inAgreement(t, v)
}

func TestALargeStoreIsSentInPieces(t *testing.T) {
	v := start(t, nil)
	v.Kill("Hill")
	c := v.Connect("Young")
	for i := range 20_000 {
		c.Send([]byte(fmt.Sprintf("IAMAT client%d +1+1 1000000000\n", i)))
	}
	settle(v)
	v.Start("Hill")
	v.Wait(func() bool { return v.Linked() && !status(t, v, "Meeks", "Hill").Dumping })
	settle(v)
	if n := v.Servers["Hill"].Status().Records; n != 20_000 {
		t.Errorf("Hill has %d records, want 20000", n)
	}
	inAgreement(t, v)
}

func TestAServerThatStopsSendsWhatItHasNoted(t *testing.T) {
	v := start(t, func(c *herd.Config) { c.Limits.PeerOutput = 65536 })
	v.Network.SetLink("Hill", "Meeks", reactortest.Link{BytesPerSecond: 300_000})
	c := v.Connect("Hill")
	for i := range 5000 {
		c.Send([]byte(fmt.Sprintf("IAMAT client%d +1+1 1000000000\n", i)))
	}
	v.Network.Advance(time.Millisecond)
	if l := status(t, v, "Hill", "Meeks"); l.Changed == 0 {
		t.Fatalf("the link is not slow enough: %+v", l)
	}
	v.Stop("Hill")
	v.Network.Advance(3 * time.Second)
	if n := v.Servers["Meeks"].Status().Records; n != 5000 {
		t.Errorf("Meeks has %d records of 5000 after Hill has stopped", n)
	}
	inAgreement(t, v)
}

// A slow link takes longer than peer_stall for what waits, but it takes some all
// the while: it is waited for, and everything crosses it once.
func TestANeighbourThatIsSlowIsWaitedFor(t *testing.T) {
	v := start(t, func(c *herd.Config) { c.Limits.PeerStall = herd.Duration(2 * time.Second) })
	c := v.Connect("Meeks")
	v.Kill("Hill")
	for i := range 20_000 {
		c.Send([]byte(fmt.Sprintf("IAMAT client%d +1+1 1000000000\n", i)))
	}
	settle(v)
	v.Network.SetLink("Meeks", "Hill", reactortest.Link{BytesPerSecond: 50_000})
	v.Start("Hill")
	opened := status(t, v, "Meeks", "Hill").Opened
	v.Network.Advance(10 * time.Second)
	if l := status(t, v, "Meeks", "Hill"); !l.Up || !l.Dumping || l.Waiting == 0 {
		t.Fatalf("the link is not slow enough: %+v", l)
	}
	v.Network.Advance(30 * time.Second)
	if l := status(t, v, "Meeks", "Hill"); !l.Up || l.Opened != opened+1 || l.Dumping {
		t.Errorf("after 40 s: %+v", l)
	}
	if n := v.Servers["Hill"].Status().Records; n != 20_000 {
		t.Errorf("Hill has %d records of 20000", n)
	}
}
