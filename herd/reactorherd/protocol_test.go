package reactorherd_test

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"proxyherd/herd"
	"proxyherd/herd/herdtest"
	"proxyherd/herd/reactorherd"
	"proxyherd/herd/upstream"
	"proxyherd/herd/wirelog"
	"proxyherd/reactor/reactortest"
)

// page is where the world reads what this program says.
const page = "../../docs/protocol.md"

// What the two servers of the page hold before they meet. Of kiwi both have a
// report, and Meeks the newer.
var (
	hillHolds = []string{
		"AT Hill +0.000103000 kiwi.cs.ucla.edu +34.068930-118.445127 1353521000.5",
		"AT Hill +0.000098000 emu.cs.ucla.edu +27.5916+086.5640 1353521001.25",
	}
	meeksHolds = []string{
		"AT Meeks -0.000121000 kiwi.cs.ucla.edu +34.0712-118.4411 1353521020",
		"AT Meeks +0.000087000 rhea.cs.ucla.edu +48.8584+002.2945 1353521003",
	}
)

// pair is Hill and Meeks alone, in virtual time, with randomness that is always
// the same. What goes over the link is in Hill's log.
type pair struct {
	t        *testing.T
	network  *reactortest.Network
	config   herd.Config
	reactors map[string]*reactortest.Reactor
	log      *wirelog.Log
	path     string
}

func newPair(t *testing.T, mac bool) *pair {
	p := &pair{t: t, config: herd.Default(), reactors: map[string]*reactortest.Reactor{}, path: filepath.Join(t.TempDir(), "Hill.log")}
	p.config.Servers = []herd.Server{
		{Name: "Hill", Clients: "127.0.0.1:12002", Peers: "127.0.0.1:12102", TalksTo: []string{"Meeks"}},
		{Name: "Meeks", Clients: "127.0.0.1:12003", Peers: "127.0.0.1:12103", TalksTo: []string{"Hill"}},
	}
	p.config.DigestBuckets, p.config.LinkMAC = 16, mac
	if _, err := p.config.Check(); err != nil {
		t.Fatal(err)
	}
	p.network = reactortest.NewNetwork(reactortest.Options{
		Start: time.Unix(1353521027, 0).UTC(), Link: reactortest.Link{Latency: 5 * time.Millisecond},
	})
	var err error
	if p.log, err = wirelog.Open(wirelog.Options{Path: p.path, Lines: true}); err != nil {
		t.Fatal(err)
	}
	return p
}

// start starts one of the two, holding these records.
func (p *pair) start(name string, log *wirelog.Log, records []string) {
	p.t.Helper()
	var seed [32]byte
	copy(seed[:], name)
	p.reactors[name] = p.network.Reactor(name)
	s, err := reactorherd.New(p.reactors[name], reactorherd.Options{
		Name: name, Config: p.config, Keys: [][]byte{[]byte(herdtest.Secret)},
		Upstream: noUpstream{}, Kind: upstream.Twitter{}, Log: log, Random: rand.NewChaCha8(seed),
	})
	if err != nil {
		p.t.Fatal(err)
	}
	for _, line := range records {
		reactorherd.Smuggle(s, line)
	}
	if err := s.Start(); err != nil {
		p.t.Fatal(err)
	}
	// Long enough for the first to find nobody, and not to look again: else each
	// dials the other, and one of two links is closed.
	p.network.Advance(50 * time.Millisecond)
}

// report has a client tell a server where it is.
func (p *pair) report(name, line string) {
	member, _ := p.config.Server(name)
	at := netip.MustParseAddrPort(member.Clients)
	client := &plain{}
	client.Delimiter = []byte{'\n'}
	p.network.Reactor("a client of "+name).ConnectTCP(at.Addr().String(), int(at.Port()), &plainFactory{p: client}, 0, nil)
	p.network.Advance(20 * time.Millisecond)
	client.Transport.Write([]byte(line + "\n"))
	p.network.Advance(20 * time.Millisecond)
}

