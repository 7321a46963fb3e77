package herdtest

import (
	"errors"
	"net/netip"
	"sync"
	"testing"
	"time"

	"proxyherd/herd"
)

// book is who is called what. It may be asked and changed on any goroutine.
type book struct {
	mu    sync.Mutex
	names map[string][]string
	asked map[string]int
}

var errNotInBook = errors.New("nobody is called so")

// lookUp is Setup.LookUp.
func (b *book) lookUp(name string) (addrs []netip.Addr, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.asked[name]++
	literals, known := b.names[name]
	if !known {
		return nil, errNotInBook
	}
	for _, literal := range literals {
		addrs = append(addrs, netip.MustParseAddr(literal))
	}
	return addrs, nil
}

// Two servers: Near dials Far by its name. Far knows no name, and so waits, but where
// Near has none.
const (
	theNear, theFar = "Near", "Far"
	farName         = "far.example"
	farAt           = "10.0.0.4"
	farMoved        = "10.0.1.4"
	nearLiteral     = "10.0.0.3:12100"
)

// named runs play with the two. addresses are those that are called Far's.
func named(t *testing.T, o Setup, nearPeers string, addresses []string, play func(t *testing.T, h Twin, b *book)) {
	t.Helper()
	b := &book{}
	o.LookUp = b.lookUp
	o.Change = func(c *herd.Config) {
		b.begin(farName, addresses)
		c.Servers = []herd.Server{
			// Far is there first, so that the first attempt reaches it.
			{Name: theFar, Clients: "127.0.0.1:12001", Peers: farName + ":12100", Listen: herd.Listen{Peers: farAt + ":12100"}, TalksTo: []string{theNear}},
			{Name: theNear, Clients: "127.0.0.1:12000", Peers: nearPeers, Listen: herd.Listen{Peers: nearLiteral}, TalksTo: []string{theFar}},
		}
	}
	OnBoth(t, o, func(t *testing.T, h Twin) { play(t, h, b) })
}

// begin forgets what was before: each design has a herd of its own.
func (b *book) begin(name string, literals []string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.names, b.asked = map[string][]string{name: literals}, map[string]int{}
}

func (b *book) call(name string, literals ...string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.names[name] = literals
}

// lookups is how often a name was asked for.
func (b *book) lookups(name string) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.asked[name]
}

func isUp(h Twin) func() bool {
	return func() bool { return h.Measures(theNear).Status.Links[0].Up }
}

func TestANeighbourIsLookedUpAtEachAttempt(t *testing.T) {
	named(t, Setup{}, "near.example:12100", []string{farAt}, func(t *testing.T, h Twin, b *book) {
		if n := b.lookups(farName); n != 1 || h.Dials(theNear, theFar) != 1 {
			t.Errorf("%d lookups and %d dials for the first link", n, h.Dials(theNear, theFar))
		}
		h.Kill(theFar)
		h.Advance(time.Minute)
		dials := h.DialsTo(theNear, farAt+":12100")
		if n := b.lookups(farName); n != dials || dials < 10 {
			t.Errorf("%d lookups for %d attempts", n, dials)
		}
		h.Settings().Servers[0].Listen.Peers = farMoved + ":12100"
		h.Start(theFar)
		h.Advance(time.Minute)
		if isUp(h)() {
			t.Fatal("it was found where nobody said that it is")
		}
		b.call(farName, farMoved)
		if !h.Wait(isUp(h)) || status(t, h, theNear, theFar).Role != herd.Dialler {
			t.Errorf("it was not found where it has moved: %+v", status(t, h, theNear, theFar))
		}
		if n := h.DialsTo(theNear, farMoved+":12100"); n != 1 {
			t.Errorf("it was dialled %d times there", n)
		}
	})
}

// An address at which nobody is costs no attempt: the next is tried at once, IPv4
// before IPv6, and else in the order of the answer.
func TestAllAddressesOfANameAreTried(t *testing.T) {
	list := []string{"fd00::9", "10.0.0.9", "::ffff:10.0.0.9", farAt, "10.0.0.8"}
	named(t, Setup{}, "near.example:12100", list, func(t *testing.T, h Twin, b *book) {
		for address, want := range map[string]int{"10.0.0.9:12100": 1, farAt + ":12100": 1, "[fd00::9]:12100": 0, "10.0.0.8:12100": 0} {
			if n := h.DialsTo(theNear, address); n != want {
				t.Errorf("%s was dialled %d times, want %d", address, n, want)
			}
		}
		if n := b.lookups(farName); n != 1 {
			t.Errorf("there were %d lookups", n)
		}
	})
}

func TestANameThatIsNotFoundIsLookedUpAgain(t *testing.T) {
	named(t, Setup{}, "near.example:12100", []string{farAt}, func(t *testing.T, h Twin, b *book) {
		h.Kill(theFar)
		b.call(farName) // an answer without an address
		h.Start(theFar)
		h.Advance(time.Minute)
		if n := b.lookups(farName); n < 10 || isUp(h)() {
			t.Fatalf("after %d lookups the link is up: %v", n, isUp(h)())
		}
		b.call(farName, farAt)
		if !h.Wait(isUp(h)) {
			t.Error("it is not found once it has an address")
		}
		if n := b.lookups("near.example"); n < 10 {
			t.Errorf("the other end looked for a name that there is not %d times", n)
		}
	})
}

// A resolver that takes ten times as long as an attempt may holds up nobody else.
func TestASlowLookupHoldsUpNobody(t *testing.T) {
	named(t, Setup{Asking: 50 * time.Second}, nearLiteral, []string{farAt}, func(t *testing.T, h Twin, b *book) {
		if role := status(t, h, theNear, theFar).Role; role != herd.Acceptor {
			t.Fatalf("%s is the %s of a link that it could not dial", theNear, role)
		}
		h.Kill(theFar)
		h.Advance(10 * time.Second) // a lookup is under way
		before := h.Now()
		c := h.Connect(theNear)
		c.Send([]byte(report(h, "somebody") + "\n"))
		if !h.Wait(func() bool { return len(c.Received()) > 0 }) || h.Now().Sub(before) > time.Second {
			t.Errorf("an answer took %v", h.Now().Sub(before))
		}
		h.Start(theFar)
		if !h.Wait(isUp(h)) {
			t.Error("the link that is dialled from the other end did not open")
		}
		settle(h)
		inAgreement(t, h)
	})
}
