package herd

import (
	"bytes"
	"time"
)

// ErrStoreFull says that a record was refused because the store has no room for
// it. A link that brought it is closed; a client's report is invalid.
var ErrStoreFull = newReason("store_full", "the store is full")

// Room bounds what a store may hold.
type Room struct {
	Records int   // clients
	Bytes   int64 // as Store.Bytes counts them; a store never holds more than 64 GiB
}

// twice is the room for what neighbours send: what one server took from its
// clients, the others must be able to take from it.
func (r Room) twice() Room { return Room{2 * r.Records, 2 * r.Bytes} }

// StoreSettings is what a Store needs to know.
type StoreSettings struct {
	// Future is how far ahead a client's clock counts, as Compare takes it.
	Future time.Duration

	// Key is the key of all hashes: DigestKey's, the same at all servers. With the
	// zero HashKey a client could choose ids that make the store slow to ask for
	// them, and full before its time.
	Key HashKey

	// Buckets is how many sums the digest has: a power of two from 16 to
	// 1,048,576, each of 8 bytes. 0: 65,536.
	Buckets int

	// Memory is where records and the index are; nil: on Go's heap.
	Memory Memory

	// Order stands in for Compare, so that a simulation can show that it notices a
	// wrong one. nil in every real server.
	Order func(a, b Record) int
}

// Store holds the newest record of each client, and sums by which two servers
// find where their stores differ. Records are never removed.
//
// It is built for a server that never stops to tidy up. A client's record is
// written over its last one, so that a report of a known client costs no memory;
// a store that grows moves at most one segment of its index at once; and it holds
// no pointer for each record, so that a collection of garbage has next to nothing
// to look at, however many there are.
//
// Only NewStore makes one. It is for one goroutine at a time.
type Store struct {
	future  Timestamp             // how far ahead a client's clock counts
	order   func(a, b Record) int // nil: Compare
	key     HashKey
	records int
	index   index
	arena   arena
	digest  digest
}

// NewStore returns an empty store. It panics if s.Buckets is out of bounds.
func NewStore(s StoreSettings) *Store {
	if s.Buckets == 0 {
		s.Buckets = defaultBuckets
	}
	if err := checkBuckets("buckets", s.Buckets); err != nil {
		panic(err)
	}
	if s.Memory == nil {
		s.Memory = heap{}
	}
	return &Store{
		future: fromDuration(s.Future), order: s.Order, key: s.Key,
		index: newIndex(s.Memory), arena: arena{memory: s.Memory}, digest: newDigest(s.Buckets),
	}
}

// Put keeps r if it is newer than the record that the store has of r's client,
// and reports whether it is. r must come from ParseAT, and is copied. A record
// that needs more room than there is changes nothing; the error is then
// ErrStoreFull. A record that fits where its client's last one was, always fits.
func (s *Store) Put(r *Record, room Room) (changed bool, err error) {
	tag := r.hint.tag
	if tag == 0 {
		tag = s.tag(r.ID)
	}
	// The sum that will change is read first: memory then brings it while it brings the
	// index's slot and the record, of which each has to wait for the one before.
	sum := s.digest.sum(tag)
	at := s.find(hint{tag, r.hint.slot}, r.ID)
	if at == nil && r.hint.tag != 0 {
		// It may be the wrong tag. Where there was such a record, it was the right one.
		tag = s.tag(r.ID)
		sum, at = s.digest.sum(tag), s.find(hint{tag: tag}, r.ID)
	}
	if at == nil {
		return s.add(tag, r, room)
	}
	e := s.entry(*at)
	if !s.newer(r, e) {
		return false, nil
	}
	before, units := e.hash(), e.units()
	if needed := entryUnits(r); needed > units {
		place, ok := s.arena.take(needed, room.Bytes)
		if !ok {
			return false, ErrStoreFull
		}
		s.arena.give(at.place(), units)
		*at, units = newSlot(tag, place), needed
		e = s.entry(*at)
	}
	s.digest.change(tag, sum, e.write(r, units, &s.key, s.future)-before)
	return true, nil
}

