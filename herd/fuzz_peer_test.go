package herd

import (
	"bytes"
	"errors"
	"fmt"
	"math/big"
	"regexp"
	"slices"
	"testing"
)

// fuzzBits is how fine the stores of these targets are: few buckets, so that
// several clients share one.
const fuzzBits = 6

// fuzzNode is a node with some records of its neighbours', and its end of a link.
func fuzzNode(t testing.TB, clients int) (*Node, *end) {
	t.Helper()
	node, err := NewNode(Settings{
		Name: "Farmar", Future: Duration(testFuture), Room: Room{1 << 20, 1 << 30}, Key: DigestKey(secret), Buckets: 1 << fuzzBits,
	})
	if err != nil {
		t.Fatal(err)
	}
	for i := range clients {
		if _, err := node.ReceivePeer([]byte(reportOf(i, 0))); err != nil {
			t.Fatal(err)
		}
	}
	return node, &end{store: node.Store()}
}

// FuzzPeerLine: whatever line a neighbour that has proved itself sends, it is
// taken exactly if the slow grammar takes it; what is read from it means what it
// says; what is answered is true, fits a line, and no more than the store holds;
// and only an AT line changes the store.
func FuzzPeerLine(f *testing.F) {
	r := newRandom(14)
	for range 20 {
		f.Add(r.at(), uint32(r.Int32()), false)
	}
	for _, line := range []string{
		"BEAT 1000000000.5 3 00000000000000ff - -", "BEAT 1.000000000 0 0000000000000000 999999999.5 0.25", "BEAT 1 1 1 1 1", "BEAT",
		"BYE server_stopping", "BYE", "BYE a b", "BYE \x00",
		"ASKSUMS 1 0 0 1", "ASKSUMS 2 6 0 64", "ASKSUMS 2 3 1 7", "ASKSUMS 18446744073709551615 6 63 1", "ASKSUMS 1 6 63 2",
		"ASKHASHES 1 6 5", "ASKHASHES 1 0 0", "ASKRECORDS 1 6 5 AAAAAAAAAAE", "ASKRECORDS 1 0 0", "ASKALL 3", "FOUND 3 99999999999999999999", "FOUND 3 1",
		"SUMS 1 0 0 1 AAAAAAAAAAA", "BUSY 1", "MAC 1 00", "HELLO 1", "askall 3", "",
	} {
		f.Add([]byte(line), uint32(len(line)), len(line)%2 == 0)
	}
	const clients = 40
	_, first := fuzzNode(f, clients)
	all := slowRecords(first.store)
	f.Fuzz(func(t *testing.T, line []byte, second uint32, lagging bool) {
		node, e := fuzzNode(t, clients)
		e.lagging = lagging
		before := node.Store().Root()
		kind := KindOf(line)
		if want := slowKind(line); kind != want {
			t.Fatalf("%q is of kind %d, want %d", line, kind, want)
		}
		switch kind {
		case ATLine:
			holdUpdate(t, node, line, clients)
			return
		case BeatLine:
			holdBeat(t, line, Unix(int64(second), int(second)))
		case FarewellLine:
			holdFarewell(t, line)
		case QuestionLine:
			holdAnswer(t, e, line, all)
		}
		if node.Store().Root() != before || node.Store().Len() != clients {
			t.Fatalf("%q has changed the store", line)
		}
	})
}

// slowKind is KindOf in the words of the protocol.
func slowKind(line []byte) PeerLine {
	fields := slowFields(line)
	if len(fields) == 0 {
		return ATLine
	}
	switch fields[0] {
	case "BEAT":
		return BeatLine
	case "BYE":
		return FarewellLine
	case "ASKSUMS", "ASKHASHES", "ASKRECORDS", "ASKALL", "FOUND":
		return QuestionLine
	case "SUMS", "HASHES", "RECORDS", "ALL", "BUSY":
		return AnswerLine
	}
	return ATLine
}

