package herd

import (
	"fmt"
	"slices"
	"testing"
)

// counting is Go's heap, and counts what it is asked for.
type counting struct{ chunks, segments int }

func (c *counting) NewChunk() *Chunk {
	c.chunks++
	return new(Chunk)
}

func (c *counting) NewSegment() *Segment {
	c.segments++
	return new(Segment)
}

// A store keeps the same wherever that is, and takes all that grows with its records
// from its Memory.
func TestAStoreTakesItsMemoryFromOnePlace(t *testing.T) {
	c := &counting{}
	ours, heaps := NewStore(StoreSettings{Future: testFuture, Key: testKey, Buckets: 256, Memory: c}), newStore()
	const clients = 10_000
	for i := range clients {
		line := fmt.Sprintf("AT Farmar +0.000000000 client%d +34.068930-118.445127 %d", i%(clients-100), 1000+i)
		put(t, ours, line)
		put(t, heaps, line)
	}
	if !slices.Equal(contents(ours), contents(heaps)) || ours.Root() != heaps.Root() {
		t.Error("it holds something else than a store on the heap")
	}
	var segments []*segment
	for _, s := range ours.index.directory {
		if !slices.Contains(segments, s) {
			segments = append(segments, s)
		}
	}
	if c.chunks != len(ours.arena.chunks) || c.segments != len(segments) || c.chunks < 10 || c.segments < 10 {
		t.Errorf("it asked for %d chunks and %d segments, and has %d and %d", c.chunks, c.segments, len(ours.arena.chunks), len(segments))
	}
}
