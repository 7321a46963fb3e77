package herd

import (
	"slices"
	"testing"
)

// all returns the slots of an index in a range of tags, as scan shows them.
func (x *index) all(first, limit uint64) (slots []slot) {
	x.scan(first, limit, func(s slot) bool {
		slots = append(slots, s)
		return true
	})
	return slots
}

// segments returns the segments of an index, each once, in their order.
func (x *index) segments() []*segment { return slices.Compact(slices.Clone(x.directory)) }

const allTags = 1 << tagBits

// checkIndex holds an index to what its comments say about it.
func checkIndex(t *testing.T, x *index) {
	t.Helper()
	if len(x.directory) != 1<<x.depth || x.depth > x.deepest {
		t.Fatalf("a directory of %d at depth %d of %d", len(x.directory), x.depth, x.deepest)
	}
	for i := 0; i < len(x.directory); {
		g := x.directory[i]
		span := 1 << (x.depth - g.depth)
		for j := range span {
			if x.directory[i&^(span-1)+j] != g {
				t.Fatalf("the directory of depth %d has a segment of depth %d at %d and another at %d", x.depth, g.depth, i, i&^(span-1)+j)
			}
		}
		checkSegment(t, g, uint64(i)<<(tagBits-x.depth))
		i += span
	}
}

// checkSegment does so for the segment whose tags begin with those of first.
func checkSegment(t *testing.T, g *segment, first uint64) {
	t.Helper()
	last, gap := -1, -1 // the last slot and the last gap before i
	for i, s := range g.slots {
		if s == 0 {
			gap = i
			continue
		}
		home := g.home(s.tag())
		if uint64(s.tag()) < first || uint64(s.tag())-first >= 1<<(tagBits-g.depth) {
			t.Fatalf("tag %x is in a segment of depth %d from %x", s.tag(), g.depth, first)
		}
		if i < home || i > home+segmentReach || gap >= home {
			t.Fatalf("tag %x stands at %d, its home is %d, and %d is free", s.tag(), i, home, gap)
		}
		if last >= 0 && g.slots[last].tag() > s.tag() {
			t.Fatalf("tag %x stands behind %x", s.tag(), g.slots[last].tag())
		}
		last = i
	}
}

// Tags of all kinds, and the most unkind: whatever comes, the index has it all,
// in the order of the tags and then of coming, and finds any range of it.
func TestIndexAgainstASortedList(t *testing.T) {
	r := newRandom(22)
	for _, kind := range []struct {
		name     string
		tag      func(i int) uint32
		count    int
		segments int // at least
	}{
		{"random", func(int) uint32 { return r.Uint32() }, 30_000, 40},
		{"ascending", func(i int) uint32 { return uint32(i) << 17 }, 30_000, 40},
		{"descending", func(i int) uint32 { return uint32(30_000-i) << 17 }, 30_000, 40},
		{"equal in twos and more", func(int) uint32 { return r.Uint32() &^ (1<<20 - 1) }, 30_000, 40},
		{"equal in their upper 20 bits", func(int) uint32 { return 0xabcde<<12 | r.Uint32N(1<<12) }, 2000, 3},
		{"at the lower end", func(int) uint32 { return r.Uint32N(1 << 18) }, 4000, 5},
		{"at the upper end", func(int) uint32 { return ^r.Uint32N(1 << 18) }, 4000, 5},
		{"one tag", func(int) uint32 { return 1 << 31 }, segmentReach + 1, 1},
		{"the first tag", func(int) uint32 { return 0 }, segmentReach + 1, 1},
		{"the last tag", func(int) uint32 { return allTags - 1 }, segmentReach + 1, 1},
	} {
		t.Run(kind.name, func(t *testing.T) {
			x := newIndex(heap{})
			var want []slot
			for i := range kind.count {
				s := newSlot(kind.tag(i), uint32(i+1))
				if !x.add(s) {
					t.Fatalf("there is no room for slot %d, of tag %x", i, s.tag())
				}
				want = append(want, s)
			}
			checkIndex(t, &x)
			slices.SortStableFunc(want, func(a, b slot) int { return int(int64(a.tag()) - int64(b.tag())) })
			if got := x.all(0, allTags); !slices.Equal(got, want) {
				t.Fatalf("the index has %d slots; %d were added", len(got), len(want))
			}
			for range 200 {
				first, limit := uint64(want[r.IntN(len(want))].tag()), uint64(r.Uint32())
				if r.IntN(2) == 0 {
					limit = first + r.Uint64N(1<<20)
				}
				inside := slices.DeleteFunc(slices.Clone(want), func(s slot) bool { return uint64(s.tag()) < first || uint64(s.tag()) >= limit })
				if got := x.all(first, min(limit, allTags)); !slices.Equal(got, inside) {
					t.Fatalf("from %x to %x there are %d slots, not %d", first, limit, len(got), len(inside))
				}
			}
			if got := len(x.segments()); got < kind.segments {
				t.Errorf("it has only %d segments", got)
			}
		})
	}
}