// holdUpdate holds what an AT line does.
func holdUpdate(t *testing.T, node *Node, line []byte, clients int) {
	before := node.Store().Root()
	flood, err := node.ReceivePeer(line)
	if (err == nil) != slowAT(t, line) || err != nil && Reason(err) == "" {
		t.Fatalf("%q: %v", line, err)
	}
	if flood == nil {
		if node.Store().Root() != before {
			t.Fatalf("%q is stored, and not passed on", line)
		}
		return
	}
	var r Record
	at := withoutEnd(flood)
	id := slowFields(line)[3]
	if !slowAT(t, at) || bytes.IndexByte(at, '\n') >= 0 || node.Store().Len() > clients+1 ||
		!node.Store().Get([]byte(id), &r) || !bytes.Equal(r.AppendLine(nil), flood) {
		t.Fatalf("%q goes on as %q, and %d records are held", line, flood, node.Store().Len())
	}
}

var slowRoot = regexp.MustCompile(`^[0-9a-fA-F]{16}$`)

// holdBeat holds that a heartbeat says what was read from it, and that the beat
// which follows it can be read.
func holdBeat(t *testing.T, line []byte, now Timestamp) {
	b, err := ParseBeat(line)
	fields := slowFields(line)
	times := func(texts ...string) bool {
		return !slices.ContainsFunc(texts, func(text string) bool { return !slowTime.MatchString(text) })
	}
	want := len(fields) == 6 && times(fields[1]) && isSlowNumber(fields[2]) && slowRoot.MatchString(fields[3]) &&
		(fields[4] == "-" && fields[5] == "-" || times(fields[4], fields[5]))
	if (err == nil) != want || err != nil && !errors.Is(err, ErrBadBeat) {
		t.Fatalf("%q: %v, want it taken: %v", line, err, want)
	}
	if err != nil {
		return
	}
	root, _ := new(big.Int).SetString(fields[3], 16)
	if slowValue(b.Time).Cmp(rat(t, fields[1])) != 0 || fmt.Sprint(b.Records) != rat(t, fields[2]).Num().String() || b.Root != root.Uint64() ||
		b.Echoes != (fields[4] != "-") || b.Echoes && (slowValue(b.Echo).Cmp(rat(t, fields[4])) != 0 || slowValue(b.Held).Cmp(rat(t, fields[5])) != 0) {
		t.Fatalf("%q is read as %+v", line, b)
	}
	if again, err := ParseBeat(withoutEnd(b.AppendLine(nil))); err != nil || again != b {
		t.Fatalf("%q is written as %q, and that is read as %+v, %v", line, b.AppendLine(nil), again, err)
	}
	var p Pulse
	if err := p.Heard(b, now, testFuture); err != nil && !errors.Is(err, ErrClocksApart) || p.Known && (p.RoundTrip.Sec < 0 || p.RoundTrip.Sec > 60) {
		t.Fatalf("%q, heard at %v: %+v, %v", line, now, p, err)
	}
	later := now.Add(Timestamp{Sec: 1})
	next := p.Next(NewStore(StoreSettings{Buckets: 16}), later)
	if again, err := ParseBeat(withoutEnd(next.AppendLine(nil))); err != nil || again != next || again.Echo != b.Time || again.Held != (Timestamp{Sec: 1}) {
		t.Fatalf("after %q the next is %+v, and is read as %+v, %v", line, next, again, err)
	}
}

func holdFarewell(t *testing.T, line []byte) {
	reason, err := ParseFarewell(line)
	fields := slowFields(line)
	if err != nil {
		if !errors.Is(err, ErrBadFarewell) {
			t.Fatalf("%q: %v", line, err)
		}
		return
	}
	if len(fields) != 2 || reason != fields[1] || hasSpaceOrControl(reason) {
		t.Fatalf("%q is read as %q", line, reason)
	}
	if again, err := ParseFarewell(withoutEnd(AppendFarewell(nil, reason))); err != nil || again != reason {
		t.Fatalf("%q is read as %q, and then as %q, %v", line, reason, again, err)
	}
}
