package backbone

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"proxyherd/herd"
)

var key = herd.DigestKey([]byte("a secret of the tests, long enough"))

// stored returns a store of so many clients.
func stored(t *testing.T, clients int) *herd.Store {
	t.Helper()
	store := herd.NewStore(herd.StoreSettings{Key: key, Buckets: 256, Future: 5 * time.Minute})
	for i := range clients {
		var r herd.Record
		line := fmt.Sprintf("AT Hill +0.000000001 c%d +1+1 1000000000", i)
		if err := herd.ParseAT([]byte(line), &r); err != nil {
			t.Fatal(err)
		}
		if _, err := store.Put(&r, herd.Room{Records: clients, Bytes: 1 << 30}); err != nil {
			t.Fatal(err)
		}
	}
	return store
}

func TestShardsDivideClients(t *testing.T) {
	const clients = 4000
	for _, count := range []int{1, 2, 4, 16} {
		shards := NewShards(key, count, []int{0, count - 1})
		in := make([]int, count)
		for i := range clients {
			id := fmt.Append(nil, "c", i)
			number := shards.Of(id)
			in[number]++
			if shards.Holds(id) != (number == 0 || number == count-1) || shards.Has(number) != shards.Holds(id) {
				t.Errorf("of %d shards: %s is in %d, and held: %v", count, id, number, shards.Holds(id))
			}
		}
		if most, least := slices.Max(in), slices.Min(in); least*3 < most*2 {
			t.Errorf("%d shards have from %d to %d clients", count, least, most)
		}
		if shards.Count() != count || shards.All() != (count <= 2) {
			t.Errorf("%d shards: %d, all held %v", count, shards.Count(), shards.All())
		}
	}
}

// A shard is compared as if it were a store of its own.
func TestAPartIsOneShardOfTheRecords(t *testing.T) {
	store := stored(t, 1000)
	shards := NewShards(key, 4, nil)
	var sum uint64
	records := 0
	for number := range 4 {
		p := part{store, 2, number}
		sum += p.Root()
		var roots, groups uint64
		for n := range 64 {
			roots += p.Sum(6, n)
			hashes := p.AppendHashes(nil, 6, n)
			p.Find(6, n, hashes, func(line []byte) {
				records++
				if shards.Of(idOf(line)) != number {
					t.Errorf("%q is in shard %d", line, shards.Of(idOf(line)))
				}
			})
		}
		for n := range 8 {
			groups += p.Sum(3, n)
		}
		if roots != p.Root() || groups != p.Root() {
			t.Errorf("shard %d is %016x, its buckets %016x and its groups %016x", number, p.Root(), roots, groups)
		}
		if n := p.Len(); n != 250 {
			t.Errorf("shard %d has about %d records", number, n)
		}
	}
	if sum != store.Root() || records != 1000 {
		t.Errorf("the shards have %d records", records)
	}
}

func TestNamesBecomeTokens(t *testing.T) {
	for name, want := range map[string]string{
		"herd": "herd", "my-herd_2": "my-herd_2", "a.b": "a=2Eb", "*": "=2A", ">": "=3E", "é": "=C3=A9", "a=b": "a=3Db",
	} {
		if got := token(name); got != want {
			t.Errorf("%q is %q, want %q", name, got, want)
		}
	}
}