// Tags that nobody can tell apart fill a segment, and no more: then the index
// refuses them, keeps what it has, and still takes others.
func TestIndexRefusesWhatItCannotSplit(t *testing.T) {
	x := newIndex(heap{})
	x.deepest = 6
	const tag = 0x12345678
	for i := range segmentReach + 1 {
		if !x.add(newSlot(tag, uint32(i+1))) {
			t.Fatalf("slot %d is refused", i)
		}
	}
	before := x.all(0, allTags)
	for range 3 {
		if x.add(newSlot(tag, 1000)) {
			t.Error("a slot too many is taken")
		}
	}
	checkIndex(t, &x)
	if got := x.all(0, allTags); !slices.Equal(got, before) || len(got) != segmentReach+1 || x.depth != 6 {
		t.Errorf("the index has %d slots and a directory of depth %d", len(got), x.depth)
	}
	// Those of other segments are not concerned.
	r := newRandom(23)
	added := 0
	for added < 10_000 {
		other := r.Uint32()
		if other>>(tagBits-6) == tag>>(tagBits-6) {
			continue
		}
		if !x.add(newSlot(other, 1)) {
			t.Fatalf("tag %x is refused", other)
		}
		added++
	}
	checkIndex(t, &x)
	if got := len(x.all(0, allTags)); got != added+segmentReach+1 {
		t.Errorf("%d others were added, and it has %d", added, got)
	}
}

// An index that grows touches one segment at a time, however large it is: the
// one that is full becomes two, and no slot of another moves.
func TestIndexGrowsStepByStep(t *testing.T) {
	r := newRandom(24)
	x := newIndex(heap{})
	const count = 100_000
	splits, most := 0, 0
	for i := range count {
		tag := r.Uint32()
		g := x.segment(tag)
		full, segments := *g, len(x.directory)
		if !x.add(newSlot(tag, uint32(i+1))) {
			t.Fatalf("slot %d is refused", i)
		}
		if g.depth == full.depth {
			continue
		}
		splits += g.depth - full.depth
		most = max(most, g.depth-full.depth)
		// The directory was doubled at most, and knows the two where it knew the one.
		if len(x.directory) > 2*segments {
			t.Fatalf("the directory grew from %d to %d at once", segments, len(x.directory))
		}
		half := uint64(1) << (tagBits - g.depth)
		lower := uint64(tag) &^ (2*half - 1)
		if got, want := len(x.all(lower, lower+2*half)), 1+occupied(&full); got != want {
			t.Fatalf("a segment of %d slots became two of %d", want-1, got)
		}
	}
	checkIndex(t, &x)
	if got := len(x.all(0, allTags)); got != count {
		t.Errorf("it has %d slots of %d", got, count)
	}
	if got := len(x.segments()); splits+1 != got || most != 1 || got < count/segmentSlots || got > count/segmentSlots*4 {
		t.Errorf("%d splits, at most %d at once, made %d segments", splits, most, got)
	}
}

func occupied(g *segment) (n int) {
	for _, s := range g.slots {
		if s != 0 {
			n++
		}
	}
	return n
}
