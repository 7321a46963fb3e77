package herd

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// newNode is a server of the built-in herd, before its first line.
func newNode(t testing.TB, name string) *Node {
	t.Helper()
	config := Default()
	node, err := NewNode(config.Settings(name, Bounds{}))
	if err != nil {
		t.Fatal(err)
	}
	return node
}

// Times of the examples: what the client's clock said, and when the server
// received it.
const (
	kiwiIAMAT   = "IAMAT kiwi.cs.ucla.edu +27.5916+086.5640 1353118103.108893381"
	kiwiWHATSAT = "WHATSAT kiwi.cs.ucla.edu 100 2"
)

var kiwiReceived = Unix(1353118103, 108893381+563873386)

// expect sends a client's line and checks all that comes of it. An empty flood
// means none.
func expect(t *testing.T, n *Node, line string, now Timestamp, verb Verb, answer, flood string) Result {
	t.Helper()
	got := n.Receive([]byte(line), now)
	if got.Verb != verb || string(got.Answer) != answer || string(got.Flood) != flood || (got.Flood == nil) != (flood == "") {
		t.Errorf("%.80q gives %v, %.120q, flood %.120q;\nwant %v, %.120q, flood %.120q", line, got.Verb, got.Answer, got.Flood, verb, answer, flood)
	}
	return got
}

// The assignment's own example.
func TestAssignment(t *testing.T) {
	farmar := newNode(t, "Farmar")
	expect(t, farmar, kiwiIAMAT, kiwiReceived, IAMAT, kiwiAT+"\n", kiwiAT+"\n")
	got := expect(t, farmar, kiwiWHATSAT, at(9), WHATSAT, kiwiAT+"\n", "")
	q := got.Query
	if string(q.Latitude) != "+27.5916" || string(q.Longitude) != "+086.5640" || string(q.Radius) != "100" || q.Limit != 2 {
		t.Errorf("the upstream is asked for %q, %q, %q, %d", q.Latitude, q.Longitude, q.Radius, q.Limit)
	}

	// Every other server answers with the same line once the flood has reached it.
	young := newNode(t, "Young")
	expect(t, young, kiwiWHATSAT, at(9), Invalid, "? "+kiwiWHATSAT+"\n", "")
	flood, err := young.ReceivePeer([]byte(kiwiAT))
	if string(flood) != kiwiAT+"\n" || err != nil {
		t.Errorf("Young passes on %q, %v", flood, err)
	}
	expect(t, young, kiwiWHATSAT, at(9), WHATSAT, kiwiAT+"\n", "")
}

func TestDifferenceIsOfTheReceiveTime(t *testing.T) {
	n := newNode(t, "Hill")
	for _, c := range []struct {
		time string
		now  Timestamp
		want string
	}{
		{"1000", at(1000), "+0.000000000"},
		{"1000.000000001", at(1000), "-0.000000001"},
		{"999999999999.999999999", at(0), "-999999999999.999999999"},
		{"0", at(1353118103), "+1353118103.000000000"},
		{"1000.5", Unix(1001, 250000000), "+0.750000000"},
	} {
		id := "client-" + c.time
		answer := "AT Hill " + c.want + " " + id + " +0+0 " + c.time + "\n"
		expect(t, n, "IAMAT "+id+" +0+0 "+c.time, c.now, IAMAT, answer, answer)
	}
	// A server whose clock makes no line that a neighbour would take.
	expect(t, n, "IAMAT x +0+0 1", Unix(1e13+1, 0), Invalid, "? IAMAT x +0+0 1\n", "")
	expect(t, n, "IAMAT x +0+0 1", Unix(1e13, 0), IAMAT, "AT Hill +9999999999999.000000000 x +0+0 1\n", "AT Hill +9999999999999.000000000 x +0+0 1\n")
}

// Fields are copied byte for byte, and separated by one blank whatever separated
// them.
func TestAnswersCopyFields(t *testing.T) {
	n := newNode(t, "Hill")
	answer := "AT Hill +0.000000000 \xff気\x00 -00.0+000180.00 0001000.10\n"
	expect(t, n, "\t IAMAT\v\v\xff気\x00 \f-00.0+000180.00\r0001000.10 ", Unix(1000, 100000000), IAMAT, answer, answer)
}

