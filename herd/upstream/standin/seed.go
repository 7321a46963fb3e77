package standin

import "hash/fnv"

// seed is where everything that looks random comes from. It is made from the question and is all that the answer depends
// on, so it is neither math/rand, whose sequences a later Go may change, nor hash/maphash, whose seeds differ per process.
type seed uint64

// seedOf makes a seed of a text.
func seedOf(text string) seed {
	h := fnv.New64a()
	h.Write([]byte(text)) // never fails
	return seed(h.Sum64()).with(0)
}

// with makes another seed, as unlike this one as any, for the n-th use of it (SplitMix64: Steele, Lea, Flood 2014).
func (s seed) with(n uint64) seed {
	z := uint64(s) + (n+1)*0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return seed(z ^ z>>31)
}

// below is a number from 0 to n-1; n is above 0. The bias of the remainder is of no matter here.
func (s seed) below(n uint64) uint64 { return uint64(s) % n }

// oneIn is true for one seed of n.
func (s seed) oneIn(n uint64) bool { return s.below(n) == 0 }
