package herd

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

// checkDigest holds all that a store says of its digest to what its lines alone
// say.
func checkDigest(t *testing.T, s *Store) {
	t.Helper()
	lines := contents(s)
	sums := make([]uint64, 1<<s.Bits())
	var root uint64
	for _, line := range lines {
		hash := slowSipHash(s.key, 1, 3, []byte(line))
		sums[slowSipHash(s.key, 1, 3, []byte(slowFields([]byte(line))[3]))>>(64-s.Bits())] += hash
		root += hash
	}
	if len(lines) != s.Len() || s.Root() != root {
		t.Fatalf("a store of %d lines says %d; its root is %x, that of the lines %x", len(lines), s.Len(), s.Root(), root)
	}
	// Each range of fewer bits is two neighbours of one bit more.
	for bits := s.Bits(); bits >= 0; bits-- {
		for number := range sums {
			if got := s.Sum(bits, number); got != sums[number] {
				t.Fatalf("sum %d of 2^%d is %x; that of the lines is %x", number, bits, got, sums[number])
			}
		}
		for i := range len(sums) / 2 {
			sums[i] = sums[2*i] + sums[2*i+1]
		}
		sums = sums[:len(sums)/2]
	}
}

// Whatever is put, and whether it is taken, refused as stale or refused for want
// of room: the digest is that of the lines that are there, and they are the newest
// of those that were taken.
func TestDigestIsThatOfTheLines(t *testing.T) {
	r := newRandom(30)
	taken, stale, full := 0, 0, 0
	for round := range 40 {
		s := NewStore(StoreSettings{Future: testFuture, Key: HashKey(r.bytes(16)), Buckets: 16})
		room := Room{Records: 20 + r.IntN(20), Bytes: int64(3000 + r.IntN(3000))}
		newest := map[string]string{}
		for range 300 {
			// Lines of many lengths, so that records move, and reuse one another's places.
			id := fmt.Sprintf("client%d", r.IntN(50))
			line := strings.Replace(r.smallWorld(), " k ", " "+id+" ", 1)
			line = strings.Replace(line, " +0.", " +"+strings.Repeat("0", 1+r.IntN(12))+".", 1)
			before, root := newest[id], s.Root()
			changed, err := s.Put(record(t, line), room)
			newer := before == "" || slowCompare(t, line, before, testFuture) > 0
			switch {
			case changed && newer && err == nil:
				newest[id] = line
				taken++
			case !changed && !newer && err == nil && s.Root() == root:
				stale++
			case !changed && newer && err == ErrStoreFull && s.Root() == root:
				full++
			default:
				t.Fatalf("round %d: after %q, %q gives %v, %v", round, before, line, changed, err)
			}
		}
		if got, want := sorted(s), slices.Sorted(maps.Values(newest)); !slices.Equal(got, want) {
			t.Fatalf("round %d: the store has\n%q, taken were\n%q", round, got, want)
		}
		if s.Bytes() > room.Bytes || s.Len() > room.Records {
			t.Errorf("round %d: %d records in %d bytes, where there is room for %v", round, s.Len(), s.Bytes(), room)
		}
		checkDigest(t, s)
	}
	if taken < 1000 || stale < 1000 || full < 1000 {
		t.Errorf("only %d were taken, %d were stale and %d had no room", taken, stale, full)
	}
}

// worldOf returns lines of so many clients, several of each, in any order.
func (r random) worldOf(clients int) (lines []string) {
	for i := range clients {
		for range 1 + r.IntN(3) {
			lines = append(lines, strings.Replace(r.smallWorld(), " k ", fmt.Sprintf(" client%d ", i), 1))
		}
	}
	return lines
}

// Stores that were given the same records have the same digest, whatever the
// order, however often, and however they grew; with one record more they differ,
// in its range alone.
func TestDigestsConvergeUnderAnyOrder(t *testing.T) {
	r := newRandom(31)
	for _, clients := range []int{1, 30, 3000} {
		lines := r.worldOf(clients)
		a := newStore()
		for _, line := range lines {
			put(t, a, line)
		}
		checkDigest(t, a)
		for range 4 {
			b := newStore()
			for _, i := range append(r.Perm(len(lines)), r.Perm(len(lines))[:len(lines)/2]...) {
				put(t, b, lines[i])
			}
			if a.Root() != b.Root() || !slices.Equal(a.digest.sums, b.digest.sums) || !slices.Equal(sorted(a), sorted(b)) {
				t.Fatalf("with %d clients the stores have roots %x and %x", clients, a.Root(), b.Root())
			}
			more := "AT A +0.000000000 another +0+0 1"
			put(t, b, more)
			differ := 0
			for number := range 1 << a.Bits() {
				if a.Sum(a.Bits(), number) != b.Sum(b.Bits(), number) {
					differ++
					if in := slowRange(testKey, b.Bits(), number, []string{more}); len(in) != 1 {
						t.Errorf("the digests differ in range %d, and the record is in another", number)
					}
				}
			}
			if differ != 1 || a.Root() == b.Root() {
				t.Errorf("by one record the digests differ in %d ranges", differ)
			}
		}
	}
}

