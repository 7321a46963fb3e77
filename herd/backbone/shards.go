package backbone

import (
	"math/bits"
	"slices"

	"proxyherd/herd"
)

// Shards is how a herd's clients are divided: by the first bits of the hash of a
// client's id, under the key of the herd's digest. So a shard is one range of the
// digest, and two servers compare one as they compare everything. The zero Shards is
// one, which is held.
type Shards struct {
	key  herd.HashKey
	bits int    // log2 of how many there are
	held []bool // nil: all
}

// NewShards divides clients into count shards, a power of two, of which those are
// held; none given: all.
func NewShards(key herd.HashKey, count int, held []int) Shards {
	s := Shards{key: key, bits: bits.TrailingZeros(uint(count))}
	if len(held) == 0 {
		return s
	}
	s.held = make([]bool, count)
	for _, number := range held {
		s.held[number] = true
	}
	if !slices.Contains(s.held, false) {
		s.held = nil
	}
	return s
}

// Count is how many shards there are.
func (s *Shards) Count() int { return 1 << s.bits }

// All reports whether every one is held.
func (s *Shards) All() bool { return s.held == nil }

// Has reports whether a shard is held.
func (s *Shards) Has(number int) bool { return s.held == nil || s.held[number] }

// Of returns the shard of a client.
func (s *Shards) Of(id []byte) int {
	if s.bits == 0 {
		return 0
	}
	return int(s.key.Hash(id) >> (64 - s.bits))
}

// Holds reports whether the shard of a client is held.
func (s *Shards) Holds(id []byte) bool { return s.held == nil || s.held[s.Of(id)] }

// part is one shard of some records, which are compared as if there were no others.
type part struct {
	all    herd.Holdings
	bits   int // of Shards
	number int
}

// Len is about as many as there are: it decides nothing but whether records are too
// many to be compared.
func (p part) Len() int { return p.all.Len() >> p.bits }

func (p part) Root() uint64 { return p.all.Sum(p.bits, p.number) }

func (p part) Sum(bits, number int) uint64 {
	return p.all.Sum(p.bits+bits, p.number<<bits|number)
}

func (p part) AppendHashes(dst []uint64, bits, number int) []uint64 {
	return p.all.AppendHashes(dst, p.bits+bits, p.number<<bits|number)
}

func (p part) Find(bits, number int, hashes []uint64, visit func(line []byte)) {
	p.all.Find(p.bits+bits, p.number<<bits|number, hashes, visit)
}