// newer reports whether r is newer than the record of e, as Compare has it, or
// what stands in for that. Such a thing takes copies, so that the records of real
// servers need not leave the stack for it.
func (s *Store) newer(r *Record, e entry) bool {
	if s.order == nil {
		return e.olderThan(r, s.future)
	}
	var stored Record
	e.read(&stored)
	return s.order(*r, stored) > 0
}

// add keeps the first record of a client.
func (s *Store) add(tag uint32, r *Record, room Room) (changed bool, err error) {
	if s.records >= room.Records {
		return false, ErrStoreFull
	}
	units := entryUnits(r)
	place, ok := s.arena.take(units, room.Bytes)
	if !ok {
		return false, ErrStoreFull
	}
	at := newSlot(tag, place)
	if !s.index.add(at) {
		s.arena.give(place, units)
		return false, ErrStoreFull
	}
	s.digest.change(tag, s.digest.sum(tag), s.entry(at).write(r, units, &s.key, s.future))
	s.records++
	return true, nil
}

// Get reads the record of a client into r and reports whether there is one. r's
// slices are views into the store, valid until the next Put.
func (s *Store) Get(id []byte, r *Record) bool {
	at := s.find(hint{tag: s.tag(id)}, id)
	if at != nil {
		s.entry(*at).read(r)
	}
	return at != nil
}

// Len returns the number of records.
func (s *Store) Len() int { return s.records }

// Bytes returns how much memory was ever given to records: their lines, a head of
// 32 bytes for each, all rounded up to 64 bytes, and what lies free between them
// because a record became too long for its place. The index takes about 13 bytes
// a record besides, and the digest 8 a bucket.
func (s *Store) Bytes() int64 { return s.arena.bytes() }

// Cursor is a place in a walk over a store. The zero Cursor is the beginning.
type Cursor struct {
	tag   uint32 // of the last record shown
	shown int    // how many that have this tag were shown
}

// Walk shows at most the next most records to visit, each as its AT line with
// its end, and returns where the walk goes on, and whether there is more. The
// order is that of the hashes of the clients' ids. Records may be put between two
// steps of a walk, not during one: each client that was there when the walk began
// is shown exactly once, with its old record or its new one; a client that came
// meanwhile is shown once or not at all. A line is the store's, and valid only
// during visit.
func (s *Store) Walk(from Cursor, most int, visit func(line []byte)) (next Cursor, more bool) {
	next = from
	passed := 0
	s.index.scan(uint64(from.tag), 1<<tagBits, func(at slot) bool {
		if at.tag() == from.tag && passed < from.shown {
			passed++
			return true
		}
		if more = most <= 0; more {
			return false
		}
		most--
		if at.tag() != next.tag {
			next = Cursor{tag: at.tag()}
		}
		next.shown++
		visit(s.entry(at).line())
		return true
	})
	return next, more
}

// tag returns where in the index a client is found: by the upper bits of its
// id's hash, on which all servers that have the same key agree.
func (s *Store) tag(id []byte) uint32 { return uint32(s.key.Hash(id) >> tagBits) }

// find returns the slot of a client, whose tag the hint must have, or nil. It is the
// index's own, and valid until the index changes.
func (s *Store) find(h hint, id []byte) *slot {
	segment := s.index.segment(h.tag)
	i := int(h.slot)
	// Slots are sorted: one of the tag behind one of another is the tag's first.
	if i == 0 || segment.slots[i].tag() != h.tag || segment.slots[i-1].tag() == h.tag {
		i = segment.first(h.tag)
	}
	for ; i < segmentSlots && segment.slots[i] != 0 && segment.slots[i].tag() == h.tag; i++ {
		if bytes.Equal(s.entry(segment.slots[i]).id(), id) {
			return &segment.slots[i]
		}
	}
	return nil
}

func (s *Store) entry(at slot) entry { return s.arena.at(at.place()) }
