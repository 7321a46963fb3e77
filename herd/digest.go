package herd

import (
	"fmt"
	"math/bits"
	"slices"
)

// digest sums up the hashes of all records, by ranges of their clients' hashes:
// two stores whose sums are equal hold the same, and where sums differ, so do
// the records of that range alone. Sums wrap around, so that a record is replaced
// by adding its new hash less its old one, whatever else is there and in whatever
// order it came.
type digest struct {
	bits int      // log2 of len(sums)
	sums []uint64 // over the clients whose hashes begin with the index's bits
	root uint64   // over all
}

// defaultBuckets is how many sums a store has unless it is told otherwise. They
// take 512 KiB, and a million clients are 16 for each.
const defaultBuckets = 65_536

func newDigest(buckets int) digest {
	return digest{bits: bits.TrailingZeros(uint(buckets)), sums: make([]uint64, buckets)}
}

// sum is that of the range which a tag is in.
func (d *digest) sum(tag uint32) uint64 { return *d.sumOf(tag) }

func (d *digest) sumOf(tag uint32) *uint64 { return &d.sums[uint64(tag)>>(tagBits-d.bits)] }

// change takes note that the hash of the record of a client with this tag, 0 if there
// was none, has become so much more. sum is that of the tag's range until now.
func (d *digest) change(tag uint32, sum, by uint64) {
	d.sums[uint64(tag)>>(tagBits-d.bits)] = sum + by
	d.root += by
}

// Bits returns log2 of the number of the store's sums: the finest ranges that it
// can be asked for.
func (s *Store) Bits() int { return s.digest.bits }

// Root returns the sum of the hashes of all records, wrapped around. It is 0 for
// an empty store.
func (s *Store) Root() uint64 { return s.digest.root }

// Sum returns the sum of the hashes of the records in one range: of 2^bits equal
// parts of what the hash of a client's id can be, that with this number, counted
// from 0. It adds 2^(Bits()-bits) sums, but for bits 0, which is Root. Sum, and
// the methods below, panic unless 0 <= bits <= Bits() and 0 <= number < 2^bits.
func (s *Store) Sum(bits, number int) (sum uint64) {
	s.checkRange(bits, number)
	if bits == 0 {
		return s.digest.root
	}
	width := 1 << (s.digest.bits - bits)
	for _, part := range s.digest.sums[number*width:][:width] {
		sum += part
	}
	return sum
}

// AppendHashes appends the hashes of the records in a range, as Sum's, to dst, in
// ascending order.
func (s *Store) AppendHashes(dst []uint64, bits, number int) []uint64 {
	start := len(dst)
	s.scanRange(bits, number, func(e entry) { dst = append(dst, e.hash()) })
	slices.Sort(dst[start:])
	return dst
}

// Find shows visit those records in a range, as Sum's, whose hashes are among
// hashes, which ascend; each as its AT line with its end. A line is the store's,
// and valid only during visit, which must not change the store.
func (s *Store) Find(bits, number int, hashes []uint64, visit func(line []byte)) {
	if s.checkRange(bits, number); len(hashes) == 0 {
		return
	}
	s.scanRange(bits, number, func(e entry) {
		if _, found := slices.BinarySearch(hashes, e.hash()); found {
			visit(e.line())
		}
	})
}

// scanRange shows the records in a range, in the order of their clients' hashes.
func (s *Store) scanRange(bits, number int, visit func(entry)) {
	s.checkRange(bits, number)
	span := uint64(1) << (tagBits - bits)
	first := uint64(number) * span
	s.index.scan(first, first+span, func(at slot) bool {
		visit(s.entry(at))
		return true
	})
}

// checkRange panics for a range that there is not: it would look like an empty
// one, and so like one to fill.
func (s *Store) checkRange(bits, number int) {
	if bits < 0 || bits > s.digest.bits || number < 0 || number>>bits != 0 {
		panic(fmt.Sprintf("herd: there is no range %d of 2^%d in a store of 2^%d", number, bits, s.digest.bits))
	}
}
