package herdtest

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"proxyherd/herd"
)

// allInSync checks that both ends of every link say so.
func allInSync(t *testing.T, h Twin) {
	t.Helper()
	checked := 0
	for _, name := range h.Running() {
		for _, l := range h.Measures(name).Status.Links {
			if checked++; l.Sync != herd.InSync || l.Differ != 0 {
				t.Errorf("%s about %s: %+v", name, l.Peer, l)
			}
		}
	}
	if checked == 0 {
		t.Fatal("no link was looked at")
	}
}

func TestAHerdIsInSyncFromItsStart(t *testing.T) {
	quiet(t, nil, func(t *testing.T, h Twin) {
		h.Advance(time.Second)
		allInSync(t, h)
	})
}

// What was reported while a link was cut crosses it afterwards, and nothing else.
func TestACutIsMendedByWhatDiffers(t *testing.T) {
	quiet(t, nil, func(t *testing.T, h Twin) {
		for i := range 1000 {
			say(t, h, "Hill", report(h, fmt.Sprint("client", i)))
		}
		settle(h)
		h.Cut("Hill", "Meeks")
		h.Advance(7 * time.Second)
		for i := range 10 {
			say(t, h, "Hill", report(h, fmt.Sprint("client", i)))
			say(t, h, "Farmar", report(h, fmt.Sprint("client", 20+i)), report(h, fmt.Sprint("new", i)))
		}
		settle(h)
		before := messages(h)
		h.Heal("Hill", "Meeks")
		if !h.Wait(h.Linked) {
			t.Fatal("the link did not open again")
		}
		h.Advance(time.Second)
		inAgreement(t, h)
		allInSync(t, h)
		// Meeks has dialled, as Hill was found by it first, or Hill has: one of them
		// counts the exchange.
		r := status(t, h, "Hill", "Meeks").Resync
		if r.At.IsZero() {
			r = status(t, h, "Meeks", "Hill").Resync
		}
		if n := r.Sent + r.Received; n < 30 || n > 50 || r.RoundTrips > 6 || r.Bytes > 200_000 {
			t.Errorf("30 records differed, of which 20 are of known clients; the exchange is %+v", r)
		}
		// 10 records to the three others and on, 20 to Hill alone, and what crossed.
		if n := messages(h) - before; n > 10*6+50 {
			t.Errorf("%d AT lines were sent", n)
		}
	})
}

func TestARestartedServerIsSentEverything(t *testing.T) {
	quiet(t, nil, func(t *testing.T, h Twin) {
		for i := range 500 {
			say(t, h, "Hill", report(h, fmt.Sprint("client", i)))
		}
		for _, name := range []string{"Farmar", "Young", "Meeks"} { // two of them dial, one is dialled
			h.Kill(name)
			h.Advance(time.Second)
			h.Start(name)
			if !h.Wait(h.Linked) {
				t.Fatal("the links did not open again")
			}
			h.Advance(time.Second)
			if n := h.Measures(name).Status.Records; n != 500 {
				t.Errorf("%s has %d records after its restart, want 500", name, n)
			}
			allInSync(t, h)
		}
		inAgreement(t, h)
	})
}

// Records go missing that no link's loss would bring back: as after a fault of
// this program's own.
func TestTheCheckEveryHalfMinuteFindsWhatNobodySent(t *testing.T) {
	OnBoth(t, Setup{Latency: 5 * time.Millisecond, Fault: Fault{Unsaid: once("smuggled")}}, func(t *testing.T, h Twin) {
		say(t, h, "Hill", report(h, "a"))
		settle(h)
		say(t, h, "Gasol", report(h, "smuggled"))
		say(t, h, "Young", report(h, "b"))
		h.Advance(herd.CompareEvery + time.Second)
		inAgreement(t, h)
		allInSync(t, h)
		if n := h.Measures("Hill").Status.Records; n != 3 {
			t.Errorf("Hill has %d records, want 3", n)
		}
	})
}

// once finds the first of the updates of a client, in each herd that is asked for.
func once(client string) func() func(line []byte) bool {
	return func() func(line []byte) bool {
		var found atomic.Bool
		return func(line []byte) bool {
			return strings.Contains(string(line), " "+client+" ") && found.CompareAndSwap(false, true)
		}
	}
}