func TestInvalidLinesComeBackExactly(t *testing.T) {
	n := newNode(t, "Hill")
	expect(t, n, kiwiIAMAT, kiwiReceived, IAMAT, strings.Replace(kiwiAT, "Farmar", "Hill", 1)+"\n", strings.Replace(kiwiAT, "Farmar", "Hill", 1)+"\n")
	before := sorted(n.Store())
	lines := []string{
		"", " ", " \t hello \r", "iamat kiwi +0+0 1", "IAMAT", kiwiIAMAT + " x",
		"IAMAT kiwi +0+0 1e3", "IAMAT kiwi +90.0001+0 1", "IAMAT kiwi +0+0 1000000000000",
		kiwiAT, "AT Hill +0.000000000 kiwi.cs.ucla.edu +0+0 9999999999",
		"WHATSAT nobody 1 1", "WHATSAT KIWI.cs.ucla.edu 1 1", kiwiWHATSAT + " ?", "WHATSAT kiwi.cs.ucla.edu 1 101",
		"WHATSAT kiwi.cs.ucla.edu -1 1", "\xff\x00\x01", "? ?",
	}
	for _, line := range lines {
		expect(t, n, line, at(1), Invalid, "? "+line+"\n", "")
	}
	if after := sorted(n.Store()); !slices.Equal(before, after) {
		t.Errorf("invalid lines change the store: %q", after)
	}
	if c := n.Counters(); c != (Counters{IAMAT: 1, Invalid: uint64(len(lines))}) {
		t.Errorf("the counters are %+v", c)
	}
}

// A report that is no newer is answered from its own data, and goes no further.
func TestStaleReport(t *testing.T) {
	n := newNode(t, "Hill")
	newest := "AT Hill +0.000000000 k +1+1 1000\n"
	expect(t, n, "IAMAT k +1+1 1000", at(1000), IAMAT, newest, newest)
	expect(t, n, "IAMAT k +2+2 999", at(1001), IAMAT, "AT Hill +2.000000000 k +2+2 999\n", "")
	expect(t, n, "IAMAT k +1+1 1000", at(1000), IAMAT, newest, "")
	expect(t, n, "WHATSAT k 0 0", at(1002), WHATSAT, newest, "")
	if c := n.Counters(); c != (Counters{IAMAT: 3, Stale: 2, WHATSAT: 1}) {
		t.Errorf("the counters are %+v", c)
	}
}

// A client whose clock is far ahead still moves, and so does one whose clock was
// set back to right: no clock is refused.
func TestClockFarAhead(t *testing.T) {
	n := newNode(t, "Hill")
	const year = 31_536_000
	answer := fmt.Sprintf("AT Hill -%d.000000000 k +1+1 %d\n", year, 1000+year)
	expect(t, n, fmt.Sprintf("IAMAT k +1+1 %d", 1000+year), at(1000), IAMAT, answer, answer)
	answer = fmt.Sprintf("AT Hill -%d.000000000 k +2+2 %d\n", year, 1001+year)
	expect(t, n, fmt.Sprintf("IAMAT k +2+2 %d", 1001+year), at(1001), IAMAT, answer, answer)
	expect(t, n, "IAMAT k +3+3 1300", at(1300), IAMAT, "AT Hill +0.000000000 k +3+3 1300\n", "") // within the future yet
	answer = "AT Hill +0.000000000 k +3+3 1302\n"
	expect(t, n, "IAMAT k +3+3 1302", at(1302), IAMAT, answer, answer)
}

