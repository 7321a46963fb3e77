package wirelog

import (
	"bytes"
	"testing"
)

// What carries on the last chunk becomes part of it, and nothing else does.
func TestAChunkThatCarriesOnTheLastOne(t *testing.T) {
	first := header{what: dirOut, kind: Peer, conn: 3, micros: 7}
	changed := func(change func(*header)) header {
		h := first
		change(&h)
		return h
	}
	for _, test := range []struct {
		name    string
		second  header
		entries int
	}{
		{"the same", first, 1},
		{"another direction", changed(func(h *header) { h.what = dirIn }), 2},
		{"another kind", changed(func(h *header) { h.kind = Client }), 2},
		{"another connection", changed(func(h *header) { h.conn++ }), 2},
		{"another moment", changed(func(h *header) { h.micros++ }), 2},
		{"a gap", changed(func(h *header) { h.what = gapOut }), 2},
	} {
		q := newQueue(DefaultQueueBytes)
		q.put(first, []byte("one "))
		q.put(test.second, []byte("two "))
		q.put(test.second, []byte("three"))
		entries := test.entries
		if test.second.what > dirOut {
			entries++ // of gaps each stands by itself
		}
		var got []byte
		for _, block := range q.take(nil) {
			for ; len(block) > 0; entries-- {
				var payload []byte
				_, payload, block = next(block)
				got = append(got, payload...)
			}
		}
		if entries != 0 || string(got) != "one two three" {
			t.Errorf("%s: %d entries are missing of those expected, and %q is in them", test.name, entries, got)
		}
	}
}

// Nothing carries on what the writer has taken, nor what fills its block.
func TestNothingCarriesOnWhatHasNoRoom(t *testing.T) {
	q := newQueue(DefaultQueueBytes)
	h := header{what: dirIn, conn: 1}
	q.put(h, bytes.Repeat([]byte("x"), maxPayload-1))
	q.put(h, []byte("yz"))
	taken := q.take(nil)
	q.put(h, []byte("after"))
	if len(taken) != 2 || len(taken[0]) != blockSize-1 {
		t.Fatalf("%d blocks, the first of %d bytes", len(taken), len(taken[0]))
	}
	for i, want := range []string{"yz", "after"} {
		block := append(taken[1:], q.filling...)[i]
		if _, payload, rest := next(block); string(payload) != want || len(rest) > 0 {
			t.Errorf("%q, and %d bytes behind it; want %q", payload, len(rest), want)
		}
	}
}
