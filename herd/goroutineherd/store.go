package goroutineherd

import (
	"iter"
	"slices"
	"sync"

	"proxyherd/herd"
)

// Twin: reactorherd has no such file: there one goroutine has the store to itself.
// Here storing and flooding are one step under a shard's lock, or two updates of a
// client could reach a neighbour the wrong way round.

// store is the server's records, for many goroutines at once: shards by the first
// bits of the hash of the client's id, each a herd.Store under a lock of its own.
// A range of the digest is then within one shard, or a whole number of shards.
type store struct {
	key    herd.HashKey
	shards []shard
	bits   int // log2 of how many shards

	// growing is held, after a shard's own lock, while records or bytes are added,
	// so that the bounds on them hold exactly. Most reports are of known clients,
	// and are written over the last one: they never take it.
	growing sync.Mutex
	records int
	bytes   int64
}

// shard is one of them. Padding keeps the locks of two from sharing a cache line.
type shard struct {
	mu sync.Mutex
	*herd.Store
	_ [48]byte
}

// shardBits is log2 of how many shards there are: many more than cores that would
// meet at one. Each has sums for all buckets, of which it uses its own part; what
// it does not use is memory that the system never has to give.
const shardBits = 4

// newStore returns an empty store. A digest has at least as many buckets as there
// are shards, so that a bucket is within one of them.
func newStore(s herd.StoreSettings) *store {
	all := &store{key: s.Key, bits: shardBits, shards: make([]shard, 1<<shardBits)}
	for i := range all.shards {
		all.shards[i].Store = herd.NewStore(s)
	}
	return all
}

// of returns the shard of a client.
func (s *store) of(id []byte) *shard { return &s.shards[s.key.Hash(id)>>(64-s.bits)] }

// put keeps r as herd.Store.Put does. A record that was kept is given to passOn
// before anybody else can see it, so that a comparison never finds a record that is
// not on its way yet, and no link gets two records of a client in the wrong order.
func (s *store) put(r *herd.Record, room herd.Room, passOn func(r *herd.Record)) (changed bool, err error) {
	at := s.of(r.ID)
	at.mu.Lock()
	defer at.mu.Unlock()
	// With no room to grow, what is known and fits goes in. The rest is tried again.
	changed, err = at.Put(r, herd.Room{Records: at.Len()})
	if err != nil {
		changed, err = s.grow(at, r, room)
	}
	if changed {
		passOn(r)
	}
	return changed, err
}

// grow puts a record for which a shard, which is locked, has no room yet.
func (s *store) grow(at *shard, r *herd.Record, room herd.Room) (changed bool, err error) {
	s.growing.Lock()
	defer s.growing.Unlock()
	records, bytes := at.Len(), at.Bytes()
	// The others' share is theirs; this one may have the rest.
	changed, err = at.Put(r, herd.Room{Records: records + room.Records - s.records, Bytes: bytes + room.Bytes - s.bytes})
	s.records += at.Len() - records
	s.bytes += at.Bytes() - bytes
	return changed, err
}

// get reads the record of a client into r, whose slices are views of line; that is
// a buffer of the caller's, and is returned as it has grown.
func (s *store) get(id []byte, r *herd.Record, line []byte) (grown []byte, found bool) {
	at := s.of(id)
	at.mu.Lock()
	defer at.mu.Unlock()
	if !at.Get(id, r) {
		return line, false
	}
	line = r.AppendLine(line[:0])
	// The store's own lines are well formed.
	return line, herd.ParseAT(line[:len(line)-1], r) == nil
}

// visit shows the AT line of a client, if there is one. The line is the store's, and
// stays the client's newest during visit.
func (s *store) visit(id []byte, visit func(line []byte)) {
	at := s.of(id)
	at.mu.Lock()
	defer at.mu.Unlock()
	var r herd.Record
	if at.Get(id, &r) {
		visit(r.AppendLine(nil))
	}
}

// cursor is a place in a walk, as herd.Cursor. The zero cursor is the beginning.
type cursor struct {
	shard  int
	within herd.Cursor
}

// Walk is herd.Store.Walk. Records of other shards may be put meanwhile.
func (s *store) Walk(from cursor, most int, visit func(line []byte)) (next cursor, more bool) {
	at := &s.shards[from.shard]
	at.mu.Lock()
	defer at.mu.Unlock()
	if from.within, more = at.Walk(from.within, most, visit); !more {
		from = cursor{shard: from.shard + 1}
		more = from.shard < len(s.shards)
	}
	return from, more
}

// Records shows the AT line of each record, with its end, in no particular order.
// The line is good during visit, which must not call the server.
func (s *Server) Records(visit func(line []byte)) {
	for at, more := (cursor{}), true; more; {
		at, more = s.store.Walk(at, dumpStep, visit)
	}
}

// Len, Bytes and Root are herd.Store's, each of one moment.
func (s *store) Len() int {
	s.growing.Lock()
	defer s.growing.Unlock()
	return s.records
}

func (s *store) Bytes() int64 {
	s.growing.Lock()
	defer s.growing.Unlock()
	return s.bytes
}

func (s *store) Root() uint64 { return s.Sum(0, 0) }

// Sum, AppendHashes and Find are herd.Store's. A range that is larger than a shard
// is asked of each shard in it, one after the other.
func (s *store) Sum(bits, number int) (sum uint64) {
	for at := range s.within(bits, number) {
		sum += at.Sum(bits, number)
	}
	return sum
}

func (s *store) AppendHashes(dst []uint64, bits, number int) []uint64 {
	start := len(dst)
	for at := range s.within(bits, number) {
		dst = at.AppendHashes(dst, bits, number)
	}
	slices.Sort(dst[start:])
	return dst
}

func (s *store) Find(bits, number int, hashes []uint64, visit func(line []byte)) {
	for at := range s.within(bits, number) {
		at.Find(bits, number, hashes, visit)
	}
}

// within shows the shards that have records of a range, each while it is locked.
func (s *store) within(bits, number int) iter.Seq[*herd.Store] {
	first, count := number<<max(0, s.bits-bits), 1<<max(0, s.bits-bits)
	if bits > s.bits {
		first = number >> (bits - s.bits)
	}
	return func(yield func(*herd.Store) bool) {
		for i := range s.shards[first:][:count] {
			if !s.shards[first+i].show(yield) {
				return
			}
		}
	}
}

func (at *shard) show(yield func(*herd.Store) bool) bool {
	at.mu.Lock()
	defer at.mu.Unlock()
	return yield(at.Store)
}