func TestLineLimit(t *testing.T) {
	n := newNode(t, "Hill")
	longest := "IAMAT " + strings.Repeat("k", MaxClientLine-len("IAMAT  +0+0 1")) + " +0+0 1"
	answer := "AT Hill +0.000000000" + strings.TrimPrefix(longest, "IAMAT") + "\n"
	expect(t, n, longest, at(1), IAMAT, answer, answer)
	garbage := strings.Repeat("x", MaxClientLine)
	expect(t, n, garbage, at(1), Invalid, "? "+garbage+"\n", "")
	const tooLong = "? line longer than 16384 bytes\n"
	expect(t, n, longest+" ", at(1), Invalid, tooLong, "")
	if got := n.LineTooLong(); string(got.Answer) != tooLong || got.Verb != Invalid || got.Flood != nil {
		t.Errorf("a line that was not kept: %+v", got)
	}
	if c := n.Counters(); c.Invalid != 3 {
		t.Errorf("the counters are %+v", c)
	}
	// What the longest line and the longest name make, a neighbour takes.
	long := strings.Repeat("n", maxName)
	config := Default()
	config.Servers = servers(long + ":")
	named, err := NewNode(config.Settings(long, Bounds{}))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := n.ReceivePeer(withoutEnd(named.Receive([]byte(longest), at(2)).Flood)); err != nil {
		t.Errorf("a neighbour refuses %v", err)
	}
}

func TestRecordsAreBoundedWhereClientsBringThem(t *testing.T) {
	config := Default()
	config.Limits.Records = 2
	n, err := NewNode(config.Settings("Hill", Bounds{}))
	if err != nil {
		t.Fatal(err)
	}
	line := func(id string, time int) string {
		return fmt.Sprintf("AT Hill +0.000000000 %s +0+0 %d\n", id, time)
	}
	expect(t, n, "IAMAT a +0+0 1", at(1), IAMAT, line("a", 1), line("a", 1))
	expect(t, n, "IAMAT b +0+0 1", at(1), IAMAT, line("b", 1), line("b", 1))
	expect(t, n, "IAMAT c +0+0 1", at(1), Invalid, "? IAMAT c +0+0 1\n", "")
	expect(t, n, "IAMAT a +0+0 2", at(2), IAMAT, line("a", 2), line("a", 2))
	for _, id := range []string{"c", "d"} {
		if flood, err := n.ReceivePeer([]byte(line(id, 1))); string(flood) != line(id, 1) || err != nil {
			t.Errorf("a neighbour's record of %s: %q, %v", id, flood, err)
		}
	}
	flood, err := n.ReceivePeer([]byte(line("e", 1)))
	if flood != nil || !errors.Is(err, ErrStoreFull) || !strings.Contains(err.Error(), "4 records") || Reason(err) != "store_full" {
		t.Errorf("a neighbour's record beyond twice the bound: %q, %v", flood, err)
	}
	expect(t, n, "IAMAT d +0+0 3", at(3), IAMAT, line("d", 3), line("d", 3))
	want := Counters{IAMAT: 4, Invalid: 1, Full: 1, PeerTaken: 2, PeerFull: 1}
	if c := n.Counters(); c != want {
		t.Errorf("the counters are %+v", c)
	}
}

func TestReceivePeer(t *testing.T) {
	n := newNode(t, "Hill")
	for _, c := range []struct {
		line, flood string
		want        error
	}{
		{kiwiAT, kiwiAT + "\n", nil},
		{kiwiAT, "", nil},
		{"AT Nobody -1.000000000 x +0+0 1", "AT Nobody -1.000000000 x +0+0 1\n", nil}, // any token is a server
		{"\tAT  Meeks\t+0.000000000 kiwi.cs.ucla.edu +1+1 1353118104 \r", "AT Meeks +0.000000000 kiwi.cs.ucla.edu +1+1 1353118104\n", nil},
		{kiwiAT, "", nil},
		{"AT Meeks +0.000000000 kiwi.cs.ucla.edu +91+1 1353118105", "", ErrBadLocation},
		{"HELLO", "", ErrNotAT},
		{"", "", ErrNotAT},
	} {
		flood, err := n.ReceivePeer([]byte(c.line))
		if string(flood) != c.flood || (flood == nil) != (c.flood == "") || !errors.Is(err, c.want) || (err == nil) != (c.want == nil) {
			t.Errorf("%q is passed on as %q, %v", c.line, flood, err)
		}
	}
	if c := n.Counters(); c != (Counters{PeerTaken: 3, PeerStale: 2, PeerDropped: 3}) {
		t.Errorf("the counters are %+v", c)
	}
}

