package herd

import "time"

// ErrStoreFull says that a record was refused because the store has no room for
// it. A link that brought it is closed; a client's report is invalid.
var ErrStoreFull = newReason("store_full", "the store is full")

// Room bounds what a store may hold.
type Room struct {
	Records int   // clients
	Bytes   int64 // of the buffers of their lines
}

// twice is the room for what neighbours send: what one server took from its
// clients, the others must be able to take from it.
func (r Room) twice() Room { return Room{2 * r.Records, 2 * r.Bytes} }

// Store holds the newest record of each client. A record is copied into a buffer
// of its client's, which is used again for the next one, so that a report of a
// known client costs no memory. Records are never removed.
//
// Only NewStore makes one. It is for one goroutine at a time.
type Store struct {
	future time.Duration
	index  map[string]uint32 // the slot of each client
	pages  []*page           // slots in the order in which clients first came
	bytes  int64             // sum of the buffers' sizes
}

// Slots live in pages so that a growing store never moves what it holds: copying
// a million slots at once would hold up everybody.
const pageSlots = 1024

type page [pageSlots]slot

// slot is a client's newest record: its canonical line with its end, the values
// that decide the order, and where the fields are, so that comparing and reading
// parse nothing.
type slot struct {
	line             []byte
	client, received Timestamp
	server           uint16 // lengths of the fields; a line has at most MaxPeerLine bytes
	difference       uint16
	id               uint16
	location         uint16
}

// NewStore returns an empty store whose records are ordered with this future,
// as Compare takes it.
func NewStore(future time.Duration) *Store {
	return &Store{future: future, index: make(map[string]uint32)}
}

// Put keeps r if it is newer than the record that the store has of r's client,
// and reports whether it is. r must come from ParseAT, and is copied. A record
// that needs more room than there is changes nothing; the error is then
// ErrStoreFull. A record that fits where its client's last one was, always fits.
func (s *Store) Put(r *Record, room Room) (changed bool, err error) {
	number, known := s.index[string(r.ID)]
	if !known {
		return s.add(r, room)
	}
	at := s.slot(number)
	var stored Record
	at.read(&stored)
	if Compare(r, &stored, s.future) <= 0 {
		return false, nil
	}
	if !s.reserve(at, r.lineLength()+1, room) {
		return false, ErrStoreFull
	}
	at.write(r)
	return true, nil
}

// add keeps the first record of a client.
func (s *Store) add(r *Record, room Room) (changed bool, err error) {
	number := len(s.index)
	if number >= room.Records {
		return false, ErrStoreFull
	}
	if number == len(s.pages)*pageSlots {
		s.pages = append(s.pages, new(page))
	}
	at := s.slot(uint32(number))
	if !s.reserve(at, r.lineLength()+1, room) {
		return false, ErrStoreFull
	}
	at.write(r)
	s.index[string(r.ID)] = uint32(number)
	return true, nil
}

// reserve makes the slot's buffer large enough for a line of n bytes, and reports
// whether there is room for that.
func (s *Store) reserve(at *slot, n int, room Room) bool {
	// Buffers grow in steps: a client's lines differ by a few bytes, and each new
	// length should not cost a new buffer.
	const step = 16
	if n <= cap(at.line) {
		return true
	}
	size := (n + step - 1) / step * step
	growth := int64(size - cap(at.line))
	if s.bytes+growth > room.Bytes {
		return false
	}
	s.bytes += growth
	at.line = make([]byte, 0, size)
	return true
}

// Get reads the record of a client into r and reports whether there is one. r's
// slices are views into the store, valid until the next Put.
func (s *Store) Get(id []byte, r *Record) bool {
	number, known := s.index[string(id)]
	if known {
		s.slot(number).read(r)
	}
	return known
}

// Len returns the number of records.
func (s *Store) Len() int { return len(s.index) }

// Bytes returns the size of the buffers that hold the records' lines.
func (s *Store) Bytes() int64 { return s.bytes }

// Cursor is a place in a walk over a store. The zero Cursor is the beginning.
type Cursor struct{ next uint32 }

// Walk shows at most the next most records to visit, each as its AT line with
// its end, and returns where the walk goes on, and whether there is more. The
// order is that in which clients first came. Records may be put between two
// steps of a walk, not during one: a client that is new or whose record is
// replaced meanwhile is shown with its old record or its new one, and none is
// left out. A line is the store's, and valid only during visit.
func (s *Store) Walk(from Cursor, most int, visit func(line []byte)) (next Cursor, more bool) {
	number, end := from.next, uint32(len(s.index))
	for ; number < end && most > 0; most-- {
		visit(s.slot(number).line)
		number++
	}
	return Cursor{number}, number < end
}

func (s *Store) slot(number uint32) *slot {
	return &s.pages[number/pageSlots][number%pageSlots]
}

// write copies r into the slot, whose buffer is large enough.
func (at *slot) write(r *Record) {
	at.line = r.AppendLine(at.line[:0])
	at.client, at.received = r.Client, r.Received
	at.server, at.difference = uint16(len(r.Server)), uint16(len(r.Difference))
	at.id, at.location = uint16(len(r.ID)), uint16(len(r.Location))
}

// read makes r a view of the slot.
func (at *slot) read(r *Record) {
	r.line = withoutEnd(at.line)
	r.Client, r.Received = at.client, at.received
	rest := r.line[len("AT "):]
	r.Server, rest = cutLength(rest, at.server)
	r.Difference, rest = cutLength(rest, at.difference)
	r.ID, rest = cutLength(rest, at.id)
	r.Location, r.Time = cutLength(rest, at.location)
}

// cutLength returns the field of n bytes that text begins with, and what follows
// the blank after it.
func cutLength(text []byte, n uint16) (field, rest []byte) {
	return text[:n], text[n+1:]
}
