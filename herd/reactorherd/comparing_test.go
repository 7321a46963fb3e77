package reactorherd_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"proxyherd/herd"
	"proxyherd/herd/herdtest"
	"proxyherd/herd/reactorherd"
)

// allInSync checks that both ends of every link say so.
func allInSync(t *testing.T, v *herdtest.Virtual) {
	t.Helper()
	checked := 0
	for _, member := range v.Config.Servers {
		s := v.Servers[member.Name]
		if s == nil {
			continue
		}
		for _, l := range s.Status().Links {
			if checked++; l.Sync != herd.InSync || l.Differ != 0 {
				t.Errorf("%s about %s: %+v", member.Name, l.Peer, l)
			}
		}
	}
	if checked == 0 {
		t.Fatal("no link was looked at")
	}
}

func TestAHerdIsInSyncFromItsStart(t *testing.T) {
	v := quiet(t, nil)
	v.Network.Advance(time.Second)
	allInSync(t, v)
}

// What was reported while a link was cut crosses it afterwards, and nothing else.
func TestACutIsMendedByWhatDiffers(t *testing.T) {
	v := quiet(t, nil)
	for i := range 1000 {
		say(t, v, "Hill", report(v, fmt.Sprint("client", i)))
	}
	v.Network.Cut("Hill", "Meeks")
	v.Network.Advance(7 * time.Second)
	for i := range 10 {
		say(t, v, "Hill", report(v, fmt.Sprint("client", i)))
		say(t, v, "Farmar", report(v, fmt.Sprint("client", 20+i)), report(v, fmt.Sprint("new", i)))
	}
	before := messages(v)
	v.Network.Heal("Hill", "Meeks")
	if !v.Wait(v.Linked) {
		t.Fatal("the link did not open again")
	}
	v.Network.Advance(time.Second)
	inAgreement(t, v)
	allInSync(t, v)
	// Meeks has dialled, as Hill was found by it first, or Hill has: one of them
	// counts the exchange.
	r := status(t, v, "Hill", "Meeks").Resync
	if r.At.IsZero() {
		r = status(t, v, "Meeks", "Hill").Resync
	}
	if n := r.Sent + r.Received; n < 30 || n > 50 || r.RoundTrips > 6 || r.Bytes > 200_000 {
		t.Errorf("30 records differed, of which 20 are of known clients; the exchange is %+v", r)
	}
	// 10 records to the three others and on, 20 to Hill alone, and what crossed.
	if n := messages(v) - before; n > 10*6+50 {
		t.Errorf("%d AT lines were sent", n)
	}
}

func TestARestartedServerIsSentEverything(t *testing.T) {
	v := quiet(t, nil)
	for i := range 500 {
		say(t, v, "Hill", report(v, fmt.Sprint("client", i)))
	}
	for _, name := range []string{"Farmar", "Young", "Meeks"} { // two of them dial, one is dialled
		v.Kill(name)
		v.Network.Advance(time.Second)
		v.Start(name)
		if !v.Wait(v.Linked) {
			t.Fatal("the links did not open again")
		}
		v.Network.Advance(time.Second)
		if n := v.Servers[name].Status().Records; n != 500 {
			t.Errorf("%s has %d records after its restart, want 500", name, n)
		}
		allInSync(t, v)
	}
	inAgreement(t, v)
}

// A neighbour that keeps nothing of what it is sent, and says so each time, is
// sent everything once for each time that the link opens.
func TestANeighbourThatStaysEmptyIsSentEverythingOnce(t *testing.T) {
	v := quiet(t, nil)
	v.Kill("Hill")
	for i := range 100 {
		say(t, v, "Farmar", report(v, fmt.Sprint("client", i)))
	}
	identity, err := v.Config.Identity("Hill", 77, [][]byte{[]byte(herdtest.Secret)}, v.Config.Capabilities([][]byte{[]byte(herdtest.Secret)})...)
	if err != nil {
		t.Fatal(err)
	}
	asked := 0
	hill := &plain{handshake: herd.NewAcceptor(identity, herd.Nonce{1})}
	hill.Delimiter = []byte{'\n'}
	hill.answer = func(line []byte) string {
		var n, bits, first, count int
		if _, err := fmt.Sscanf(string(line), "ASKSUMS %d %d %d %d", &n, &bits, &first, &count); err != nil {
			return ""
		}
		if bits == 0 {
			asked++
		}
		const one = "AAAAAAAAAAE" // as good a number as any that is not the true one
		return fmt.Sprintf("SUMS %d %d %d 0 %s\n", n, bits, first, one)
	}
	member, _ := v.Config.Server("Hill")
	at := netip.MustParseAddrPort(member.Peers)
	if _, err := v.Network.Reactor("Hill").ListenTCP(int(at.Port()), &plainFactory{p: hill}, 0, at.Addr().String()); err != nil {
		t.Fatal(err)
	}
	v.Network.Advance(20 * time.Second)
	if len(hill.lines) != 100 || asked < 2 {
		t.Errorf("it was asked for everything %d times, and sent %d records, want 100", asked, len(hill.lines))
	}
}

