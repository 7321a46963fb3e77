package herdtest

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"proxyherd/herd"
)

func TestBothDialAndOneLinkStays(t *testing.T) {
	// With a delay on every link both ends dial before either is reached.
	far(t, 10*time.Millisecond, nil, func(t *testing.T, h Twin) {
		h.Advance(30 * time.Second)
		checked := 0
		for _, member := range h.Settings().Servers {
			for _, peer := range member.TalksTo {
				l := status(t, h, member.Name, peer)
				want := herd.Acceptor
				if member.Name < peer {
					want = herd.Dialler
				}
				if !l.Up || l.Role != want {
					t.Errorf("%s to %s: %+v, want the %s's end of the link that the lower name dialled", member.Name, peer, l, want)
				}
				checked++
			}
		}
		if checked != 10 {
			t.Fatalf("%d ends of links checked, want 10", checked)
		}
		say(t, h, "Hill", report(h, "a"))
		settle(h)
		inAgreement(t, h)
	})
}

func TestALinkThatDiesIsDialledAgain(t *testing.T) {
	start(t, nil, func(t *testing.T, h Twin) {
		h.Kill("Meeks")
		settle(h)
		for _, name := range []string{"Farmar", "Gasol", "Hill"} {
			if l := status(t, h, name, "Meeks"); l.Up || lastLoss(l) != "lost" {
				t.Errorf("%s after Meeks was killed: %+v", name, l)
			}
		}
		h.Advance(time.Minute) // however long it was away
		h.Start("Meeks")
		began := h.Now()
		if !h.Wait(h.Linked) {
			t.Fatal("the links did not open again")
		}
		if took := h.Now().Sub(began); took > time.Second {
			t.Errorf("a restarted server dials at once, and it took %v", took)
		}
	})
}

func TestAServerWithAnotherSecretIsNobody(t *testing.T) {
	start(t, nil, func(t *testing.T, h Twin) {
		h.Kill("Hill")
		// Where both had dialled at the start, Meeks has opened one link and then another.
		before := status(t, h, "Meeks", "Hill").Opened
		say(t, h, "Meeks", report(h, "a"))
		impostor := h.Another("Hill", *h.Settings(), secrets("another secret, long enough too"))
		h.Advance(time.Minute)
		if st := impostor(); st.Records != 0 || st.Links[0].Up || st.Links[0].Opened != 0 {
			t.Errorf("a server without the secret has %d records and the link %+v", st.Records, st.Links[0])
		}
		if l := status(t, h, "Meeks", "Hill"); l.Up || l.Opened != before {
			t.Errorf("Meeks let it in: %+v, and had opened %d before", l, before)
		}
	})
}

func TestAStrangerOnThePeerPortIsClosed(t *testing.T) {
	start(t, nil, func(t *testing.T, h Twin) {
		meeks, _ := h.Settings().Server("Meeks")
		for i, opening := range []string{
			"AT Hill +0.000000001 evil +1+1 1000000000\n",
			"IAMAT evil +1+1 1000000000\n",
			"HELLO 1 herd Hill Meeks dialler 300 - 0000000000000001 " + nonce + "\nAT Hill +0.000000001 evil +1+1 1000000000\n",
			string(make([]byte, 100_000)),
			"", // says nothing at all
		} {
			for n := range h.Settings().Servers { // Connect knows servers by their port for clients
				if h.Settings().Servers[n].Name == "Meeks" {
					h.Settings().Servers[n].Clients = meeks.Peers
				}
			}
			c := h.Connect("Meeks")
			c.Send([]byte(opening))
			h.Advance(herd.HandshakeTimeout + time.Second)
			if !c.Ended() {
				t.Errorf("opening %d: the stranger is still connected", i)
			}
		}
		if n := h.Measures("Meeks").Status.Records; n != 0 {
			t.Errorf("a stranger stored %d records", n)
		}
		if !h.Linked() {
			t.Error("the herd's own links have suffered")
		}
	})
}

const nonce = "0102030405060708010203040506070801020304050607080102030405060708"

func TestTheEndThatRestedDialsToo(t *testing.T) {
	// Farmar has dialled Meeks, so Meeks' own dialling rests; when the link is
	// lost it goes on, though Farmar would dial again by itself.
	start(t, nil, func(t *testing.T, h Twin) {
		dials := func() int { return h.Dials("Meeks", "Farmar") }
		h.Advance(time.Minute)
		resting := dials()
		h.Advance(time.Minute)
		if n := dials(); n != resting {
			t.Errorf("Meeks dialled Farmar %d times while their link was open", n-resting)
		}
		h.Kill("Farmar")
		h.Advance(20 * time.Second)
		if n := dials(); n < resting+3 {
			t.Errorf("Meeks dialled Farmar %d times in the 20 s after it was lost", n-resting)
		}
	})
}

