package herd

import (
	"bytes"
	"slices"
	"testing"
)

// differences gives each store what the other never had, by a list of clients: an
// even byte to a, an odd one to b, and one above 127 a newer record of a client
// that both have. It returns the lines that one of them alone has.
func (f *flow) differences(list []byte) (differ map[string]bool) {
	for i := range 20 {
		line := reportOf(i, 0)
		f.a.put(f.t, line)
		f.b.put(f.t, line)
	}
	for i, c := range list {
		client := 200 + int(c)
		if c > 127 {
			client = int(c) % 20
		}
		to := []*flowEnd{f.a, f.b}[c%2]
		to.put(f.t, reportOf(client, i+1))
	}
	f.clock = len(list)
	differ = map[string]bool{}
	for _, line := range append(linesOf(f.a.store), linesOf(f.b.store)...) {
		differ[line] = !differ[line]
	}
	return differ
}

// FuzzExchange: two stores that differ, compared while clients report, while
// lines are on their way for as long as you like, and while an end is slow. Only
// what truly differed is sent again, never what is on its way; no comparison
// hangs; and once it is quiet, one comparison mends all that is left.
func FuzzExchange(f *testing.F) {
	there, talk := []byte{6, 1, 7, 2, 13}, bytes.Repeat([]byte{0, 3}, 40) // reports on their way; lines both ways
	f.Add([]byte{}, append(there, talk...), uint8(0))
	f.Add([]byte{2, 3, 130, 131}, append([]byte{13, 0, 6, 1, 3, 7, 2, 0, 3, 6, 1}, talk...), uint8(0b1111))
	f.Add([]byte{}, append([]byte{11, 7, 50, 13}, talk...), uint8(0b0101))             // b lags
	f.Add([]byte{}, append([]byte{13, 0, 9, 6, 50}, talk...), uint8(0b0101))           // a does
	f.Add([]byte{8, 10}, append([]byte{13, 8, 0, 3, 0, 3, 8}, talk...), uint8(0b0110)) // a is full
	f.Add([]byte{1, 2, 4, 9, 200, 201}, append(slices.Concat(there, talk[:20], []byte{9, 6, 9, 10, 11, 7, 8, 12}), talk...), uint8(0b1001))
	f.Add(bytes.Repeat([]byte{3, 77, 200, 9, 8}, 20), bytes.Repeat([]byte{13, 0, 3, 6, 99, 0, 3, 7, 98}, 30), uint8(0b1101))
	// a lags from when it asks for hashes on: it has newer ones than b can name, and has not sent them.
	busy := []byte{13, 0, 3, 6, 99, 0, 3, 7, 98}
	f.Add([]byte{3, 77, 200, 9, 8}, slices.Concat(bytes.Repeat(busy, 20), []byte{9}, busy[1:], bytes.Repeat(busy, 9)), uint8(0b1101))
	f.Add([]byte{1, 2, 3}, append([]byte{13, 0, 6, 9, 3, 7, 8}, talk...), uint8(0b0110000)) // b is empty
	f.Add([]byte{1, 2, 3}, append([]byte{13, 0, 6, 9, 3, 7, 8}, talk...), uint8(0b1110000)) // a is
	f.Fuzz(func(t *testing.T, list, script []byte, kind uint8) {
		list, script = list[:min(len(list), 300)], script[:min(len(script), 2000)]
		aBits, bBits := 4+int(kind&3), 4+int(kind>>2&3)
		l := &flow{t: t, a: newFlowEnd(aBits), b: newFlowEnd(bBits), bits: min(aBits, bBits)}
		var differ map[string]bool
		if kind>>4&3 == 3 {
			// One of them is empty: it is sent everything, by nobody's comparison.
			for i := range list {
				l.a.put(t, reportOf(i, 0))
			}
			if kind>>6&1 == 1 {
				l.a.store, l.b.store = l.b.store, l.a.store
			}
		} else {
			differ = l.differences(list)
		}
		l.play(script)
		l.drain()
		for _, end := range []*flowEnd{l.a, l.b} {
			for _, line := range end.resent {
				if differ != nil && !differ[line] {
					t.Fatalf("%q was on its way, and was sent again", line)
				}
			}
		}
		mend(t, l)
	})
}

// mend runs a comparison in a quiet herd, and holds that it has mended
// everything, has counted right, and that another finds nothing.
func mend(t *testing.T, l *flow) {
	sent := len(l.a.resent)
	l.start()
	first := l.under
	l.drain()
	if l.outcome != Compared || l.a.store.Root() != l.b.store.Root() || !slices.Equal(linesOf(l.a.store), linesOf(l.b.store)) {
		t.Fatalf("a quiet comparison comes to %d, and they hold %d and %d records", l.outcome, l.a.store.Len(), l.b.store.Len())
	}
	if r := first.Resync(); int(r.Sent) != len(l.a.resent)-sent || first.Differ() == 0 && r.Sent+r.Received > 0 {
		t.Fatalf("%d records were sent, in %d buckets, and counted are %+v", len(l.a.resent)-sent, first.Differ(), r)
	}
	l.start()
	last := l.under
	l.drain()
	if r := last.Resync(); last.Differ() != 0 || r.RoundTrips != 1 || r.Sent+r.Received != 0 {
		t.Fatalf("after everything %d buckets differ: %+v", last.Differ(), r)
	}
}
