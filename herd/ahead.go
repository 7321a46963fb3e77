package herd

import "bytes"

// ahead remembers where the records of the next lines are, while they are fetched.
type ahead struct {
	tags  [aheadMost]uint32
	slots [aheadMost]slot
	read  uint64 // what was read, so that the reading is not optimized away
}

const (
	// aheadMost is how many lines are looked at: what they fetch, some five lines of
	// cache for each, has to stay in the first cache until they are carried out.
	aheadMost = 64

	// aheadFrom is how many records a store has before looking ahead saves more than
	// it costs: those of fewer are in a cache anyway.
	aheadFrom = 10_000

	cacheLine = 64
)

// Ahead looks at lines that have come together and are about to be received, at the
// first 64 of them, and touches the memory that their records are in. Received one after
// the other each would wait for three loads, of which each begins when the one before
// has ended; here the loads of all lines go on at the same time. It changes nothing that
// anybody could see, and any bytes may be in data.
func (n *Node) Ahead(data []byte) {
	if n.own == nil || n.own.Len() < aheadFrom {
		return
	}
	a := &n.ahead
	count := 0
	for count < aheadMost {
		end := bytes.IndexByte(data, '\n')
		if end < 0 {
			break
		}
		if id := aheadID(data[:end]); len(id) > 0 {
			a.tags[count] = n.own.tag(id)
			count++
		}
		data = data[end+1:]
	}
	if count > 1 {
		n.own.touch(a, count)
	}
}

// aheadID is the client's id in a line in its usual form, as a client or a neighbour
// sends it: the second field, and of an AT line the fourth. Of any other line it may be
// nothing or any part.
func aheadID(line []byte) []byte {
	blanks := 1
	if bytes.HasPrefix(line, []byte("AT ")) {
		blanks = 3
	}
	for range blanks {
		blank := bytes.IndexByte(line, ' ')
		if blank < 0 {
			return nil
		}
		line = line[blank+1:]
	}
	if end := bytes.IndexByte(line, ' '); end >= 0 {
		line = line[:end]
	}
	return line
}

// touch reads what Put will read and write of the records of the first count tags: in one
// pass the index's slots and the digest's sums, and in another the records. No load within
// a pass waits for another one.
func (s *Store) touch(a *ahead, count int) {
	tags := a.tags[:count]
	for _, tag := range tags {
		segment := s.index.segment(tag)
		a.read += uint64(segment.slots[segment.home(tag)]) + s.digest.sum(tag)
	}
	for i, tag := range tags {
		segment := s.index.segment(tag)
		a.slots[i] = 0
		if at := segment.first(tag); at < segmentSlots {
			a.slots[i] = segment.slots[at]
		}
	}
	for _, at := range a.slots[:count] {
		if at != 0 {
			// A record takes two lines of cache or more, as the shortest takes 80 bytes.
			// Most take a third, which Put writes and never reads. It is fetched too:
			// of writes that wait for memory a processor holds some dozens, and then
			// stands still.
			e := s.entry(at)
			a.read += uint64(e[0]) + uint64(e[cacheLine])
			if len(e) > 2*cacheLine {
				a.read += uint64(e[2*cacheLine])
			}
		}
	}
}