// The same while every bucket changes all the time.
func TestTheCheckFindsWhatNobodySentThoughTheLoadLasts(t *testing.T) {
	every := 10 * time.Millisecond
	if raceDetector {
		every = 50 * time.Millisecond
	}
	few := func(c *herd.Config) { c.DigestBuckets = 16 }
	OnBoth(t, Setup{Change: few, Latency: 5 * time.Millisecond, Fault: Fault{Unsaid: once("smuggled")}}, func(t *testing.T, h Twin) {
		var clients []Client
		for _, name := range []string{"Farmar", "Gasol", "Hill", "Meeks", "Young"} {
			clients = append(clients, h.Connect(name))
		}
		settle(h)
		say(t, h, "Gasol", report(h, "smuggled"))
		sent := 0
		for range (herd.CompareEvery + 2*time.Second) / every {
			for range 32 {
				clients[sent%len(clients)].Send([]byte(report(h, fmt.Sprintf("client%d", sent%67)) + "\n"))
				sent++
			}
			h.Advance(every)
			for _, c := range clients {
				c.Take(len(c.Received()))
			}
		}
		for _, name := range h.Running() {
			if n := h.Measures(name).Status.Records; n != 68 {
				t.Errorf("%s has %d records while the load lasts, want 68", name, n)
			}
		}
		allInSync(t, h)
		h.Advance(time.Second)
		inAgreement(t, h)
		// It crosses one of Gasol's two links, or both, and nothing else is exchanged.
		exchanged := int64(0)
		for _, name := range h.Running() {
			for _, l := range h.Measures(name).Status.Links {
				exchanged += l.Resync.Sent + l.Resync.Received
			}
		}
		if exchanged < 1 || exchanged > 2 {
			t.Errorf("beside %d updates %d records were exchanged, want 1 or 2", sent, exchanged)
		}
	})
}

// 5,000 updates a second at all five servers, for longer than it is from one
// comparison to the next: every server stays in sync, and no update takes more
// than its six messages.
func TestUnderLoadAHerdStaysInSyncAndResendsNothing(t *testing.T) {
	const every = 20 * time.Millisecond
	seconds, perSecond := 65, 5000
	if raceDetector || testing.Short() {
		seconds, perSecond = 32, 500
	}
	quiet(t, nil, func(t *testing.T, h Twin) {
		names := []string{"Farmar", "Gasol", "Hill", "Meeks", "Young"}
		var clients []Client
		for _, name := range names {
			clients = append(clients, h.Connect(name))
		}
		settle(h)
		before, sent := messages(h), 0
		for range seconds * int(time.Second/every) {
			for range perSecond / int(time.Second/every) {
				c := clients[sent%len(clients)]
				c.Send([]byte(report(h, fmt.Sprintf("client%d", sent%7919)) + "\n"))
				sent++
			}
			h.Advance(every)
			for _, c := range clients {
				c.Take(len(c.Received()))
			}
		}
		allInSync(t, h)
		for _, name := range h.Running() {
			for _, l := range h.Measures(name).Status.Links {
				if !l.Resync.At.IsZero() || l.Checked.Before(h.Now().Add(-herd.CompareEvery-time.Second)) {
					t.Errorf("%s about %s: %+v", name, l.Peer, l)
				}
			}
		}
		h.Advance(time.Second)
		inAgreement(t, h)
		stale := uint64(0)
		for _, name := range h.Running() {
			stale += h.Measures(name).Status.Counters.Stale
		}
		if n := messages(h) - before; n != 6*(uint64(sent)-stale) {
			t.Errorf("%d updates, %d of them stale, took %d messages, want 6 for each", sent, stale, n)
		}
	})
}

// A neighbour that stands still for a minute, as a stopped process would, while
// clients go on: it is left, and has everything soon after it goes on.
func TestANeighbourThatStoodStillForAMinuteCatchesUp(t *testing.T) {
	quiet(t, nil, func(t *testing.T, h Twin) {
		c := h.Connect("Farmar")
		for _, peer := range []string{"Farmar", "Gasol", "Hill"} {
			h.Cut("Meeks", peer)
		}
		for second := range 60 {
			for i := range 200 {
				c.Send([]byte(report(h, fmt.Sprintf("client%d", (second*37+i)%1000)) + "\n"))
			}
			h.Advance(time.Second)
			c.Take(len(c.Received()))
			if l := status(t, h, "Farmar", "Meeks"); l.Up && second > 12 {
				t.Fatalf("%d s after Meeks has stopped: %+v", second, l)
			}
		}
		for _, peer := range []string{"Farmar", "Gasol", "Hill"} {
			h.Heal("Meeks", peer)
		}
		if !h.Wait(h.Linked) {
			t.Fatal("the links did not open again")
		}
		h.Advance(2 * time.Second)
		inAgreement(t, h)
		allInSync(t, h)
	})
}

