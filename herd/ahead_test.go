package herd

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// crowded returns a Node that knows enough clients to look ahead.
func crowded(tb testing.TB) *Node {
	tb.Helper()
	node := newNode(tb, "Farmar")
	for i := range aheadFrom {
		line := fmt.Sprintf("IAMAT c%d +1-2 100", i)
		if got := node.Receive([]byte(line), Unix(101, 0)); got.Verb != IAMAT {
			tb.Fatalf("%s: %s", line, got.Answer)
		}
	}
	return node
}

// What is fetched are the records that the lines are about: those and no others, in the
// forms that clients and neighbours use, up to 128.
func TestAheadFindsTheRecordsOfTheNextLines(t *testing.T) {
	node := crowded(t)
	for _, c := range []struct {
		data string
		ids  []string
	}{
		{"", nil},
		{"IAMAT c1 +1-2 100\n", []string{"c1"}},
		{"IAMAT c1 +1-2 100\nIAMAT c2 +1-2 100\n", []string{"c1", "c2"}},
		{"IAMAT c1 +1-2 100\nIAMAT c2 +1-2 1", []string{"c1"}}, // the second has not come as a whole
		{"WHATSAT c3 1 1\nAT Meeks +0.1 c4 +1-2 100\nIAMAT c5 +1-2 100\n", []string{"c3", "c4", "c5"}},
		{"IAMAT c6 +1-2 100\r\n\nAT Meeks\n?\nIAMAT c7\n", []string{"c6", "", "", "", "c7"}},
		{strings.Repeat("IAMAT c9 +1-2 100\n", aheadMost+1), slices.Repeat([]string{"c9"}, aheadMost)},
	} {
		node.Ahead([]byte(c.data))
		if node.ahead.count != len(c.ids) {
			t.Errorf("%.60q: %d records, and not %d", c.data, node.ahead.count, len(c.ids))
			continue
		}
		for i, id := range c.ids {
			_, e := node.own.first(node.ahead.hints[i].tag)
			if id == "" && e == nil {
				continue
			}
			if e == nil || string(e.id()) != id {
				t.Errorf("%.60q: line %d is not about what is fetched, %q is", c.data, i, id)
			}
		}
	}
	if _, e := node.own.first(node.own.tag([]byte("nobody"))); e != nil {
		t.Errorf("of somebody unknown %q is fetched", e.line())
	}
}

// So much of a record is fetched as the line would make it: what is there is as long, or
// nearly. Of a long one it is not all.
func TestAheadFetchesWholeRecords(t *testing.T) {
	node := crowded(t)
	long := "IAMAT c" + strings.Repeat("9", 300) + " +1-2 100"
	for _, line := range []string{"IAMAT c1 +1-2 100", "AT Farmar +1.000000000 c1 +1-2 100", long} {
		node.Ahead([]byte(line + "\n" + line))
		want := aheadBytes
		if line != long {
			_, e := node.own.first(node.ahead.hints[0].tag)
			want = entryHead + len(e.line())
		}
		if got := int(node.ahead.sizes[0]); got != want {
			t.Errorf("%.40s: %d bytes are fetched, not %d", line, got, want)
		}
	}
}

// Each slot is fetched some lines before its record is, and each record some lines
// before its own: nothing twice, nothing never. The last one's is fetched when a line has
// been read, be it the only one.
func TestAheadKeepsItsDistance(t *testing.T) {
	for _, lines := range []int{1, 2, 4, 20} {
		node := crowded(t)
		data := strings.Repeat("IAMAT c1 +1-2 100\n", lines)
		node.Ahead([]byte(data))
		i, records := 0, min(lines-1, aheadStep)
		for line := range strings.Lines(data) {
			if a := node.ahead; a.records != records || a.slots != min(lines, i+2*aheadStep) || a.line != i {
				t.Errorf("%d lines: before line %d, or %d, the slots of %d are fetched and the records of %d", lines, i, a.line, a.slots, a.records)
			}
			if i++; i%2 == 0 {
				node.Receive([]byte(strings.TrimSpace(line)), Unix(101, 0))
			} else if _, err := node.ReceivePeer([]byte("AT Meeks +0.100000000 c1 +1-2 99")); err != nil {
				t.Fatal(err)
			}
			records = min(lines, records+1)
		}
		node.Receive([]byte("IAMAT c1 +1-2 100"), Unix(101, 0)) // one that nobody looked at
		if a := node.ahead; a.records != lines || a.slots != lines {
			t.Errorf("%d lines: in the end the slots of %d are fetched and the records of %d", lines, a.slots, a.records)
		}
	}
}

