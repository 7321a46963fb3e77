package herd

import "encoding/binary"

// arena gives out buffers, which it cuts from chunks of bytes. They hold no
// pointers, so that a collection of garbage looks at nothing in them, however
// much that is; and they never move.
//
// Places and sizes count units of 64 bytes, which are lines of cache: so a buffer lies in
// no more of them than it has, and a line that becomes a few bytes longer often fits
// where it was. A buffer that is given back waits for the next that is as large. An arena
// needs only its memory.
type arena struct {
	memory Memory // for chunks
	chunks []*chunk
	used   uint64 // units at the beginning of the chunks that were ever given out

	// free is, for each size, the place of a buffer that was given back. It begins
	// with the place of the next one, and the last one with 0.
	free [maxUnits + 1]uint32
}

const (
	unitSize   = cacheLine
	chunkUnits = 1 << 10

	// maxUnits is the size of the largest buffer: for a longest line and its head.
	maxUnits = (entryHead + MaxPeerLine + 1 + unitSize - 1) / unitSize

	// maxPlaces is how many units there can be: 64 GiB of them. Places count from 1, so
	// that their 32 bits can tell all from each other and from 0.
	maxPlaces = 64 << 30 / unitSize
)

// A chunk is small, so that making one holds nobody up and a server that has just
// started costs little, and large enough that ten million records lie in some
// fifteen thousand of them.
type chunk [chunkUnits * unitSize]byte

// units returns how many units it takes to hold n bytes.
func units(n int) int { return (n + unitSize - 1) / unitSize }

// bytes returns the size of what was ever given out, be it in use or given back,
// and of what was too small to be given out at the ends of chunks.
func (a *arena) bytes() int64 { return int64(a.used) * unitSize }

// at returns the bytes from a place to the end of its chunk.
func (a *arena) at(place uint32) []byte {
	// No place is 0, so that 0 can mean that there is none: they count from 1.
	i := place - 1
	return a.chunks[i/chunkUnits][i%chunkUnits*unitSize:]
}

// take returns the place of a buffer of so many units, from 1 to maxUnits, whose
// contents may be anything. It reports false and has changed nothing if the arena
// would have to become larger than most bytes for it, or than 64 GiB.
func (a *arena) take(units int, most int64) (place uint32, ok bool) {
	if a.free[units] != 0 {
		return a.takeFree(units), true
	}
	start := a.used
	rest := int(chunkUnits - start%chunkUnits)
	if units > rest {
		start += uint64(rest) // a buffer lies within one chunk
	}
	end := start + uint64(units)
	if end > maxPlaces || int64(end)*unitSize > most {
		return a.takePart(units)
	}
	if start > a.used {
		a.give(uint32(a.used)+1, rest)
	}
	if start/chunkUnits == uint64(len(a.chunks)) {
		a.chunks = append(a.chunks, a.memory.NewChunk())
	}
	a.used = end
	return uint32(start) + 1, true
}

// takeFree returns a buffer that was given back.
func (a *arena) takeFree(units int) (place uint32) {
	place = a.free[units]
	a.free[units] = binary.LittleEndian.Uint32(a.at(place))
	return place
}

// takePart returns the beginning of a larger buffer that was given back. Only an
// arena that may not grow does so: parts are never joined again.
func (a *arena) takePart(units int) (place uint32, ok bool) {
	for size := units + 1; size <= maxUnits; size++ {
		if a.free[size] != 0 {
			place = a.takeFree(size)
			a.give(place+uint32(units), size-units)
			return place, true
		}
	}
	return 0, false
}

// give takes back a buffer of so many units. Its contents are gone.
func (a *arena) give(place uint32, units int) {
	binary.LittleEndian.PutUint32(a.at(place), a.free[units])
	a.free[units] = place
}
