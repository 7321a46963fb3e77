package herd

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestStoreBoundsRecords(t *testing.T) {
	s := newStore()
	room := Room{Records: 2, Bytes: 1 << 20}
	lineOf := func(id string, time int) *Record {
		return record(t, fmt.Sprintf("AT A +0.000000000 %s +0+0 %d", id, time))
	}
	for _, step := range []struct {
		id      string
		time    int
		room    Room
		changed bool
		err     error
	}{
		{"a", 1, room, true, nil},
		{"b", 1, room, true, nil},
		{"c", 1, room, false, ErrStoreFull},
		{"a", 2, room, true, nil}, // known clients still move
		{"b", 0, room, false, nil},
		{"c", 1, room.twice(), true, nil}, // neighbours have more room
		{"d", 1, room.twice(), true, nil},
		{"e", 1, room.twice(), false, ErrStoreFull},
		{"d", 2, room, true, nil},
	} {
		changed, err := s.Put(lineOf(step.id, step.time), step.room)
		if changed != step.changed || !errors.Is(err, step.err) {
			t.Errorf("%s at %d: %v, %v", step.id, step.time, changed, err)
		}
	}
	if got := len(contents(s)); got != 4 || s.Len() != 4 {
		t.Errorf("the store has %d records and says %d", got, s.Len())
	}
}

// A record's head takes 32 bytes, and buffers have multiples of 64. What a buffer
// took counts for good: one that became too small waits for another record.
func TestStoreBoundsBytes(t *testing.T) {
	s := newStore()
	const prefix = "AT A +0.000000000 k +0+0 1"
	const room = 64 + 128
	long := strings.Repeat("A", 50)
	for _, step := range []struct {
		line    string
		bytes   int64
		changed bool
		err     error
	}{
		{prefix, room, true, nil},                              // 27 bytes with the end: a buffer of 64
		{prefix + "2.00", room, true, nil},                     // 31 bytes fit in it
		{prefix + "3.00000000", room - 1, false, ErrStoreFull}, // 37 bytes do not, and need one of 128
		{prefix + "3.00", 0, true, nil},                        // what fits, fits even where there is no room
		{prefix + "3.00000000", room, true, nil},
		{prefix + "99999999999.999999999", room, true, nil},                                       // 47 fit
		{"AT A +9.000000000 k +0.000+0 2", room, false, nil},                                      // older
		{"AT A +0.000000000 kk +0+0 1", room, true, nil},                                          // the first buffer is free
		{"AT A +0.000000000 kkk +0+0 1", room, false, ErrStoreFull},                               // a third is too many
		{"AT " + long + " +0.000000000 k +0+0 199999999999.999999999", room, false, ErrStoreFull}, // and so is a larger one
		{"AT B +0.000000000 k +0+0 199999999999.999999999", room, true, nil},
	} {
		root := s.Root()
		changed, err := s.Put(record(t, step.line), Room{Records: 10, Bytes: step.bytes})
		if changed != step.changed || !errors.Is(err, step.err) || changed == (s.Root() == root) {
			t.Errorf("%s: %v, %v, the root %x was %x", step.line, changed, err, s.Root(), root)
		}
	}
	if s.Bytes() != room || s.Len() != 2 {
		t.Errorf("the store has %d records in %d bytes", s.Len(), s.Bytes())
	}
	// What was refused has left no trace.
	want := []string{"AT A +0.000000000 kk +0+0 1", "AT B +0.000000000 k +0+0 199999999999.999999999"}
	if got := sorted(s); !slices.Equal(got, want) {
		t.Errorf("the store has %q", got)
	}
	if changed, err := s.Put(record(t, "AT A +0.000000000 kkk +0+0 1"), plenty); !changed || err != nil {
		t.Errorf("a client that was refused comes again: %v, %v", changed, err)
	}
}

// A store whose index can take no more refuses new clients, and keeps on serving
// those it has.
func TestStoreWithAFullIndex(t *testing.T) {
	s := newStore()
	s.index.deepest = 1
	line := func(i, time int) *Record { return record(t, fmt.Sprintf("AT A +0.000000000 c%d +0+0 %d", i, time)) }
	taken := map[int]bool{}
	refused := 0
	for i := range 3 * segmentSlots {
		before, root := s.Len(), s.Root()
		changed, err := s.Put(line(i, 1), plenty)
		switch {
		case changed && err == nil:
			taken[i] = true
		case changed || !errors.Is(err, ErrStoreFull) || s.Len() != before || s.Root() != root:
			t.Fatalf("client %d: %v, %v, %d records", i, changed, err, s.Len())
		default:
			refused++
		}
	}
	for i := range 3 * segmentSlots {
		if changed, err := s.Put(line(i, 2), plenty); changed != taken[i] || (err == nil) != taken[i] {
			t.Errorf("client %d moves: %v, %v", i, changed, err)
		}
	}
	if got := len(contents(s)); len(taken) < segmentHomes || refused < segmentSlots || got != len(taken) || got != s.Len() {
		t.Errorf("%d were taken, %d refused, %d are there, %d says the store", len(taken), refused, got, s.Len())
	}
	// One buffer was enough for all that were refused. A chunk's end may hold none.
	if s.Bytes() > int64(80*(len(taken)+1+len(s.arena.chunks))) {
		t.Errorf("the store takes %d bytes for %d records of 80", s.Bytes(), len(taken))
	}
}