// A record that is fetched to its end is one in the last place of its chunk, too.
func TestAheadAtTheEndOfAChunk(t *testing.T) {
	s := newStore()
	var last []byte
	for i := 0; len(s.arena.chunks) < 2; i++ {
		last = fmt.Appendf(nil, "c%05d", i)
		if _, err := s.Put(record(t, fmt.Sprintf("AT A +0.000000000 %s +1-2 3", last)), plenty); err != nil {
			t.Fatal(err)
		}
		s.fetchSlot(s.tag(last))
		s.fetchRecord(s.tag(last), aheadBytes) // it panics where it looks beyond
	}
	if _, e := s.first(s.tag(last)); string(e.id()) != string(last) {
		t.Errorf("%s is not found, but %s", last, e.id())
	}
}

// With it or without, the same lines have the same answers and leave the same records;
// bytes that are no lines do no harm.
func TestAheadChangesNothing(t *testing.T) {
	with, without := crowded(t), crowded(t)
	random := rand.New(rand.NewPCG(1, 2))
	pieces := []string{"IAMAT ", "WHATSAT ", "AT ", "c1", "c77", "newcomer", " ", "+1-2", " 100.5", "\n", "\x00", "\xff", "Meeks +0.5 "}
	received := 0
	for range 2000 {
		var data []byte
		for range random.IntN(60) {
			data = append(data, pieces[random.IntN(len(pieces))]...)
		}
		for range random.IntN(8) {
			data = fmt.Appendf(data, "\nIAMAT c%d +3-4 %d\n", random.IntN(2*aheadFrom), random.IntN(1000))
		}
		with.Ahead(data)
		for line := range strings.SplitSeq(string(data), "\n") {
			one := string(with.Receive([]byte(line), Unix(500, 7)).Answer)
			other := string(without.Receive([]byte(line), Unix(500, 7)).Answer)
			if one != other {
				t.Fatalf("%q is answered %q, and without looking ahead %q", line, one, other)
			}
			received++
		}
	}
	if with.Store().Root() != without.Store().Root() || with.Counters() != without.Counters() || with.Counters().IAMAT < aheadFrom+1000 {
		t.Errorf("after %d lines: %+v and %+v", received, with.Counters(), without.Counters())
	}
}

// Lines that are not received in the order in which they were looked at have each other's
// tags: their records are found for all that, and new ones stored where they belong.
func TestAheadMayHaveLookedAtOtherLines(t *testing.T) {
	with, without := crowded(t), crowded(t)
	random := rand.New(rand.NewPCG(3, 4))
	for step := range 300 {
		var lines []string
		for range 1 + random.IntN(12) {
			lines = append(lines, fmt.Sprintf("IAMAT c%d +3-4 %d", random.IntN(2*aheadFrom), 200+step))
		}
		with.Ahead([]byte(strings.Join(lines, "\n") + "\n"))
		random.Shuffle(len(lines), func(i, j int) { lines[i], lines[j] = lines[j], lines[i] })
		for _, line := range lines {
			for _, node := range []*Node{with, without} {
				node.Receive([]byte(line), Unix(500, 7))
			}
		}
	}
	if got, want := sorted(with.Store()), sorted(without.Store()); !slices.Equal(got, want) || len(got) < aheadFrom+500 {
		t.Errorf("%d records, and %d without", len(got), len(want))
	}
	if with.Store().Root() != without.Store().Root() || with.Counters() != without.Counters() {
		t.Errorf("%+v and %+v", with.Counters(), without.Counters())
	}
	// The walk and Get know only where a record belongs.
	var r Record
	for _, line := range sorted(with.Store()) {
		if id := strings.Fields(line)[3]; !with.Store().Get([]byte(id), &r) {
			t.Fatalf("%s is not found", id)
		}
	}
}

