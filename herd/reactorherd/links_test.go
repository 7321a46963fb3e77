package reactorherd_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"proxyherd/herd"
	"proxyherd/herd/herdtest"
	"proxyherd/herd/reactorherd"
	"proxyherd/herd/upstream"
	"proxyherd/reactor/reactortest"
)

func TestBothDialAndOneLinkStays(t *testing.T) {
	// With a delay on every link both ends dial before either is reached.
	v := herdtest.NewVirtual(t, reactortest.Options{Link: reactortest.Link{Latency: 10 * time.Millisecond}}, nil)
	v.Network.Advance(30 * time.Second)
	checked := 0
	for _, member := range v.Config.Servers {
		for _, peer := range member.TalksTo {
			l := status(t, v, member.Name, peer)
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
	say(t, v, "Hill", report(v, "a"))
	settle(v)
	inAgreement(t, v)
}

func TestALinkThatDiesIsDialledAgain(t *testing.T) {
	v := start(t, nil)
	v.Kill("Meeks")
	settle(v)
	for _, name := range []string{"Farmar", "Gasol", "Hill"} {
		if l := status(t, v, name, "Meeks"); l.Up || lastLoss(l) != "lost" {
			t.Errorf("%s after Meeks was killed: %+v", name, l)
		}
	}
	v.Network.Advance(time.Minute) // however long it was away
	v.Start("Meeks")
	began := v.Network.Seconds()
	if !v.Wait(v.Linked) {
		t.Fatal("the links did not open again")
	}
	if took := v.Network.Seconds().Sub(began); took > time.Second {
		t.Errorf("a restarted server dials at once, and it took %v", took)
	}
}

func TestAServerWithAnotherSecretIsNobody(t *testing.T) {
	v := start(t, nil)
	v.Kill("Hill")
	say(t, v, "Meeks", report(v, "a"))
	r := v.Network.Reactor("Hill")
	impostor, err := reactorherd.New(r, reactorherd.Options{
		Name: "Hill", Config: v.Config, Keys: [][]byte{[]byte("another secret, long enough too")},
		Upstream: noUpstream{}, Kind: upstream.Twitter{},
	})
	if err == nil {
		err = impostor.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	v.Network.Advance(time.Minute)
	if st := impostor.Status(); st.Records != 0 || st.Links[0].Up || st.Links[0].Opened != 0 {
		t.Errorf("a server without the secret has %d records and the link %+v", st.Records, st.Links[0])
	}
	if l := status(t, v, "Meeks", "Hill"); l.Up || l.Opened != 1 {
		t.Errorf("Meeks let it in: %+v", l)
	}
}

func TestAStrangerOnThePeerPortIsClosed(t *testing.T) {
	v := start(t, nil)
	meeks, _ := v.Config.Server("Meeks")
	for i, opening := range []string{
		"AT Hill +0.000000001 evil +1+1 1000000000\n",
		"IAMAT evil +1+1 1000000000\n",
		"HELLO 1 herd Hill Meeks dialler 300 - 0000000000000001 " + nonce + "\nAT Hill +0.000000001 evil +1+1 1000000000\n",
		string(make([]byte, 100_000)),
		"", // says nothing at all
	} {
		for n := range v.Config.Servers { // Connect knows servers by their port for clients
			if v.Config.Servers[n].Name == "Meeks" {
				v.Config.Servers[n].Clients = meeks.Peers
			}
		}
		c := v.Connect("Meeks")
		c.Send([]byte(opening))
		v.Network.Advance(herd.HandshakeTimeout + time.Second)
		if !c.Ended() {
			t.Errorf("opening %d: the stranger is still connected", i)
		}
	}
	if n := v.Servers["Meeks"].Status().Records; n != 0 {
		t.Errorf("a stranger stored %d records", n)
	}
	if !v.Linked() {
		t.Error("the herd's own links have suffered")
	}
}

const nonce = "0102030405060708010203040506070801020304050607080102030405060708"

func TestTheEndThatRestedDialsToo(t *testing.T) {
	// Farmar has dialled Meeks, so Meeks' own dialling rests; when the link is
	// lost it goes on, though Farmar would dial again by itself.
	dials := 0
	o := reactortest.Options{Trace: func(e reactortest.Event) {
		if e.Reactor == "Meeks" && e.Kind == reactortest.Dialled && e.Peer.String() == "127.0.0.1:12100" {
			dials++
		}
	}}
	v := herdtest.NewVirtual(t, o, nil)
	v.Network.Advance(time.Minute)
	resting := dials
	v.Network.Advance(time.Minute)
	if dials != resting {
		t.Errorf("Meeks dialled Farmar %d times while their link was open", dials-resting)
	}
	v.Kill("Farmar")
	v.Network.Advance(20 * time.Second)
	if dials < resting+3 {
		t.Errorf("Meeks dialled Farmar %d times in the 20 s after it was lost", dials-resting)
	}
}

func TestALinkThatIsOpenIsNotDialledAgain(t *testing.T) {
	// Farmar, the lower name, waits to dial Meeks again when Meeks comes back
	// and dials Farmar. Its own link would take the place of that one.
	dials := 0
	o := reactortest.Options{Trace: func(e reactortest.Event) {
		if e.Reactor == "Farmar" && e.Kind == reactortest.Dialled && e.Peer.String() == "127.0.0.1:12103" {
			dials++
		}
	}}
	v := herdtest.NewVirtual(t, o, nil)
	v.Kill("Meeks")
	v.Network.Advance(20 * time.Second)
	opened, dialled := status(t, v, "Farmar", "Meeks").Opened, dials
	v.Start("Meeks")
	v.Network.Advance(20 * time.Second)
	atFarmar, atMeeks := status(t, v, "Farmar", "Meeks"), status(t, v, "Meeks", "Farmar")
	if !atFarmar.Up || atFarmar.Opened != opened+1 || atMeeks.Opened != 1 || dials != dialled {
		t.Errorf("after one restart, Farmar has opened %d more links and Meeks %d, and Farmar has dialled %d times",
			atFarmar.Opened-opened, atMeeks.Opened, dials-dialled)
	}
	v.Kill("Meeks")
	v.Network.Advance(20 * time.Second)
	if dials == dialled {
		t.Error("when the link was lost, Farmar did not dial")
	}
}

// Somebody starts a second Hill on another machine: the two take Meeks' link from
// each other, and all three logs and states say why.
func TestTwoServersOfOneNameAreNoticed(t *testing.T) {
	v := start(t, nil)
	config := v.Config
	config.Servers = slices.Clone(config.Servers)
	for i := range config.Servers {
		if s := &config.Servers[i]; s.Name == "Hill" {
			s.Clients, s.Peers = "127.0.0.1:13000", "127.0.0.1:13100"
		}
	}
	second, err := reactorherd.New(v.Network.Reactor("elsewhere"), reactorherd.Options{
		Name: "Hill", Config: config, Keys: [][]byte{[]byte(herdtest.Secret)}, Upstream: noUpstream{}, Kind: upstream.Twitter{},
	})
	if err == nil {
		err = second.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	v.Network.Advance(time.Minute)
	told := func(l herd.LinkStatus) bool {
		return slices.ContainsFunc(l.Losses, func(loss herd.Loss) bool { return loss.Reason == "duplicate_name" })
	}
	if n := v.Servers["Meeks"].Status().Closed["duplicate_name"]; n == 0 || !told(status(t, v, "Meeks", "Hill")) {
		t.Errorf("Meeks has closed %d links for their name: %+v", n, status(t, v, "Meeks", "Hill"))
	}
	if one, two := status(t, v, "Hill", "Meeks"), second.Status().Links[0]; !told(one) || !told(two) {
		t.Errorf("the two were not told: %+v\n%+v", one, two)
	}
}

// Clients bring more to the whole herd than a server takes from its neighbours:
// it says so, and what it has stays good.
func TestALinkThatBringsTooMuchIsClosed(t *testing.T) {
	v := start(t, func(c *herd.Config) { c.Limits.Records = 10 })
	for _, name := range []string{"Farmar", "Gasol", "Meeks"} { // 10, then 20 for all
		v.Network.Cut("Farmar", "Meeks")
		v.Network.Cut("Farmar", "Young")
		v.Network.Cut("Gasol", "Meeks")
		v.Network.Cut("Gasol", "Young")
		v.Network.Advance(7 * time.Second)
		for i := range 12 {
			say(t, v, name, report(v, fmt.Sprint(name, i)))
		}
		if n := v.Servers[name].Status(); n.Records != 10 || n.Counters.Full != 2 {
			t.Errorf("%s took %d of 12 new clients, and counts %d too many", name, n.Records, n.Counters.Full)
		}
	}
	for _, pair := range [][2]string{{"Farmar", "Meeks"}, {"Farmar", "Young"}, {"Gasol", "Meeks"}, {"Gasol", "Young"}} {
		v.Network.Heal(pair[0], pair[1])
	}
	v.Network.Advance(10 * time.Second)
	full := int64(0)
	for name, s := range v.Servers {
		st := s.Status()
		full += st.Closed["store_full"]
		if st.Records > 20 {
			t.Errorf("%s holds %d records, and the cap for neighbours' is 20", name, st.Records)
		}
	}
	if full == 0 {
		t.Error("no link was closed as store_full")
	}
	if got := say(t, v, "Meeks", report(v, "Meeks1")); len(got) != 1 || got[0][:3] != "AT " {
		t.Errorf("a known client's report is answered %q", got)
	}
}