// Where somebody else may know a client, a WHATSAT for one that the store does not have
// is neither answered nor counted before that one was asked.
func TestAnUnknownClientMayBeKnownElsewhere(t *testing.T) {
	config := Default()
	s := config.Settings("Hill", Bounds{})
	s.Fallback = true
	node, err := NewNode(s)
	if err != nil {
		t.Fatal(err)
	}
	ask := []byte(" WHATSAT kiwi 10 1")
	for range 2 {
		if got := node.Receive(ask, Timestamp{}); got.Verb != WHATSAT || !got.Unknown || string(got.ID) != "kiwi" || got.Answer != nil {
			t.Fatalf("%+v", got)
		}
	}
	if c := node.Counters(); c != (Counters{}) {
		t.Errorf("it has counted %+v", c)
	}
	if got := node.ReceiveAgain(ask); got.Verb != Invalid || string(got.Answer) != "? "+string(ask)+"\n" || got.Unknown {
		t.Errorf("%+v", got)
	}
	const line = "AT Young +0.000000000 kiwi +1+1 1"
	if _, err := node.ReceivePeer([]byte(line)); err != nil {
		t.Fatal(err)
	}
	for _, got := range []Result{node.ReceiveAgain(ask), node.Receive(ask, Timestamp{})} {
		if got.Verb != WHATSAT || string(got.Answer) != line+"\n" || got.Unknown || string(got.Query.Radius) != "10" || got.Query.Limit != 1 {
			t.Errorf("%+v", got)
		}
	}
	if c := node.Counters(); c.Invalid != 1 || c.WHATSAT != 2 {
		t.Errorf("it has counted %+v", c)
	}
	// What is invalid in any case is nobody's to know.
	for _, invalid := range []string{"WHATSAT nobody -10 1", "WHATSAT nobody 10", "WHERE nobody"} {
		if got := node.Receive([]byte(invalid), Timestamp{}); got.Verb != Invalid || got.Unknown {
			t.Errorf("%q: %+v", invalid, got)
		}
	}
}

func TestBoundsOfTheUpstream(t *testing.T) {
	config := Default()
	n, err := NewNode(config.Settings("Hill", Bounds{MaxRadius: "50", MaxLimit: 20}))
	if err != nil {
		t.Fatal(err)
	}
	answer := "AT Hill +0.000000000 k +0-0 1\n"
	expect(t, n, "IAMAT k +0-0 1", at(1), IAMAT, answer, answer)
	expect(t, n, "WHATSAT k 50.0 20", at(1), WHATSAT, answer, "")
	expect(t, n, "WHATSAT k 50.01 20", at(1), Invalid, "? WHATSAT k 50.01 20\n", "")
	expect(t, n, "WHATSAT k 50 21", at(1), Invalid, "? WHATSAT k 50 21\n", "")
}

func TestNewNodeRefuses(t *testing.T) {
	good := Settings{Name: "Hill", Room: plenty}
	if _, err := NewNode(good); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		edit func(*Settings)
		want error
	}{
		{func(s *Settings) { s.Name = "" }, ErrBadName},
		{func(s *Settings) { s.Name = "A B" }, ErrBadName},
		{func(s *Settings) { s.Future = -1 }, ErrOutOfRange},
		{func(s *Settings) { s.Room.Records = MaxRecords + 1 }, ErrOutOfRange},
		{func(s *Settings) { s.Bounds.MaxRadius = "50km" }, ErrBadBounds},
		{func(s *Settings) { s.Bounds.MaxRadius = "." }, ErrBadBounds},
		{func(s *Settings) { s.Bounds.MaxLimit = -1 }, ErrBadBounds},
	} {
		s := good
		c.edit(&s)
		if n, err := NewNode(s); n != nil || !errors.Is(err, c.want) {
			t.Errorf("%+v: %v, want %v", s, err, c.want)
		}
	}
}