func TestAheadAllocatesNothing(t *testing.T) {
	node := crowded(t)
	data := []byte(strings.Repeat("IAMAT c1 +1-2 100\nAT Meeks +0.1 c2 +1-2 100\n", aheadMost))
	line := []byte("IAMAT c1 +1-2 100")
	if got := testing.AllocsPerRun(100, func() { node.Ahead(data); node.Receive(line, Unix(101, 0)) }); got != 0 {
		t.Errorf("%v allocations", got)
	}
}

// together is how many reports come together.
const together = 64

// BenchmarkAhead is 64 reports that came together, with a look ahead and without: what a
// report takes, in a store that no cache holds.
func BenchmarkAhead(b *testing.B) {
	for _, clients := range []int{benchClients, 10 * benchClients} {
		for _, look := range []string{"no", "yes"} {
			b.Run(fmt.Sprintf("%d clients/ahead=%s", clients, look), func(b *testing.B) {
				node, line := benchNode(b, clients), newBenchLine("IAMAT client000000.cs.ucla.edu +27.5916+086.5640 1353118104.000000000")
				var data []byte
				i := 0
				for b.Loop() {
					data = data[:0]
					for range together {
						i++
						data = append(append(data, line.set(i*stride%clients, i)...), '\n')
					}
					if look == "yes" {
						node.Ahead(data)
					}
					for rest := range slices.Chunk(data, len(data)/together) {
						if got := node.Receive(rest[:len(rest)-1], Unix(1353118104, 672266767)); got.Verb != IAMAT {
							b.Fatalf("%s", got.Answer)
						}
					}
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*together), "ns/report")
			})
		}
	}
}

// A hint of any slot finds the same as none does: clients that share a tag, whose first
// slot may stand anywhere, those that have it to themselves, and nobody.
func TestAHintMisleadsNobody(t *testing.T) {
	s := newStore()
	const shared = 0x80000000
	for i := range 600 {
		tag := shared + uint32(i/3)<<22 // three of each tag
		if _, err := s.add(tag, record(t, fmt.Sprintf("AT A +0.000000000 c%d +1-2 3", i)), plenty); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 603 { // the last three are not there
		tag, id := shared+uint32(i/3)<<22, fmt.Appendf(nil, "c%d", i)
		want := s.find(hint{tag: tag}, id)
		if (want != nil) != (i < 600) {
			t.Fatalf("%s is found: %v", id, want != nil)
		}
		for slot := range segmentSlots {
			if got := s.find(hint{tag, uint16(slot)}, id); got != want {
				t.Fatalf("%s is found elsewhere with a hint of slot %d", id, slot)
			}
		}
	}
}

// Lines that have come together find their records where their slots were when they were
// fetched; and they find them too when new clients' slots have come between, and segments
// were split.
func TestAHintLeadsToTheRecord(t *testing.T) {
	for _, newcomers := range []int{0, 200} { // for each line
		const lines = 64
		node := crowded(t)
		var data []byte
		for i := range lines {
			data = fmt.Appendf(data, "IAMAT c%d +1-2 200\n", i)
		}
		node.Ahead(data)
		led, segments := 0, len(node.own.index.segments())
		for i := range lines {
			for j := range newcomers {
				if _, err := node.own.Put(record(t, fmt.Sprintf("AT A +0.000000000 new%d-%d +1-2 3", i, j)), plenty); err != nil {
					t.Fatal(err)
				}
			}
			h := node.ahead.hints[i]
			if segment := node.own.index.segment(h.tag); h.slot > 0 && segment.slots[h.slot].tag() == h.tag {
				led++
			}
			line := fmt.Sprintf("IAMAT c%d +1-2 200", i)
			if r := node.Receive([]byte(line), Unix(201, 0)); r.Flood == nil || node.own.Len() != aheadFrom+(i+1)*newcomers {
				t.Fatalf("%s is answered %q, and there are %d clients", line, r.Answer, node.own.Len())
			}
		}
		if newcomers == 0 && led < lines-5 { // a segment's first slot is no hint
			t.Errorf("only %d hints led to their slots", led)
		}
		if got := len(node.own.index.segments()); (got > segments) != (newcomers > 0) {
			t.Errorf("%d newcomers made %d segments of %d", newcomers*lines, got, segments)
		}
	}
}
