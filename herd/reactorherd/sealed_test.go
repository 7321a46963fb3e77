package reactorherd_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"proxyherd/herd"
)

func withMAC(c *herd.Config) { c.LinkMAC = true }

func TestAHerdWithLinkMACFloodsAndMends(t *testing.T) {
	v := quiet(t, withMAC)
	for i := range 50 {
		say(t, v, "Hill", report(v, fmt.Sprint("client", i)))
	}
	v.Network.Cut("Hill", "Meeks")
	v.Network.Advance(7 * time.Second)
	say(t, v, "Hill", report(v, "client1"), report(v, "a"))
	say(t, v, "Farmar", report(v, "client2"), report(v, "b"))
	v.Network.Heal("Hill", "Meeks")
	if !v.Wait(v.Linked) {
		t.Fatal("the link did not open again")
	}
	v.Kill("Young")
	v.Network.Advance(time.Second)
	v.Start("Young")
	v.Network.Advance(10 * time.Second)
	inAgreement(t, v)
	allInSync(t, v)
	if n := v.Servers["Young"].Status().Records; n != 52 {
		t.Errorf("Young has %d records, want 52", n)
	}
	for name, s := range v.Servers {
		if n := s.Status().Closed["bad_mac"] + s.Status().Closed["unsealed"]; n != 0 {
			t.Errorf("%s has closed %d links for their MAC lines", name, n)
		}
	}
}

// proved is a neighbour by hand, whose link needs proofs, and its seal.
func proved(t *testing.T) (say func(lines ...string), seal *herd.Seal, meeks func() herd.Status, ended func() bool) {
	t.Helper()
	v := quiet(t, withMAC)
	v.Kill("Hill")
	p := newPlain(t, v, "Hill", "mac")
	settle(v)
	if !p.done {
		t.Fatal("the handshake failed")
	}
	seal, _ = p.handshake.Seals()
	say = func(lines ...string) {
		p.Transport.Write([]byte(strings.Join(lines, "\n") + "\n"))
		settle(v)
	}
	return say, seal, func() herd.Status { return v.Servers["Meeks"].Status() }, func() bool { return p.ended }
}

const update = "AT Hill +0.000000001 a +1+1 999999999.5"

func TestALineCountsOnceItIsProved(t *testing.T) {
	say, seal, meeks, ended := proved(t)
	say(update)
	if n := meeks().Records; n != 0 || ended() {
		t.Fatalf("before its MAC line the update is one of %d records", n)
	}
	seal.Add([]byte(update + "\n"))
	say(strings.TrimSuffix(string(seal.AppendMAC(nil)), "\n"))
	if n := meeks().Records; n != 1 || ended() {
		t.Errorf("after its MAC line there are %d records", n)
	}
}

func TestALineThatIsNotProvedClosesTheLink(t *testing.T) {
	say, seal, meeks, ended := proved(t)
	seal.Add([]byte(strings.Replace(update, "+1+1", "+1+2", 1) + "\n"))
	say(update, strings.TrimSuffix(string(seal.AppendMAC(nil)), "\n"))
	if st := meeks(); st.Records != 0 || st.Closed["bad_mac"] != 1 || !ended() {
		t.Errorf("%d records, closed %v, ended %v", st.Records, st.Closed, ended())
	}
}

func TestLinesWithoutProofsAreNotKeptForEver(t *testing.T) {
	say, _, meeks, ended := proved(t)
	for range 5 {
		say(strings.Repeat(update+"\n", 600) + update)
	}
	if st := meeks(); st.Records != 0 || st.Closed["unsealed"] != 1 || !ended() {
		t.Errorf("%d records, closed %v, ended %v", st.Records, st.Closed, ended())
	}
}
