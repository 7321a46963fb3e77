package herd

// index finds records by the tags of their clients: the upper 32 bits of the
// hash of an id. It is a directory of segments, each for the tags that begin with
// certain bits. A segment that is full is split in two by one bit more, so that a
// growing index never moves more than one segment at once (which takes a few
// microseconds), and the directory, of one pointer for hundreds of records.
//
// Everything in it is in the order of the tags, so the records of any range of
// the hash lie together. Several ids may have one tag; their slots keep the order
// in which they came.
type index struct {
	memory    Memory     // for segments
	directory []*segment // by the upper bits of a tag
	depth     int        // how many bits those are
	deepest   int        // the most that they may become
}

const (
	tagBits = 32

	// maxDepth bounds the directory, at 32 MiB. That is for hashes that somebody
	// has chosen: with others the 1,074 million records of the smallest size that an
	// arena can hold need no more than 21 bits.
	maxDepth = 22

	// segmentHomes is how many places a segment spreads its tags over; a slot
	// stands at its tag's home or at most segmentReach behind it.
	segmentHomes = 960
	segmentReach = segmentSlots - segmentHomes
	segmentSlots = 1023
)

// slot is a tag, in the upper half, and the place in the arena of a record that
// has it. Slots compare as their tags do. 0 is a slot that is free.
type slot uint64

func newSlot(tag, place uint32) slot { return slot(tag)<<tagBits | slot(place) }

func (s slot) tag() uint32   { return uint32(s >> tagBits) }
func (s slot) place() uint32 { return uint32(s) }

// segment holds the slots of all tags that begin with the same depth bits. They
// are sorted, with gaps: each stands at its home or, if others are there, behind
// them, and there is no gap in between. With its depth it takes 8 KiB.
type segment struct {
	depth int
	slots [segmentSlots]slot
}

func newIndex(m Memory) index {
	return index{memory: m, directory: []*segment{m.NewSegment()}, deepest: maxDepth}
}

// segment returns where a tag belongs.
func (x *index) segment(tag uint32) *segment {
	return x.directory[uint64(tag)>>(tagBits-x.depth)]
}

// add puts a slot behind those of the same tag. It reports false, and has added
// nothing, if there is no room for it in a directory of the deepest kind.
func (x *index) add(s slot) bool {
	for !x.segment(s.tag()).add(s) {
		if !x.split(s.tag()) {
			return false
		}
	}
	return true
}

// split splits the segment of a tag in two, and reports whether it could.
func (x *index) split(tag uint32) bool {
	left := x.segment(tag)
	if left.depth == x.deepest {
		return false
	}
	if left.depth == x.depth {
		x.double()
	}
	right := left.split(x.memory)
	// Of the directory's places for the old segment, the upper half is for the new.
	half := 1 << (x.depth - left.depth)
	start := int(uint64(tag)>>(tagBits-x.depth)) &^ (2*half - 1)
	for i := range half {
		x.directory[start+half+i] = right
	}
	return true
}

// double looks at one bit more of each tag.
func (x *index) double() {
	directory := make([]*segment, 2*len(x.directory))
	for i, s := range x.directory {
		directory[2*i], directory[2*i+1] = s, s
	}
	x.directory = directory
	x.depth++
}

// scan shows the slots of all tags from first to before limit, in their order,
// until visit returns false. The index must not change meanwhile.
func (x *index) scan(first, limit uint64, visit func(slot) bool) {
	for first < limit {
		segment := x.segment(uint32(first))
		for i := segment.first(uint32(first)); i < segmentSlots; i++ {
			s := segment.slots[i]
			if s == 0 {
				continue
			}
			if uint64(s.tag()) >= limit || !visit(s) {
				return
			}
		}
		span := uint64(1) << (tagBits - segment.depth)
		first = first&^(span-1) + span
	}
}

// home returns where a tag's slots begin if none of others are in their way: as
// far into the segment as the tag is among those that belong there.
func (g *segment) home(tag uint32) int {
	return int(uint64(tag<<g.depth) * segmentHomes >> tagBits)
}

// first returns where the first slot is whose tag is not below this one. If there
// is none, a gap or the end is there.
func (g *segment) first(tag uint32) int {
	i, least := g.home(tag), newSlot(tag, 0)
	for i < segmentSlots && g.slots[i] != 0 && g.slots[i] < least {
		i++
	}
	return i
}

// add puts a slot behind those of the same tag. It reports false if the nearest
// gap is too far away.
func (g *segment) add(s slot) bool {
	home := g.home(s.tag())
	gap := home
	for g.slots[gap] != 0 {
		// Those between are moved by one and have their homes behind this one's. So
		// none ends out of reach.
		if gap == home+segmentReach {
			return false
		}
		gap++
	}
	for ; gap > home && g.slots[gap-1].tag() > s.tag(); gap-- {
		g.slots[gap] = g.slots[gap-1]
	}
	g.slots[gap] = s
	return true
}

// split leaves the lower half of the tags in g and returns a segment with the
// upper half. In each half tags are twice as far apart, and so each slot is at
// most as far behind its home as it was: there is always room.
func (g *segment) split(m Memory) (upper *segment) {
	slots := g.slots
	*g = segment{depth: g.depth + 1}
	upper = m.NewSegment()
	upper.depth = g.depth
	bit := uint32(1) << (tagBits - g.depth)
	end, upperEnd := 0, 0
	for _, s := range slots {
		switch {
		case s == 0:
		case s.tag()&bit == 0:
			end = g.append(s, end)
		default:
			upperEnd = upper.append(s, upperEnd)
		}
	}
	return upper
}

// append puts a slot behind all others, the last of which stands before end, and
// returns the new end.
func (g *segment) append(s slot, end int) int {
	i := max(end, g.home(s.tag()))
	g.slots[i] = s
	return i + 1
}
