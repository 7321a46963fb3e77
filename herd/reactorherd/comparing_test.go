package reactorherd_test

import (
	"fmt"
	"net/netip"
	"testing"
	"time"

	"proxyherd/herd"
	"proxyherd/herd/herdtest"
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
