package herdtest

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"proxyherd/herd"
)

// Who besieges a server.
const (
	aClient       = iota
	aStranger     // on the port for neighbours, without the secret
	aPlainOne     // has it, and speaks AT lines alone
	aFullOne      // and everything
	anUnsealedOne // on a link that needs proofs, and gives none
	aSealedOne    // and gives them
	howManyOfThese
)

// ours is the honest client's id, which nobody else comes upon by chance.
const ours = "an.honest.client.of.ours"

// FuzzGoroutines: whatever a client, a stranger or a neighbour that has turned bad
// sends, and in whatever pieces, a server in goroutines goes on: its clients are
// answered, its honest neighbour hears of them, nothing has gone wrong inside, and what
// the two hold are well-formed updates of somebody who may send them. Package
// reactorherd has the same for the other design, FuzzLink.
func FuzzGoroutines(f *testing.F) {
	for who := range uint8(howManyOfThese) {
		for _, text := range []string{
			update + "\n", update + "\nAT Hill +0.000000001 b +1+1 1.5\r\n" + update[:20], "AT Gasol +1.0 b +1+1 1\n", "\n\r\n \n",
			"HELLO 1 herd Hill Meeks dialler 300 - 000000000000004d " + nonce + "\nPROVE 00\n" + update + "\n",
			"BEAT 1000000000.5 3 00000000000000ff 1000000000.000000000 0.5\n", "BEAT 1\nBYE duplicate_name\nBYE x y\n" + update + "\n",
			"ASKSUMS 1 0 0 1\nASKSUMS 1 4 0 16\nASKHASHES 2 4 5\nASKRECORDS 1 0 0 AAAAAAAAAAE\nASKALL 1\nFOUND 1 99\n",
			"SUMS 1 0 0 1 AAAAAAAAAAA\nBUSY 1\nALL 1\nHASHES 1 4 0 more AAAAAAAAAAA\nRECORDS 1 4 0 1 1\n",
			"MAC 1 00\n" + update + "\n", "GET / HTTP/1.1\r\n\r\n", strings.Repeat("x", herd.MaxPeerLine+2), "PROVE 00\n",
			"IAMAT a +1+1 999999999\nWHATSAT a 10 2\nIAMAT a +1+1 1000000001\nWHATSAT b 1 1\nIAMAT a", "WHATSAT " + ours + " 1 1\n",
		} {
			f.Add([]byte(text), who, uint8(len(text)))
		}
	}
	f.Fuzz(func(t *testing.T, text []byte, who, pieces uint8) {
		who %= howManyOfThese
		o := Setup{Change: func(c *herd.Config) {
			c.DigestBuckets, c.LinkMAC = 16, who >= anUnsealedOne
			c.Servers = slices.DeleteFunc(slices.Clone(c.Servers), func(s herd.Server) bool { return s.Name == "Young" || s.Name == "Gasol" })
			for i := range c.Servers {
				if c.Servers[i].Name == "Meeks" {
					c.Servers[i].TalksTo = []string{"Farmar", "Hill"}
				} else {
					c.Servers[i].TalksTo = []string{"Meeks"}
				}
			}
		}}
		inBubbleTwin(t, o, func(t *testing.T, h Twin) { besiege(t, h, text, who, int(pieces)) })
	})
}

func besiege(t *testing.T, h Twin, text []byte, who uint8, size int) {
	h.Kill("Hill") // who besieges takes its place
	honest := h.Connect("Meeks")
	allowed := map[string]bool{asks(t, h, honest, 1): true}
	bad := besieger(t, h, who)
	if who == aSealedOne {
		text = proofOf(bad, text)
	}
	for piece := range slices.Chunk(text, max(size, 1+len(text)/20)) {
		bad.Send(piece)
		h.Advance(0)
	}
	allowed[asks(t, h, honest, 2)] = true
	h.Advance(10 * time.Second)
	allowed[asks(t, h, honest, 3)] = true
	if closed := h.Measures("Meeks").Status.Closed; closed["panic"] != 0 {
		t.Fatalf("something went wrong: closed are %v", closed)
	}
	if who == aStranger && !bad.Ended() {
		t.Fatal("a stranger is still connected after 10 s")
	}
	if who == aPlainOne || who == aFullOne || who == aSealedOne {
		allow(allowed, text)
	}
	for _, server := range []string{"Meeks", "Farmar"} {
		heard := false
		for line := range strings.Lines(h.Records(server)) {
			line = strings.TrimSuffix(line, "\n")
			heard = heard || strings.Contains(line, " "+ours+" ")
			// A client's report becomes a line of the server's own, whatever it says.
			if !allowed[line] && !(who == aClient && strings.HasPrefix(line, "AT Meeks ")) {
				t.Fatalf("%s holds %q", server, line)
			}
		}
		if !heard {
			t.Fatalf("%s has not heard of an honest client", server)
		}
	}
}

// besieger connects, and proves itself where it can.
func besieger(t *testing.T, h Twin, who uint8) *plain {
	t.Helper()
	switch who {
	case aClient:
		return &plain{Client: h.Connect("Meeks"), t: t}
	case aStranger:
		return stranger(t, h, "Hill")
	case aPlainOne:
		return newPlain(t, h, "Hill")
	}
	return newPlain(t, h, "Hill", h.Settings().Capabilities(secrets(Secret))...)
}

// asks has the honest client report where it is and ask who is near, and returns its
// AT line. Whatever else goes on, it is answered at once.
func asks(t *testing.T, h Twin, honest Client, at int) string {
	t.Helper()
	honest.Send(fmt.Appendf(nil, "IAMAT %s +1+1 %d.5\nWHATSAT %s 1 1\n", ours, at, ours))
	h.Advance(50 * time.Millisecond)
	got := lines(honest)
	if len(got) != 3 || got[0] != got[1] || !strings.HasSuffix(got[0], fmt.Sprintf(" %d.5", at)) {
		t.Fatalf("an honest client is answered %q", got)
	}
	return got[0]
}

// proofOf is a text with its MAC line.
func proofOf(bad *plain, text []byte) []byte {
	seal, _ := bad.handshake.Seals()
	var proved []byte
	for line := range bytes.Lines(text) {
		line = append(bytes.TrimSuffix(line, []byte{'\n'}), '\n')
		seal.Add(line)
		proved = append(proved, line...)
	}
	return seal.AppendMAC(proved)
}

// allow adds the updates of a text to those that may be held.
func allow(allowed map[string]bool, text []byte) {
	for line := range bytes.Lines(text) {
		var r herd.Record
		if herd.ParseAT(bytes.TrimRight(line, "\r\n"), &r) == nil {
			allowed[strings.TrimSuffix(string(r.AppendLine(nil)), "\n")] = true
		}
	}
}
