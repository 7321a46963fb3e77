package herd

import (
	"bytes"
	"math"
	"testing"
)

// held is a buffer that a test has, and what it wrote there.
type held struct {
	place    uint32
	units    int
	contents []byte
}

func (h *held) in(a *arena) []byte { return a.at(h.place)[:h.units*unitSize] }

// Whatever is taken and given back, and in which order: what one user writes into
// a buffer, no other ever changes.
func TestArenaBuffersAreApart(t *testing.T) {
	r := newRandom(21)
	a := arena{memory: heap{}}
	var all []held
	taken, inUse := 0, 0
	for range 20_000 {
		if len(all) > 0 && r.IntN(5) < 2 {
			i := r.IntN(len(all))
			h := all[i]
			if !bytes.Equal(h.in(&a), h.contents) {
				t.Fatalf("the buffer of %d units at %d has changed", h.units, h.place)
			}
			a.give(h.place, h.units)
			inUse -= h.units
			all[i] = all[len(all)-1]
			all = all[:len(all)-1]
			continue
		}
		h := held{units: 1 + r.IntN(12)}
		if r.IntN(20) == 0 {
			h.units = 1 + r.IntN(maxUnits)
		}
		place, ok := a.take(h.units, math.MaxInt64)
		if !ok || place == 0 {
			t.Fatalf("taking %d units gives %d, %v", h.units, place, ok)
		}
		h.place, h.contents = place, r.bytes(h.units*unitSize)
		copy(h.in(&a), h.contents)
		all = append(all, h)
		taken++
		inUse += h.units
	}
	for _, h := range all {
		if !bytes.Equal(h.in(&a), h.contents) {
			t.Errorf("the buffer of %d units at %d has changed", h.units, h.place)
		}
	}
	if taken < 10_000 || len(all) < 1000 || len(a.chunks) < 10 {
		t.Errorf("only %d were taken, %d kept, in %d chunks", taken, len(all), len(a.chunks))
	}
	if a.bytes() < int64(inUse)*unitSize || a.bytes() > int64(len(a.chunks))*chunkUnits*unitSize {
		t.Errorf("it says it has given out %d bytes; %d are in use, %d chunks are there", a.bytes(), inUse*unitSize, len(a.chunks))
	}
}

// take takes a buffer that the test knows to fit.
func take(t *testing.T, a *arena, units int) uint32 {
	t.Helper()
	place, ok := a.take(units, math.MaxInt64)
	if !ok {
		t.Fatalf("there is no room for %d units", units)
	}
	return place
}

// What was given back is given out again, the last first, to whoever needs as
// much, before the arena grows.
func TestArenaUsesFreeBuffersAgain(t *testing.T) {
	a := arena{memory: heap{}}
	var places []uint32
	for range 5 {
		places = append(places, take(t, &a, 9))
	}
	size := a.bytes()
	for _, place := range places {
		a.give(place, 9)
	}
	for i := range places {
		if got, want := take(t, &a, 9), places[len(places)-1-i]; got != want {
			t.Errorf("buffer %d is at %d, not at %d", i, got, want)
		}
	}
	if a.bytes() != size {
		t.Errorf("the arena grew from %d to %d bytes", size, a.bytes())
	}
	if other := take(t, &a, 9); a.bytes() != size+9*unitSize || other == places[0] {
		t.Errorf("a sixth buffer is at %d, with %d bytes in all", other, a.bytes())
	}
}

// The end of a chunk that is too short for a buffer is free for a shorter one.
func TestArenaUsesTheEndsOfChunks(t *testing.T) {
	a := arena{memory: heap{}}
	for range chunkUnits / maxUnits {
		take(t, &a, maxUnits)
	}
	const rest = chunkUnits % maxUnits
	next := take(t, &a, maxUnits)
	if len(a.chunks) != 2 || next != chunkUnits+1 || a.bytes() != (chunkUnits+maxUnits)*unitSize {
		t.Errorf("the next buffer is at %d, with %d bytes in %d chunks", next, a.bytes(), len(a.chunks))
	}
	if got := take(t, &a, rest); got != chunkUnits-rest+1 {
		t.Errorf("a buffer of %d units is at %d, not at the end of the first chunk", rest, got)
	}
}

// A chunk is used to its last unit.
func TestArenaFillsChunks(t *testing.T) {
	const units = 16
	a := arena{memory: heap{}}
	for i := range chunkUnits / units {
		if place := take(t, &a, units); place != uint32(i*units+1) {
			t.Errorf("buffer %d is at %d", i, place)
		}
	}
	if len(a.chunks) != 1 || a.bytes() != chunkUnits*unitSize {
		t.Errorf("%d bytes in %d chunks are used", a.bytes(), len(a.chunks))
	}
	if place := take(t, &a, units); place != chunkUnits+1 || len(a.chunks) != 2 {
		t.Errorf("the next buffer is at %d, in %d chunks", place, len(a.chunks))
	}
}

// An arena that may not grow cuts what it needs from something larger. When there
// is nothing, it says so, and is as it was.
func TestArenaThatMayNotGrow(t *testing.T) {
	const most = (60 + 40 + maxUnits) * unitSize
	a := arena{memory: heap{}}
	large := take(t, &a, 60)
	take(t, &a, 40)
	largest := take(t, &a, maxUnits)
	if _, ok := a.take(1, most); ok {
		t.Error("it grew beyond what it may")
	}
	a.give(large, 60)
	for _, step := range []struct {
		units int
		place uint32 // 0: there is no room
	}{
		{61, 0},
		{20, large},
		{39, large + 20},
		{2, 0},
		{1, large + 59},
		{1, 0},
	} {
		place, ok := a.take(step.units, most)
		if place != step.place || ok != (step.place != 0) {
			t.Errorf("taking %d units gives %d, %v, not %d", step.units, place, ok, step.place)
		}
	}
	if a.bytes() != most {
		t.Errorf("it has given out %d bytes, not %d", a.bytes(), most)
	}
	if place, ok := a.take(1, most+unitSize); place != most/unitSize+1 || !ok {
		t.Errorf("when it may grow, the next buffer is at %d, %v", place, ok)
	}
	a.give(largest, maxUnits)
	if place, ok := a.take(maxUnits-1, most); place != largest || !ok {
		t.Errorf("of the largest buffer nearly all is taken at %d, %v", place, ok)
	}
}

// Places have 32 bits: there is a last one, and none comes round to 0.
func TestArenaEnds(t *testing.T) {
	const last = maxPlaces/chunkUnits - 1 // the number of the chunk with the last place
	for _, c := range []struct {
		used  uint64
		units int
		place uint32
	}{
		{maxPlaces - 5, 5, maxPlaces - 4},
		{maxPlaces - 5, 6, 0},
		{maxPlaces - 1, 1, maxPlaces},
		{maxPlaces, 1, 0},
		{last*chunkUnits - 1, maxUnits, last*chunkUnits + 1}, // it does not fit into the chunk before
	} {
		// Of so large an arena only the chunks at its end are there.
		a := arena{memory: heap{}, chunks: make([]*chunk, last+1), used: c.used}
		a.chunks[last-1], a.chunks[last] = new(chunk), new(chunk)
		place, ok := a.take(c.units, math.MaxInt64)
		if place != c.place || ok != (c.place != 0) {
			t.Errorf("%d units after %d are at %d, %v, not at %d", c.units, c.used, place, ok, c.place)
		}
		if !ok && a.used != c.used {
			t.Errorf("%d units were refused after %d, and then it has used %d", c.units, c.used, a.used)
		}
	}
}
