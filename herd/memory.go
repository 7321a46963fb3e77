package herd

// Memory gives a store what it keeps its records in: all of it is 0, is the store's for
// ever, and has no pointers in it, so that it need not be the collector's. A store calls
// it on the goroutine that it is used on.
type Memory interface {
	NewChunk() *Chunk     // of records
	NewSegment() *Segment // of the index
}

// Chunk and Segment are for whoever implements Memory: numbers alone, of 8 bytes at most
// each, 64 KiB and 8 KiB large.
type (
	Chunk   = chunk
	Segment = segment
)

// heap is Go's, which counts a store's memory among what has grown, and then collects,
// where there is nothing to collect.
type heap struct{}

func (heap) NewChunk() *Chunk     { return new(Chunk) }
func (heap) NewSegment() *Segment { return new(Segment) }