// Records go missing that no link's loss would bring back: as after a fault of
// this program's own.
func TestTheCheckEveryHalfMinuteFindsWhatNobodySent(t *testing.T) {
	v := quiet(t, nil)
	say(t, v, "Hill", report(v, "a"))
	settle(v)
	reactorherd.Smuggle(v.Servers["Gasol"], "AT Gasol +0.000000000 smuggled +1+1 5")
	say(t, v, "Young", report(v, "b"))
	v.Network.Advance(herd.CompareEvery + time.Second)
	inAgreement(t, v)
	allInSync(t, v)
	if n := v.Servers["Hill"].Status().Records; n != 3 {
		t.Errorf("Hill has %d records, want 3", n)
	}
}

// The same while every bucket changes all the time.
func TestTheCheckFindsWhatNobodySentThoughTheLoadLasts(t *testing.T) {
	const every = 10 * time.Millisecond
	v := quiet(t, func(c *herd.Config) { c.DigestBuckets = 16 })
	var clients []herdtest.Client
	for _, name := range []string{"Farmar", "Gasol", "Hill", "Meeks", "Young"} {
		clients = append(clients, v.Connect(name))
	}
	settle(v)
	reactorherd.Smuggle(v.Servers["Gasol"], "AT Gasol +0.000000000 smuggled +1+1 5")
	sent := 0
	for range (herd.CompareEvery + 2*time.Second) / every {
		for range 32 {
			clients[sent%len(clients)].Send([]byte(report(v, fmt.Sprintf("client%d", sent%67)) + "\n"))
			sent++
		}
		v.Network.Advance(every)
		for _, c := range clients {
			c.Take(len(c.Received()))
		}
	}
	for name, s := range v.Servers {
		if n := s.Status().Records; n != 68 {
			t.Errorf("%s has %d records while the load lasts, want 68", name, n)
		}
	}
	allInSync(t, v)
	v.Network.Advance(time.Second)
	inAgreement(t, v)
	// It crosses one of Gasol's two links, or both, and nothing else is exchanged.
	exchanged := int64(0)
	for _, s := range v.Servers {
		for _, l := range s.Status().Links {
			exchanged += l.Resync.Sent + l.Resync.Received
		}
	}
	if exchanged < 1 || exchanged > 2 {
		t.Errorf("beside %d updates %d records were exchanged, want 1 or 2", sent, exchanged)
	}
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
	v := quiet(t, nil)
	names := []string{"Farmar", "Gasol", "Hill", "Meeks", "Young"}
	var clients []herdtest.Client
	for _, name := range names {
		clients = append(clients, v.Connect(name))
	}
	settle(v)
	before, sent := messages(v), 0
	for range seconds * int(time.Second/every) {
		for range perSecond / int(time.Second/every) {
			c := clients[sent%len(clients)]
			c.Send([]byte(report(v, fmt.Sprintf("client%d", sent%7919)) + "\n"))
			sent++
		}
		v.Network.Advance(every)
		for _, c := range clients {
			c.Take(len(c.Received()))
		}
	}
	allInSync(t, v)
	for _, s := range v.Servers {
		for _, l := range s.Status().Links {
			if !l.Resync.At.IsZero() || l.Checked.Before(v.Network.Seconds().Add(-herd.CompareEvery-time.Second)) {
				t.Errorf("%s about %s: %+v", s.Status().Name, l.Peer, l)
			}
		}
	}
	v.Network.Advance(time.Second)
	inAgreement(t, v)
	stale := uint64(0)
	for _, s := range v.Servers {
		stale += s.Status().Counters.Stale
	}
	if n := messages(v) - before; n != 6*(uint64(sent)-stale) {
		t.Errorf("%d updates, %d of them stale, took %d messages, want 6 for each", sent, stale, n)
	}
}

// A neighbour that stands still for a minute, as a stopped process would, while
// clients go on: it is left, and has everything soon after it goes on.
func TestANeighbourThatStoodStillForAMinuteCatchesUp(t *testing.T) {
	v := quiet(t, nil)
	c := v.Connect("Farmar")
	for _, peer := range []string{"Farmar", "Gasol", "Hill"} {
		v.Network.Cut("Meeks", peer)
	}
	for second := range 60 {
		for i := range 200 {
			c.Send([]byte(report(v, fmt.Sprintf("client%d", (second*37+i)%1000)) + "\n"))
		}
		v.Network.Advance(time.Second)
		c.Take(len(c.Received()))
		if l := status(t, v, "Farmar", "Meeks"); l.Up && second > 12 {
			t.Fatalf("%d s after Meeks has stopped: %+v", second, l)
		}
	}
	for _, peer := range []string{"Farmar", "Gasol", "Hill"} {
		v.Network.Heal("Meeks", peer)
	}
	if !v.Wait(v.Linked) {
		t.Fatal("the links did not open again")
	}
	v.Network.Advance(2 * time.Second)
	inAgreement(t, v)
	allInSync(t, v)
}

