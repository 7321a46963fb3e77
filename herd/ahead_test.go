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

// What is touched are the records that the lines are about: those and no others, in the
// forms that clients and neighbours use, up to 64.
func TestAheadFindsTheRecordsOfTheNextLines(t *testing.T) {
	node := crowded(t)
	for _, c := range []struct {
		data string
		ids  []string
	}{
		{"", nil},
		{"IAMAT c1 +1-2 100\n", nil}, // one line has nothing to be fetched beside it
		{"IAMAT c1 +1-2 100\nIAMAT c2 +1-2 100\n", []string{"c1", "c2"}},
		{"IAMAT c1 +1-2 100\nIAMAT c2 +1-2 1", nil}, // the second has not come as a whole
		{"WHATSAT c3 1 1\nAT Meeks +0.1 c4 +1-2 100\nIAMAT c5 +1-2 100\n", []string{"c3", "c4", "c5"}},
		{"IAMAT c6 +1-2 100\r\n\nAT Meeks\n?\nIAMAT c7\n", []string{"c6", "c7"}},
		{"IAMAT nobody +1-2 100\nIAMAT c8 +1-2 100\n", []string{"", "c8"}},
		{strings.Repeat("IAMAT c9 +1-2 100\n", aheadMost+1), slices.Repeat([]string{"c9"}, aheadMost)},
	} {
		clear(node.ahead.slots[:])
		node.Ahead([]byte(c.data))
		for i, id := range c.ids {
			if id == "" {
				continue
			}
			at := node.ahead.slots[i]
			if at == 0 || string(node.own.entry(at).id()) != id {
				t.Errorf("%.60q: line %d is not about what was touched, %s is", c.data, i, id)
			}
		}
		if n := len(c.ids); n < aheadMost && node.ahead.slots[n] != 0 {
			t.Errorf("%.60q: more than %d records were touched", c.data, n)
		}
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

func TestAheadAllocatesNothing(t *testing.T) {
	node := crowded(t)
	data := []byte(strings.Repeat("IAMAT c1 +1-2 100\nAT Meeks +0.1 c2 +1-2 100\n", aheadMost))
	if got := testing.AllocsPerRun(100, func() { node.Ahead(data) }); got != 0 {
		t.Errorf("%v allocations", got)
	}
}

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
					for range aheadMost {
						i++
						data = append(append(data, line.set(i*stride%clients, i)...), '\n')
					}
					if look == "yes" {
						node.Ahead(data)
					}
					for rest := range slices.Chunk(data, len(data)/aheadMost) {
						if got := node.Receive(rest[:len(rest)-1], Unix(1353118104, 672266767)); got.Verb != IAMAT {
							b.Fatalf("%s", got.Answer)
						}
					}
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*aheadMost), "ns/report")
			})
		}
	}
}