// One key, one digest: and under another, another.
func TestDigestDependsOnTheKey(t *testing.T) {
	roots := map[uint64]bool{}
	for _, key := range []HashKey{{}, {1}, {15: 1}, testKey} {
		s := NewStore(StoreSettings{Future: testFuture, Key: key, Buckets: 16})
		put(t, s, kiwiAT)
		roots[s.Root()] = true
		checkDigest(t, s)
	}
	if len(roots) != 4 {
		t.Errorf("four keys make %d roots", len(roots))
	}
}

// The ranges of each number of bits, asked one after the other, show each record
// once, in the range where it belongs, as one of those that were asked for or as
// one of the others.
func TestFindAndMissing(t *testing.T) {
	r := newRandom(32)
	s := newStore()
	for _, line := range r.worldOf(2500) {
		put(t, s, line)
	}
	lines := contents(s)
	for _, bits := range []int{0, 1, 5, s.Bits()} {
		found, missing := 0, 0
		for number := range 1 << bits {
			want := slowRange(testKey, bits, number, lines)
			before := []uint64{7, 3}
			hashes := s.AppendHashes(before, bits, number)
			if all := slices.Sorted(maps.Keys(want)); !slices.Equal(hashes[:2], before) || !slices.Equal(hashes[2:], all) {
				t.Fatalf("range %d of 2^%d has the hashes %x, not %x", number, bits, hashes[2:], all)
			}
			// Half of them are asked for, and some that are not there.
			asked := []uint64{0, r.Uint64()}
			for _, hash := range hashes[2:] {
				if r.IntN(2) == 0 {
					asked = append(asked, hash)
				}
			}
			slices.Sort(asked)
			s.Find(bits, number, asked, func(line []byte) {
				found++
				text := strings.TrimSuffix(string(line), "\n")
				hash := slowSipHash(testKey, 1, 3, []byte(text))
				if len(text) == len(line) || want[hash] != text || !slices.Contains(asked, hash) {
					t.Fatalf("range %d of 2^%d shows %q", number, bits, line)
				}
				delete(want, hash)
			})
			for hash, line := range want {
				if slices.Contains(asked, hash) {
					t.Fatalf("range %d of 2^%d does not show %q", number, bits, line)
				}
			}
			missing += len(want)
		}
		if found+missing != s.Len() || found < s.Len()/3 || missing < s.Len()/3 {
			t.Errorf("with %d bits %d were found and %d missing, of %d", bits, found, missing, s.Len())
		}
	}
}

// Ranges meet: what is at their very ends is in one of them. The tags are given,
// as ids that have them would have to be searched for.
func TestRangesMeet(t *testing.T) {
	s := newStore()
	want := make([][]uint64, 1<<s.Bits())
	for number := range want {
		first := uint32(number) << (tagBits - s.Bits())
		for _, tag := range []uint32{first, first + 1<<(tagBits-s.Bits()) - 1} {
			r := record(t, fmt.Sprintf("AT A +0.000000000 c%d +0+0 1", tag))
			if changed, err := s.add(tag, r, plenty); !changed || err != nil {
				t.Fatal(changed, err)
			}
			want[number] = append(want[number], s.key.Hash(r.line))
		}
		slices.Sort(want[number])
	}
	for number, hashes := range want {
		if got := s.AppendHashes(nil, s.Bits(), number); !slices.Equal(got, hashes) || s.Sum(s.Bits(), number) != hashes[0]+hashes[1] {
			t.Errorf("range %d has %x, not %x", number, got, hashes)
		}
	}
}

// Asking for a range that there is not is a mistake of the caller's, and no
// empty answer.
func TestRangesThatThereAreNot(t *testing.T) {
	s := newStore()
	for _, c := range []struct {
		bits, number int
		panics       bool
	}{{0, 0, false}, {8, 255, false}, {0, 1, true}, {8, 256, true}, {8, -1, true}, {-1, 0, true}, {9, 0, true}} {
		for name, ask := range map[string]func(){
			"Sum":          func() { s.Sum(c.bits, c.number) },
			"AppendHashes": func() { s.AppendHashes(nil, c.bits, c.number) },
			"Find":         func() { s.Find(c.bits, c.number, nil, nil) },
		} {
			func() {
				defer func() {
					if said := recover(); (said != nil) != c.panics {
						t.Errorf("%s of range %d of 2^%d: %v", name, c.number, c.bits, said)
					}
				}()
				ask()
			}()
		}
	}
}