// A whole herd with the flood rule of the protocol and no network: an update
// costs exactly 6 messages, all servers then hold the same record, and reports
// to several servers at once end alike everywhere.
func TestFloodOverTheBuiltInHerd(t *testing.T) {
	config := Default()
	topology, err := NewTopology(config.Servers)
	if err != nil {
		t.Fatal(err)
	}
	nodes := map[string]*Node{}
	for _, name := range topology.Names() {
		nodes[name] = newNode(t, name)
	}
	type message struct {
		from, to string
		line     string
	}
	r := newRandom(11)
	for round := range 300 {
		var wire []message
		tell := func(from, but string, flood []byte) {
			for _, to := range topology.Neighbours(from) {
				if to != but && flood != nil {
					wire = append(wire, message{from, to, string(withoutEnd(flood))})
				}
			}
		}
		together := 1 + round%3 // reports under way at once
		for range together {
			name := topology.Names()[r.IntN(5)]
			line := fmt.Sprintf("IAMAT k +%d+%d %d.%d", r.IntN(90), r.IntN(180), 1000+round, r.IntN(3))
			tell(name, "", nodes[name].Receive([]byte(line), Unix(int64(1000+round), r.IntN(3))).Flood)
		}
		messages := 0
		for ; len(wire) > 0; messages++ {
			i := r.IntN(len(wire))
			// A link keeps its order; any link may be the slowest.
			i = slices.IndexFunc(wire, func(m message) bool { return m.from == wire[i].from && m.to == wire[i].to })
			m := wire[i]
			wire = slices.Delete(wire, i, i+1)
			flood, err := nodes[m.to].ReceivePeer([]byte(m.line))
			if err != nil {
				t.Fatal(err)
			}
			tell(m.to, m.from, flood)
		}
		if together == 1 && messages != 6 {
			t.Fatalf("round %d: an update costs %d messages", round, messages)
		}
		want := contents(nodes["Hill"].Store())
		for name, node := range nodes {
			if got := contents(node.Store()); !slices.Equal(got, want) {
				t.Fatalf("round %d: %s has %q, Hill has %q", round, name, got, want)
			}
		}
	}
}

// Nothing on the path of a line may make garbage: a collection would hold up
// every client of the server.
func TestNoAllocationPerLine(t *testing.T) {
	n := newNode(t, "Farmar")
	iamat, whatsat, invalid := []byte(kiwiIAMAT), []byte(kiwiWHATSAT), []byte("WHATSAT nobody 1 1")
	peer := []byte(kiwiAT)
	n.Receive(iamat, kiwiReceived)
	count := int64(200_000_000)
	next := func() { // writes a later time over the fraction: each line is newer
		count++
		peer = strconv.AppendInt(peer[:len(peer)-9], count, 10)
	}
	for _, c := range []struct {
		name string
		line func()
		took func() uint64
	}{
		{"IAMAT", func() { n.Receive(iamat, kiwiReceived) }, func() uint64 { return n.Counters().IAMAT }},
		{"WHATSAT", func() { n.Receive(whatsat, kiwiReceived) }, func() uint64 { return n.Counters().WHATSAT }},
		{"invalid", func() { n.Receive(invalid, kiwiReceived) }, func() uint64 { return n.Counters().Invalid }},
		{"AT", func() { next(); _, _ = n.ReceivePeer(peer) }, func() uint64 { return n.Counters().PeerTaken }},
		{"AT, not newer", func() { _, _ = n.ReceivePeer(peer) }, func() uint64 { return n.Counters().PeerStale }},
	} {
		before := c.took()
		if allocations := testing.AllocsPerRun(1000, c.line); allocations != 0 {
			t.Errorf("%s: %v allocations", c.name, allocations)
		}
		if took := c.took() - before; took != 1001 { // AllocsPerRun warms up once
			t.Errorf("%s: only %d lines of 1001 were what they should be", c.name, took)
		}
	}
}
