package herd

import "bytes"

// ahead is whose records the next lines are about, and how far they have been fetched.
type ahead struct {
	hints   [aheadMost]hint
	sizes   [aheadMost]uint16 // of the records, in bytes, by what the lines look like
	count   int               // of hints
	slots   int               // of how many the slot has been fetched
	records int               // and of how many the record: no more than that
	line    int               // whose line comes next
}

const (
	// aheadMost is how many lines are looked at: as many of a neighbour's as have one turn
	// unless limits.lines_per_turn says otherwise. Lines behind them are received without.
	aheadMost = 128

	// aheadStep is how many lines before it is needed a record is fetched; the slot that
	// tells where it is, is fetched as many lines before that. One and two lines were
	// slower, and eight no faster: see docs/performance.md.
	aheadStep = 4

	// aheadFrom is how many records a store has before looking ahead saves more than
	// it costs: those of fewer are in a cache anyway.
	aheadFrom = 10_000

	// aheadBytes is how much is fetched of a record at most.
	aheadBytes = 4 * cacheLine

	// slotsBehind is how far behind its home a slot is fetched too: where a segment is nearly
	// full it may stand in the next line of cache.
	slotsBehind = 6

	cacheLine = 64
)

// hint says where a store may have a record. It may be wrong, and is then of no use and
// does no harm.
type hint struct {
	tag  uint32 // of the record's client; 0: nobody knows
	slot uint16 // where in its segment the first slot of the tag was; 0: nobody knows
}

// Ahead looks at lines that have come together and are about to be received, at the
// first 128 of them, and has the memory that their records are in fetched while the lines
// before them are carried out, and that of a line alone while it is read. Each would wait
// for three loads otherwise, of which each begins when the one before has ended. It changes
// nothing that anybody could see, and any bytes may be in data, of which nothing is kept.
func (n *Node) Ahead(data []byte) {
	if n.own == nil || n.own.Len() < aheadFrom {
		return
	}
	a := &n.ahead
	a.count, a.slots, a.records, a.line = 0, 0, 0, 0
	for a.count < aheadMost {
		end := bytes.IndexByte(data, '\n')
		if end < 0 {
			break
		}
		id, size := n.aheadID(data[:end])
		a.hints[a.count], a.sizes[a.count] = hint{tag: n.own.tag(id)}, uint16(min(size, aheadBytes))
		a.count++
		// The first slots are on their way while more lines are looked at.
		n.aheadSlot(2 * aheadStep)
		data = data[end+1:]
	}
	// The last line's record, which may be the only one's, is fetched when a line has been
	// read: its slot has to be there for that, and would be waited for here.
	for a.records < min(a.count-1, aheadStep) {
		n.aheadRecord()
	}
}

// aheadNext fetches what a line needs that is received a few lines later, and returns the
// hint of the line that is received now. It may be another line's. It is called once for each
// line, when that has been read, as a line alone has its slot fetched in the meantime.
func (n *Node) aheadNext() (h hint) {
	a := &n.ahead
	if a.records < a.count {
		n.aheadSlot(a.count)
		n.aheadRecord()
	}
	if a.line < a.count {
		h = a.hints[a.line]
		a.line++
	}
	return h
}

// aheadSlot fetches the next slot, and the digest's sum, if there are not yet so many.
func (n *Node) aheadSlot(most int) {
	if a := &n.ahead; a.slots < min(a.count, most) {
		n.own.fetchSlot(a.hints[a.slots].tag)
		a.slots++
	}
}

func (n *Node) aheadRecord() {
	a := &n.ahead
	h := &a.hints[a.records]
	h.slot = n.own.fetchRecord(h.tag, int(a.sizes[a.records]))
	a.records++
}

// aheadID is the client's id in a line in its usual form, as a client or a neighbour
// sends it: the second field, and of an AT line the fourth. Of any other line it may be
// nothing or any part. size is that of the record which the line would make, if it came
// within ten seconds.
func (n *Node) aheadID(line []byte) (id []byte, size int) {
	size = entryHead + len(line) + len("\n")
	if bytes.HasPrefix(line, []byte("AT ")) {
		_, line = cutField(line[len("AT "):])
	} else {
		size += len(n.name) + len("AT  +0.123456789 ") - len("IAMAT ")
	}
	if bytes.HasPrefix(line, []byte("IAMAT ")) {
		line = line[len("IAMAT "):]
	} else {
		_, line = cutField(line)
	}
	id, _ = cutField(line)
	return id, size
}

// fetchSlot fetches what tells where the record of a tag is, and the sum that it is in.
func (s *Store) fetchSlot(tag uint32) {
	segment := s.index.segment(tag)
	home := segment.home(tag)
	fetchWords((*uint64)(&segment.slots[home]), (*uint64)(&segment.slots[home+slotsBehind]), s.digest.sumOf(tag))
}

// fetchRecord fetches what first returns, up to this size, and returns where its slot is.
// What is only written is fetched too: of writes that wait for memory a processor holds some
// dozens, and then stands still.
func (s *Store) fetchRecord(tag uint32, size int) (slot uint16) {
	at, e := s.first(tag)
	last := min(len(e), size) - 1
	for from := 0; from <= last; from += 2 * cacheLine {
		fetchBytes(&e[from], &e[min(from+cacheLine, last)])
	}
	return uint16(at)
}

// first returns the first record of a tag, which is its client's but for one in millions,
// and where in its segment the slot is; nil if there is none.
func (s *Store) first(tag uint32) (at int, e entry) {
	segment := s.index.segment(tag)
	at = segment.first(tag)
	if at == segmentSlots || segment.slots[at].tag() != tag {
		return 0, nil
	}
	return at, s.entry(segment.slots[at])
}