func TestALinkThatIsOpenIsNotDialledAgain(t *testing.T) {
	// Farmar, the lower name, waits to dial Meeks again when Meeks comes back
	// and dials Farmar. Its own link would take the place of that one.
	start(t, nil, func(t *testing.T, h Twin) {
		dials := func() int { return h.Dials("Farmar", "Meeks") }
		h.Kill("Meeks")
		h.Advance(20 * time.Second)
		opened, dialled := status(t, h, "Farmar", "Meeks").Opened, dials()
		h.Start("Meeks")
		h.Advance(20 * time.Second)
		atFarmar, atMeeks := status(t, h, "Farmar", "Meeks"), status(t, h, "Meeks", "Farmar")
		if !atFarmar.Up || atFarmar.Opened != opened+1 || atMeeks.Opened != 1 || dials() != dialled {
			t.Errorf("after one restart, Farmar has opened %d more links and Meeks %d, and Farmar has dialled %d times",
				atFarmar.Opened-opened, atMeeks.Opened, dials()-dialled)
		}
		h.Kill("Meeks")
		h.Advance(20 * time.Second)
		if dials() == dialled {
			t.Error("when the link was lost, Farmar did not dial")
		}
	})
}

// Somebody starts a second Hill on another machine: the two take Meeks' link from
// each other, and all three logs and states say why.
func TestTwoServersOfOneNameAreNoticed(t *testing.T) {
	start(t, nil, func(t *testing.T, h Twin) {
		config := *h.Settings()
		config.Servers = slices.Clone(config.Servers)
		for i := range config.Servers {
			if s := &config.Servers[i]; s.Name == "Hill" {
				s.Clients, s.Peers = "127.0.0.1:13000", "127.0.0.1:13100"
			}
		}
		second := h.Another("Hill", config, secrets(Secret))
		h.Advance(time.Minute)
		told := func(l herd.LinkStatus) bool {
			return slices.ContainsFunc(l.Losses, func(loss herd.Loss) bool { return loss.Reason == "duplicate_name" })
		}
		if n := h.Measures("Meeks").Status.Closed["duplicate_name"]; n == 0 || !told(status(t, h, "Meeks", "Hill")) {
			t.Errorf("Meeks has closed %d links for their name: %+v", n, status(t, h, "Meeks", "Hill"))
		}
		if one, two := status(t, h, "Hill", "Meeks"), second().Links[0]; !told(one) || !told(two) {
			t.Errorf("the two were not told: %+v\n%+v", one, two)
		}
	})
}

// Clients bring more to the whole herd than a server takes from its neighbours:
// it says so, and what it has stays good.
func TestALinkThatBringsTooMuchIsClosed(t *testing.T) {
	start(t, func(c *herd.Config) { c.Limits.Records = 10 }, func(t *testing.T, h Twin) {
		for _, name := range []string{"Farmar", "Gasol", "Meeks"} { // 10, then 20 for all
			h.Cut("Farmar", "Meeks")
			h.Cut("Farmar", "Young")
			h.Cut("Gasol", "Meeks")
			h.Cut("Gasol", "Young")
			h.Advance(7 * time.Second)
			for i := range 12 {
				say(t, h, name, report(h, fmt.Sprint(name, i)))
			}
			if n := h.Measures(name).Status; n.Records != 10 || n.Counters.Full != 2 {
				t.Errorf("%s took %d of 12 new clients, and counts %d too many", name, n.Records, n.Counters.Full)
			}
		}
		for _, pair := range [][2]string{{"Farmar", "Meeks"}, {"Farmar", "Young"}, {"Gasol", "Meeks"}, {"Gasol", "Young"}} {
			h.Heal(pair[0], pair[1])
		}
		h.Advance(10 * time.Second)
		full := int64(0)
		for _, name := range h.Running() {
			st := h.Measures(name).Status
			full += st.Closed["store_full"]
			if st.Records > 20 {
				t.Errorf("%s holds %d records, and the cap for neighbours' is 20", name, st.Records)
			}
		}
		if full == 0 {
			t.Error("no link was closed as store_full")
		}
		if got := say(t, h, "Meeks", report(h, "Meeks1")); len(got) != 1 || got[0][:3] != "AT " {
			t.Errorf("a known client's report is answered %q", got)
		}
	})
}
