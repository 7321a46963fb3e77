package herdtest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"proxyherd/herd"
)

func withMAC(c *herd.Config) { c.LinkMAC = true }

func TestAHerdWithLinkMACFloodsAndMends(t *testing.T) {
	quiet(t, withMAC, func(t *testing.T, h Twin) {
		for i := range 50 {
			say(t, h, "Hill", report(h, fmt.Sprint("client", i)))
		}
		h.Cut("Hill", "Meeks")
		h.Advance(7 * time.Second)
		say(t, h, "Hill", report(h, "client1"), report(h, "a"))
		say(t, h, "Farmar", report(h, "client2"), report(h, "b"))
		h.Heal("Hill", "Meeks")
		if !h.Wait(h.Linked) {
			t.Fatal("the link did not open again")
		}
		h.Kill("Young")
		h.Advance(time.Second)
		h.Start("Young")
		h.Advance(10 * time.Second)
		inAgreement(t, h)
		allInSync(t, h)
		if n := h.Measures("Young").Status.Records; n != 52 {
			t.Errorf("Young has %d records, want 52", n)
		}
		for _, name := range h.Running() {
			if n := h.Measures(name).Status.Closed["bad_mac"] + h.Measures(name).Status.Closed["unsealed"]; n != 0 {
				t.Errorf("%s has closed %d links for their MAC lines", name, n)
			}
		}
	})
}

// proved is a neighbour by hand, whose link needs proofs.
type proved struct {
	*plain
	h    Twin
	seal *herd.Seal
}

func withProved(t *testing.T, play func(t *testing.T, p *proved)) {
	t.Helper()
	quiet(t, withMAC, func(t *testing.T, h Twin) {
		h.Kill("Hill")
		p := &proved{plain: newPlain(t, h, "Hill", "mac"), h: h}
		p.seal, _ = p.handshake.Seals()
		play(t, p)
	})
}

func (p *proved) say(lines ...string) {
	p.Send([]byte(strings.Join(lines, "\n") + "\n"))
	settle(p.h)
}

// prove is the MAC line of what was added to the seal.
func (p *proved) prove() string { return strings.TrimSuffix(string(p.seal.AppendMAC(nil)), "\n") }

func (p *proved) meeks() herd.Status { return p.h.Measures("Meeks").Status }

const update = "AT Hill +0.000000001 a +1+1 999999999.5"

func TestALineCountsOnceItIsProved(t *testing.T) {
	withProved(t, func(t *testing.T, p *proved) {
		p.say(update)
		if n := p.meeks().Records; n != 0 || p.Ended() {
			t.Fatalf("before its MAC line the update is one of %d records", n)
		}
		p.seal.Add([]byte(update + "\n"))
		p.say(p.prove())
		if n := p.meeks().Records; n != 1 || p.Ended() {
			t.Errorf("after its MAC line there are %d records", n)
		}
	})
}

func TestALineThatIsNotProvedClosesTheLink(t *testing.T) {
	withProved(t, func(t *testing.T, p *proved) {
		p.seal.Add([]byte(strings.Replace(update, "+1+1", "+1+2", 1) + "\n"))
		p.say(update, p.prove())
		if st := p.meeks(); st.Records != 0 || st.Closed["bad_mac"] != 1 || !p.Ended() {
			t.Errorf("%d records, closed %v, ended %v", st.Records, st.Closed, p.Ended())
		}
	})
}

func TestLinesWithoutProofsAreNotKeptForEver(t *testing.T) {
	withProved(t, func(t *testing.T, p *proved) {
		for range 5 {
			p.say(strings.Repeat(update+"\n", 600) + update)
		}
		if st := p.meeks(); st.Records != 0 || st.Closed["unsealed"] != 1 || !p.Ended() {
			t.Errorf("%d records, closed %v, ended %v", st.Records, st.Closed, p.Ended())
		}
	})
}
