package goroutineherd_test

import (
	"fmt"
	"testing"
	"time"

	"proxyherd/herd"
	"proxyherd/herd/herdtest"
)

func TestBothDialAndOneLinkStays(t *testing.T) {
	start(t, nil, func(t *testing.T, b *herdtest.Bubble) {
		b.Advance(30 * time.Second)
		checked := 0
		for _, member := range b.Config.Servers {
			for _, peer := range member.TalksTo {
				mine, theirs := status(t, b, member.Name, peer), status(t, b, peer, member.Name)
				if !mine.Up || !theirs.Up || mine.Role == theirs.Role {
					t.Errorf("%s and %s: %+v and %+v, want the two ends of one link", member.Name, peer, mine, theirs)
				}
				checked++
			}
		}
		if checked != 10 {
			t.Fatalf("%d ends of links checked, want 10", checked)
		}
	})
}

func TestALinkThatDiesIsDialledAgain(t *testing.T) {
	start(t, nil, func(t *testing.T, b *herdtest.Bubble) {
		b.Kill("Meeks")
		settle(b)
		for _, name := range []string{"Farmar", "Gasol", "Hill"} {
			if l := status(t, b, name, "Meeks"); l.Up || lastLoss(l) != "lost" {
				t.Errorf("%s after Meeks was killed: %+v", name, l)
			}
		}
		b.Advance(time.Minute) // however long it was away
		b.Start("Meeks")
		began := time.Now()
		if !b.Wait(b.Linked) {
			t.Fatal("the links did not open again")
		}
		if took := time.Since(began); took > time.Second { // virtual
			t.Errorf("a restarted server dials at once, and it took %v", took)
		}
	})
}

// What was reported while a link was cut crosses it afterwards, and nothing else.
func TestACutIsMendedByWhatDiffers(t *testing.T) {
	for _, mac := range []bool{false, true} {
		start(t, func(c *herd.Config) { c.LinkMAC = mac }, func(t *testing.T, b *herdtest.Bubble) {
			for i := range 1000 {
				say(t, b, "Hill", report(fmt.Sprint("client", i)))
			}
			b.Network.Cut("Hill", "Meeks")
			b.Network.Cut("Meeks", "Hill")
			b.Advance(9 * time.Second)
			// Whoever notices it first resets the connection.
			hill, meeks := status(t, b, "Hill", "Meeks"), status(t, b, "Meeks", "Hill")
			if hill.Up || meeks.Up || lastLoss(hill) != "silent" && lastLoss(meeks) != "silent" {
				t.Fatalf("the cut was not noticed: %+v and %+v", hill, meeks)
			}
			for i := range 10 {
				say(t, b, "Hill", report(fmt.Sprint("client", i)))
				say(t, b, "Farmar", report(fmt.Sprint("client", 20+i)), report(fmt.Sprint("new", i)))
			}
			b.Network.Heal("Hill", "Meeks")
			b.Network.Heal("Meeks", "Hill")
			if !b.Wait(b.Linked) {
				t.Fatal("the link did not open again")
			}
			settle(b)
			inAgreement(t, b)
			allInSync(t, b)
			r := status(t, b, "Hill", "Meeks").Resync
			if other := status(t, b, "Meeks", "Hill").Resync; other.At.After(r.At) {
				r = other
			}
			if n := r.Sent + r.Received; n < 30 || n > 50 || r.RoundTrips > 6 || r.Bytes > 200_000 {
				t.Errorf("30 records differed, of which 20 are of known clients; the exchange is %+v", r)
			}
		})
	}
}

// allInSync checks that both ends of every link say so.
func allInSync(t *testing.T, b *herdtest.Bubble) {
	t.Helper()
	checked := 0
	for _, s := range b.Servers {
		for _, l := range s.Status().Links {
			if checked++; l.Sync != herd.InSync || l.Differ != 0 {
				t.Errorf("%s about %s: %+v", s.Status().Name, l.Peer, l)
			}
		}
	}
	if checked == 0 {
		t.Fatal("no link was looked at")
	}
}

func TestAStrangerOnThePeerPortIsClosed(t *testing.T) {
	start(t, nil, func(t *testing.T, b *herdtest.Bubble) {
		meeks, _ := b.Config.Server("Meeks")
		for n := range b.Config.Servers { // Connect knows servers by their port for clients
			if b.Config.Servers[n].Name == "Meeks" {
				b.Config.Servers[n].Clients = meeks.Peers
			}
		}
		const nonce = "0102030405060708010203040506070801020304050607080102030405060708"
		for i, opening := range []string{
			"AT Hill +0.000000001 evil +1+1 1000000000\n",
			"IAMAT evil +1+1 1000000000\n",
			"HELLO 1 herd Hill Meeks dialler 300 - 0000000000000001 " + nonce + "\nAT Hill +0.000000001 evil +1+1 1000000000\n",
			string(make([]byte, 50_000)),
			"", // says nothing at all
		} {
			c := b.Connect("Meeks")
			c.Send([]byte(opening))
			b.Advance(herd.HandshakeTimeout + time.Second)
			if !c.Ended() {
				t.Errorf("opening %d: the stranger is still connected", i)
			}
		}
		if st := b.Servers["Meeks"].Status(); st.Records != 0 || st.Closed["handshake_timeout"] == 0 {
			t.Errorf("a stranger stored %d records; closed are %v", st.Records, st.Closed)
		}
		if n := b.Servers["Meeks"].Measures().Unproved; n != 0 {
			t.Errorf("%d connections count as unproved with nobody there", n)
		}
		if !b.Linked() {
			t.Error("the herd's own links have suffered")
		}
	})
}

func TestRecordsAreBoundedForClientsAndForNeighbours(t *testing.T) {
	start(t, func(c *herd.Config) { c.Limits.Records = 10 }, func(t *testing.T, b *herdtest.Bubble) {
		for i := range 12 {
			say(t, b, "Hill", report(fmt.Sprint("client", i)))
		}
		for i := range 12 {
			say(t, b, "Farmar", report(fmt.Sprint("client", i)))
		}
		if st := b.Servers["Hill"].Status(); st.Records != 10 || st.Counters.Full != 2 {
			t.Errorf("Hill took %d of 12 new clients, and counts %d too many", st.Records, st.Counters.Full)
		}
		if st := b.Servers["Farmar"].Status(); st.Records != 10 || st.Counters.Full != 2 {
			t.Errorf("Farmar, which knows 10, has %d and counts %d too many", st.Records, st.Counters.Full)
		}
		inAgreement(t, b)
	})
}

func TestAServerThatStopsSendsWhatItHas(t *testing.T) {
	start(t, func(c *herd.Config) { c.Limits.PeerOutput = 65536 }, func(t *testing.T, b *herdtest.Bubble) {
		b.Network.Cut("Hill", "Meeks")
		c := b.Connect("Hill")
		for i := range 5000 {
			c.Send(fmt.Appendf(nil, "IAMAT client%d +1+1 946684800\n", i))
		}
		settle(b)
		if l := status(t, b, "Hill", "Meeks"); l.Changed == 0 {
			t.Fatalf("nothing waits for Meeks: %+v", l)
		}
		b.Network.Heal("Hill", "Meeks")
		b.Stop("Hill")
		settle(b)
		if n := b.Servers["Meeks"].Status().Records; n != 5000 {
			t.Errorf("Meeks has %d records of 5000 after Hill has stopped", n)
		}
		if l := status(t, b, "Meeks", "Hill"); lastLoss(l) != "server_stopping" {
			t.Errorf("Meeks was not told why: %+v", l)
		}
		inAgreement(t, b)
	})
}
