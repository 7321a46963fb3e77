package reactorherd_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"proxyherd/herd"
	"proxyherd/herd/herdtest"
	"proxyherd/herd/reactorherd"
	"proxyherd/herd/upstream"
	"proxyherd/reactor/reactortest"
)

// complaints is a Logger that keeps what went wrong in a protocol.
type complaints []string

func (*complaints) Msg(string, string) {}

func (c *complaints) Err(prefix string, err error, why string) {
	*c = append(*c, fmt.Sprint(prefix, ": ", why, ": ", err))
}

// siege is one server with an honest neighbour, an honest client, and somebody
// else.
type siege struct {
	t       *testing.T
	network *reactortest.Network
	config  herd.Config
	server  *reactorherd.Server
	wrong   complaints
	client  *plain
	honest  *plain
}

func newSiege(t *testing.T, mac bool) *siege {
	s := &siege{t: t, config: herd.Default()}
	s.config.DigestBuckets, s.config.LinkMAC = 16, mac
	if _, err := s.config.Check(); err != nil {
		t.Fatal(err)
	}
	s.network = reactortest.NewNetwork(reactortest.Options{Start: time.Unix(1_000_000_000, 0).UTC(), Log: &s.wrong})
	var err error
	s.server, err = reactorherd.New(s.network.Reactor("Meeks"), reactorherd.Options{
		Name: "Meeks", Config: s.config, Keys: s.keys(), Upstream: noUpstream{}, Kind: upstream.Twitter{}, Random: rand.NewChaCha8([32]byte{}),
	})
	if err == nil {
		err = s.server.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	// The honest neighbour speaks AT lines alone. It sends none, and so has
	// nothing to prove where lines are proved.
	var caps []string
	if mac {
		caps = []string{"mac"}
	}
	s.honest = s.neighbour("Farmar", caps)
	member, _ := s.config.Server("Meeks")
	s.client = s.connect("a client", member.Clients, &plain{})
	if !s.honest.done {
		t.Fatal("the honest neighbour is not let in")
	}
	return s
}

func (s *siege) keys() [][]byte { return [][]byte{[]byte(herdtest.Secret)} }

func (s *siege) connect(from, to string, p *plain) *plain {
	p.Delimiter = []byte{'\n'}
	p.MaxLength = herd.MaxPeerLine + 1
	at := netip.MustParseAddrPort(to)
	s.network.Reactor(from).ConnectTCP(at.Addr().String(), int(at.Port()), &plainFactory{p: p}, 0, nil)
	s.network.Settle(0)
	return p
}

// neighbour dials the server's port for neighbours, and proves itself; without a
// name it says nothing.
func (s *siege) neighbour(name string, caps []string) *plain {
	s.t.Helper()
	member, _ := s.config.Server("Meeks")
	if name == "" {
		return s.connect("a stranger", member.Peers, &plain{})
	}
	identity, err := s.config.Identity(name, 77, s.keys(), caps...)
	if err != nil {
		s.t.Fatal(err)
	}
	return s.connect(name, member.Peers, &plain{handshake: herd.NewDialler(identity, "Meeks", herd.Nonce{1})})
}

// ours is the honest client's id, which nobody else comes upon by chance.
const ours = "an.honest.client.of.ours"

// asks has the honest client report where it is and ask who is near, and returns
// its AT line. Whatever else goes on, it is answered at once.
func (s *siege) asks(at int) string {
	s.t.Helper()
	answers, rest := len(s.client.lines), s.client.other
	fmt.Fprintf(writer{s.client}, "IAMAT %s +1+1 %d.5\nWHATSAT %s 1 1\n", ours, at, ours)
	s.network.Advance(50 * time.Millisecond)
	if got := s.client.lines[answers:]; len(got) != 2 || got[0] != got[1] || s.client.other != rest+1 || !strings.HasSuffix(got[0], fmt.Sprintf(" %d.5", at)) {
		s.t.Fatalf("an honest client is answered %q", got)
	}
	return s.client.lines[answers]
}

// writer is a connection as an io.Writer.
type writer struct{ p *plain }

func (w writer) Write(data []byte) (int, error) {
	w.p.Transport.Write(data)
	return len(data), nil
}

// Who besieges the server.
const (
	aStranger     = iota // has not the secret
	aPlainOne            // has it, and speaks AT lines alone
	aFullOne             // and everything
	anUnsealedOne        // on a link that needs proofs, and gives none
	aSealedOne           // and gives them
	howManyOfThese
)

// FuzzLink: whatever a stranger or a neighbour that has turned bad sends, and in
// whatever pieces, the server goes on: its clients are answered, its honest
// neighbour hears of them, nothing has gone wrong inside, and what it holds and
// passes on are well-formed updates that it was sent by one that may send them.
func FuzzLink(f *testing.F) {
	const update = "AT Hill +0.000000001 a +1+1 999999999.5\n"
	for who := range uint8(howManyOfThese) {
		for _, text := range []string{
			update, update + "AT Hill +0.000000001 b +1+1 1.5\r\n" + update[:20], "AT Gasol +1.0 b +1+1 1\n", "\n\r\n \n",
			"HELLO 1 herd Hill Meeks dialler 300 - 000000000000004d " + strings.Repeat("01", 32) + "\nPROVE 00\n" + update,
			"BEAT 1000000000.5 3 00000000000000ff 1000000000.000000000 0.5\n", "BEAT 1\nBYE duplicate_name\nBYE x y\n" + update,
			"ASKSUMS 1 0 0 1\nASKSUMS 1 4 0 16\nASKHASHES 2 4 5\nASKHASHES 2 0 0\nASKRECORDS 1 0 0 AAAAAAAAAAE\nASKALL 1\nFOUND 1 99\n",
			"SUMS 1 0 0 1 AAAAAAAAAAA\nBUSY 1\nALL 1\nHASHES 1 4 0 more AAAAAAAAAAA\nRECORDS 1 4 0 1 1\n",
			"MAC 1 00\n" + update, "GET / HTTP/1.1\r\n\r\n", strings.Repeat("x", herd.MaxPeerLine+2), "PROVE 00\n", "REFUSED wrong_herd\n",
		} {
			f.Add([]byte(text), who, uint8(len(text)))
		}
	}
	f.Fuzz(func(t *testing.T, text []byte, who, pieces uint8) {
		who %= howManyOfThese
		s := newSiege(t, who >= anUnsealedOne)
		first := s.asks(1)
		bad := s.neighbour(besieger(&s.config, who))
		if who != aStranger && !bad.done {
			t.Fatal("a neighbour is not let in")
		}
		s.besiege(bad, who, text, int(pieces))
		second := s.asks(2)
		s.network.Advance(10 * time.Second)
		third := s.asks(3)
		if len(s.wrong) > 0 || s.server.Status().Closed["panic"] != 0 {
			t.Fatalf("something went wrong: %q, closed are %v", s.wrong, s.server.Status().Closed)
		}
		if who == aStranger && !bad.ended {
			t.Fatal("a stranger is still connected after 10 s")
		}
		allowed := map[string]bool{first: true, second: true, third: true}
		if who != aStranger && who != anUnsealedOne {
			allow(allowed, text)
		}
		held := strings.Split(strings.TrimSuffix(reactorherd.Records(s.server), "\n"), "\n")
		for _, line := range append(held, s.honest.lines...) {
			if !allowed[line] {
				t.Fatalf("the server holds or passes on %q", line)
			}
		}
		for _, line := range []string{first, second, third} {
			if !slices.Contains(s.honest.lines, line) {
				t.Fatalf("the honest neighbour has not heard of %q, only %q", line, s.honest.lines)
			}
		}
	})
}

// besieger is the name and what it says it speaks.
func besieger(config *herd.Config, who uint8) (name string, caps []string) {
	switch who {
	case aStranger:
		return "", nil
	case aPlainOne:
		return "Hill", nil
	}
	return "Hill", config.Capabilities([][]byte{[]byte(herdtest.Secret)})
}

// besiege sends text in pieces, a turn between two of them.
func (s *siege) besiege(bad *plain, who uint8, text []byte, size int) {
	if who == aSealedOne {
		seal, _ := bad.handshake.Seals()
		var proved []byte
		for line := range bytes.Lines(text) {
			line = append(bytes.TrimSuffix(line, []byte{'\n'}), '\n')
			seal.Add(line)
			proved = append(proved, line...)
		}
		text = seal.AppendMAC(proved)
	}
	for piece := range slices.Chunk(text, max(size, 1+len(text)/100)) {
		bad.Transport.Write(piece)
		s.network.Settle(0)
	}
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