// transcript is what the link's two ends have said, by Hill's log: when, as
// seconds since Hill knew of the connection, and who.
func (p *pair) transcript() string {
	p.t.Helper()
	if err := p.log.Close(); err != nil {
		p.t.Fatal(err)
	}
	file, err := os.Open(p.path)
	if err != nil {
		p.t.Fatal(err)
	}
	defer file.Close() // opened for reading: closing loses nothing
	var b strings.Builder
	var began time.Time
	for e, err := range wirelog.Scan(file) {
		if err != nil {
			p.t.Fatal(err)
		}
		who := "Meeks"
		switch {
		case e.Mark == wirelog.Event || e.Kind != wirelog.Peer:
			continue
		case e.Mark == wirelog.Opened:
			began = e.At
			continue
		case e.Mark == wirelog.Out:
			who = "Hill"
		case e.Mark != wirelog.In:
			continue
		}
		fmt.Fprintf(&b, "%5.3f %-5s %s\n", e.At.Sub(began).Seconds(), who, e.Text)
	}
	return b.String()
}

// withEverything: they meet, find what differs, go on, and part.
func withEverything(t *testing.T) string {
	p := newPair(t, false)
	p.start("Hill", p.log, hillHolds)
	p.start("Meeks", nil, meeksHolds)
	p.network.Advance(time.Second)
	p.report("Hill", "IAMAT kiwi.cs.ucla.edu +34.0700-118.4400 1353521028")
	p.network.Advance(1500 * time.Millisecond)
	if err := p.reactors["Meeks"].Stop(); err != nil {
		t.Fatal(err)
	}
	p.network.Advance(time.Second)
	return p.transcript()
}

// withProofs: the same with link_mac, where nothing differs.
func withProofs(t *testing.T) string {
	p := newPair(t, true)
	p.start("Hill", p.log, hillHolds)
	p.start("Meeks", nil, hillHolds)
	p.network.Advance(time.Second)
	p.report("Meeks", "IAMAT kiwi.cs.ucla.edu +34.0700-118.4400 1353521028")
	return p.transcript()
}

// withNothing: Meeks is somebody else's program, and speaks AT lines alone.
func withNothing(t *testing.T) string {
	p := newPair(t, false)
	p.start("Hill", p.log, hillHolds)
	identity, err := p.config.Identity("Meeks", 0x5eed, [][]byte{[]byte(herdtest.Secret)})
	if err != nil {
		t.Fatal(err)
	}
	meeks := &plain{handshake: herd.NewDialler(identity, "Hill", herd.Nonce{0x5e, 0xed})}
	meeks.Delimiter = []byte{'\n'}
	p.network.Reactor("Meeks").ConnectTCP("127.0.0.1", 12102, &plainFactory{p: meeks}, 0, nil)
	p.network.Advance(100 * time.Millisecond)
	for _, line := range meeksHolds {
		meeks.Transport.Write([]byte(line + "\n"))
	}
	p.network.Advance(100 * time.Millisecond)
	p.report("Hill", "IAMAT kiwi.cs.ucla.edu +34.0700-118.4400 1353521028")
	return p.transcript()
}

// hashes are those of the records, for whoever writes the digest anew.
func hashes(*testing.T) string {
	var b strings.Builder
	key := herd.DigestKey([]byte(herdtest.Secret))
	fmt.Fprintf(&b, "secret  %s\nkey     %x\nits id  %s\n\nid's hash        record's hash    record\n", herdtest.Secret, key, key.ID())
	for _, line := range append(hillHolds[:2:2], meeksHolds...) {
		id := strings.Fields(line)[3]
		fmt.Fprintf(&b, "%016x %016x %s\n", key.Hash([]byte(id)), key.Hash([]byte(line)), line)
	}
	return b.String()
}

func TestThePageSaysWhatTheProgramSays(t *testing.T) {
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []struct {
		name  string
		says  func(*testing.T) string
		lines int // at least
	}{
		{"everything", withEverything, 20},
		{"link_mac", withProofs, 12},
		{"nothing", withNothing, 7},
		{"hashes", hashes, 8},
	} {
		says := part.says(t)
		if n := strings.Count(says, "\n"); n < part.lines {
			t.Errorf("%s: only %d lines were said:\n%s", part.name, n, says)
		}
		_, rest, found := strings.Cut(string(text), "<!-- run: "+part.name+" -->\n```\n")
		shown, _, ended := strings.Cut(rest, "```\n")
		if !found || !ended || shown != says {
			t.Errorf("%s, in %s, says\n%s\nand the program says\n%s", part.name, page, shown, says)
		}
	}
}