// A neighbour in another language speaks AT lines alone.
func TestANeighbourWithoutADigestIsSentEverything(t *testing.T) {
	quiet(t, nil, func(t *testing.T, h Twin) {
		for i := range 100 {
			say(t, h, "Farmar", report(h, fmt.Sprint("client", i)))
		}
		settle(h)
		h.Kill("Hill")
		hill := newPlain(t, h, "Hill")
		h.Advance(time.Minute)
		hill.turn()
		if n := len(hill.lines); n != 100 || hill.other != 0 {
			t.Errorf("it was sent %d records, and %d other lines", n, hill.other)
		}
		if l := status(t, h, "Meeks", "Hill"); !l.Up || l.Sync != herd.Unknown {
			t.Errorf("Meeks about it: %+v", l)
		}
		hill.Send([]byte("AT Hill +0.000000001 mine +1+1 999999999.5\n"))
		settle(h)
		if n := h.Measures("Young").Status.Records; n != 101 {
			t.Errorf("Young has %d records, want 101", n)
		}
	})
}

func TestSecretsAreReplacedOneServerAfterTheOther(t *testing.T) {
	quiet(t, nil, func(t *testing.T, h Twin) {
		old, now := []byte(Secret), []byte("the secret that takes its place")
		clients := 0
		for step, keys := range [][][]byte{{old, now}, {now, old}, {now}} {
			for _, member := range h.Settings().Servers {
				h.KeysFrom(member.Name, keys)
				h.Stop(member.Name)
				h.Advance(3 * time.Second)
				h.Start(member.Name)
				if !h.Wait(h.Linked) {
					t.Fatalf("step %d: the links did not open again after %s was restarted", step, member.Name)
				}
				clients++
				say(t, h, member.Name, report(h, fmt.Sprint("client", clients)))
				h.Advance(time.Second)
				inAgreement(t, h)
				if n := h.Measures("Hill").Status.Records; n != clients {
					t.Errorf("step %d: Hill has %d records, want %d", step, n, clients)
				}
			}
		}
		allInSync(t, h)
	})
}

func TestAnUnprovedNeighbourTakesOnePlaceOfAFew(t *testing.T) {
	quiet(t, func(c *herd.Config) { c.Limits.UnprovedPeers = 3 }, func(t *testing.T, h Twin) {
		var strangers []*plain
		for i := range 5 {
			strangers = append(strangers, stranger(t, h, fmt.Sprint("stranger", i)))
		}
		h.Advance(100 * time.Millisecond)
		if n := h.Measures("Meeks").Status.Closed["unproved_peers"]; n != 2 {
			t.Errorf("%d of 5 strangers were refused, want 2", n)
		}
		// They do not keep neighbours out for longer than a handshake may take.
		h.Kill("Hill")
		h.Advance(3 * time.Second)
		for _, s := range strangers {
			if !s.Ended() {
				t.Error("a stranger is still connected after 3 s")
			}
		}
		h.Start("Hill")
		if !h.Wait(h.Linked) {
			t.Error("a neighbour was not let in")
		}
	})
}

// A neighbour that has the secret asks for the sums of everything, again and
// again, and takes none of them.
func TestANeighbourThatAsksAndTakesNothingIsClosed(t *testing.T) {
	quiet(t, func(c *herd.Config) { c.Limits.PeerOutput = 65536 }, func(t *testing.T, h Twin) {
		h.Kill("Hill")
		p := newPlain(t, h, "Hill", h.Settings().Capabilities([][]byte{[]byte(Secret)})...)
		p.Client.(Deaf).PauseProducing()
		most := int64(0)
		for range 600 {
			p.Send([]byte(strings.Repeat("ASKSUMS 1 11 0 2048\n", 150)))
			h.Advance(10 * time.Millisecond)
			most = max(most, status(t, h, "Meeks", "Hill").Waiting)
		}
		if n := h.Measures("Meeks").Status.Closed["peer_output"]; n != 1 {
			t.Errorf("%d links were closed for it: %v; at most %d bytes waited; %+v", n, h.Measures("Meeks").Status.Closed, most, status(t, h, "Meeks", "Hill"))
		}
		if most > 2*(65536+512<<10)+65536 {
			t.Errorf("%d bytes waited for it", most)
		}
	})
}