// A neighbour in another language speaks AT lines alone.
func TestANeighbourWithoutADigestIsSentEverything(t *testing.T) {
	v := quiet(t, nil)
	for i := range 100 {
		say(t, v, "Farmar", report(v, fmt.Sprint("client", i)))
	}
	v.Kill("Hill")
	hill := newPlain(t, v, "Hill")
	v.Network.Advance(time.Minute)
	if n := len(hill.lines); n != 100 || hill.other != 0 {
		t.Errorf("it was sent %d records, and %d other lines", n, hill.other)
	}
	if l := status(t, v, "Meeks", "Hill"); !l.Up || l.Sync != herd.Unknown {
		t.Errorf("Meeks about it: %+v", l)
	}
	hill.Transport.Write([]byte("AT Hill +0.000000001 mine +1+1 999999999.5\n"))
	settle(v)
	if n := v.Servers["Young"].Status().Records; n != 101 {
		t.Errorf("Young has %d records, want 101", n)
	}
}

func TestSecretsAreReplacedOneServerAfterTheOther(t *testing.T) {
	v := quiet(t, nil)
	old, now := []byte(herdtest.Secret), []byte("the secret that takes its place")
	clients := 0
	for step, keys := range [][][]byte{{old, now}, {now, old}, {now}} {
		for _, member := range v.Config.Servers {
			v.Keys[member.Name] = keys
			v.Stop(member.Name)
			v.Network.Advance(3 * time.Second)
			v.Start(member.Name)
			if !v.Wait(v.Linked) {
				t.Fatalf("step %d: the links did not open again after %s was restarted", step, member.Name)
			}
			clients++
			say(t, v, member.Name, report(v, fmt.Sprint("client", clients)))
			v.Network.Advance(time.Second)
			inAgreement(t, v)
			if n := v.Servers["Hill"].Status().Records; n != clients {
				t.Errorf("step %d: Hill has %d records, want %d", step, n, clients)
			}
		}
	}
	allInSync(t, v)
}

func TestAnUnprovedNeighbourTakesOnePlaceOfAFew(t *testing.T) {
	v := quiet(t, func(c *herd.Config) { c.Limits.UnprovedPeers = 3 })
	var strangers []*plain
	for i := range 5 {
		strangers = append(strangers, dial(v, fmt.Sprint("stranger", i), "Meeks", &plain{}))
	}
	v.Network.Advance(100 * time.Millisecond)
	if n := v.Servers["Meeks"].Status().Closed["unproved_peers"]; n != 2 {
		t.Errorf("%d of 5 strangers were refused, want 2", n)
	}
	// They do not keep neighbours out for longer than a handshake may take.
	v.Kill("Hill")
	v.Network.Advance(3 * time.Second)
	for _, s := range strangers {
		if !s.ended {
			t.Error("a stranger is still connected after 3 s")
		}
	}
	v.Start("Hill")
	if !v.Wait(v.Linked) {
		t.Error("a neighbour was not let in")
	}
}

// A neighbour that has the secret asks for the sums of everything, again and
// again, and takes none of them.
func TestANeighbourThatAsksAndTakesNothingIsClosed(t *testing.T) {
	v := quiet(t, func(c *herd.Config) { c.Limits.PeerOutput = 65536 })
	v.Kill("Hill")
	p := newPlain(t, v, "Hill", v.Config.Capabilities([][]byte{[]byte(herdtest.Secret)})...)
	v.Network.Advance(100 * time.Millisecond)
	if !p.done {
		t.Fatal("the handshake failed")
	}
	p.Transport.PauseProducing()
	most := int64(0)
	for range 600 {
		p.Transport.Write([]byte(strings.Repeat("ASKSUMS 1 11 0 2048\n", 150)))
		v.Network.Advance(10 * time.Millisecond)
		most = max(most, status(t, v, "Meeks", "Hill").Waiting)
	}
	if n := v.Servers["Meeks"].Status().Closed["peer_output"]; n != 1 {
		t.Errorf("%d links were closed for it: %v; at most %d bytes waited; %+v", n, v.Servers["Meeks"].Status().Closed, most, status(t, v, "Meeks", "Hill"))
	}
	if most > 2*(65536+512<<10)+65536 {
		t.Errorf("%d bytes waited for it", most)
	}
}
