package herd

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

const testFuture = 5 * time.Minute

// plenty is room for anything that a test brings.
var plenty = Room{Records: 1 << 20, Bytes: 1 << 30}

// testKey is the key of the stores under test: DigestKey's of a secret.
var testKey = DigestKey([]byte("the secret of the tests"))

func newStore() *Store {
	return NewStore(StoreSettings{Future: testFuture, Key: testKey, Buckets: 256})
}

// put keeps an AT line that the test knows to be good.
func put(t testing.TB, s *Store, line string) bool {
	t.Helper()
	changed, err := s.Put(record(t, line), plenty)
	if err != nil {
		t.Fatal(err)
	}
	return changed
}

// contents returns all lines of a store, in the order of the walk.
func contents(s *Store) (lines []string) {
	for from, more := (Cursor{}), true; more; {
		from, more = s.Walk(from, 3, func(line []byte) { lines = append(lines, strings.TrimSuffix(string(line), "\n")) })
	}
	return lines
}

// sorted is a store's contents whatever the order in which clients came.
func sorted(s *Store) []string { return slices.Sorted(slices.Values(contents(s))) }

func TestStoreKeepsTheNewest(t *testing.T) {
	s := newStore()
	const older, newer = "AT Farmar +0.000000000 kiwi +0+0 1000", "AT Farmar +0.000000000 kiwi +1+1 1001"
	for _, step := range []struct {
		line    string
		changed bool
	}{{older, true}, {older, false}, {newer, true}, {newer, false}, {older, false}} {
		if got := put(t, s, step.line); got != step.changed {
			t.Errorf("putting %q changed the store: %v", step.line, got)
		}
	}
	var r Record
	if !s.Get([]byte("kiwi"), &r) || string(r.AppendLine(nil)) != newer+"\n" || string(r.Location) != "+1+1" || string(r.Time) != "1001" {
		t.Errorf("the store has %q", r.AppendLine(nil))
	}
	if s.Get([]byte("kiw"), &r) || s.Len() != 1 {
		t.Errorf("the store has %d records, or one of a client that never came", s.Len())
	}
}

// Something else can stand in for Compare, and then it alone decides.
func TestStoreInAnotherOrder(t *testing.T) {
	asked := 0
	s := NewStore(StoreSettings{Future: testFuture, Order: func(a, b Record) int {
		asked++
		return b.Client.Cmp(a.Client)
	}})
	for _, step := range []struct {
		time    int
		changed bool
	}{{1000, true}, {1001, false}, {999, true}, {999, false}} {
		if got := put(t, s, fmt.Sprintf("AT Farmar +0.000000000 kiwi +0+0 %d", step.time)); got != step.changed {
			t.Errorf("in reverse, a record of %d changed the store: %v", step.time, got)
		}
	}
	if asked != 3 {
		t.Errorf("it was asked %d times", asked)
	}
}

// What is read from a store is what was put there, field for field.
func TestStoreGivesBackEveryField(t *testing.T) {
	s := newStore()
	r := newRandom(7)
	checked := 0
	for checked < 2000 {
		line := r.at()
		var in, out Record
		if ParseAT(line, &in) != nil {
			continue
		}
		checked++
		id := fmt.Sprintf("%s%d", in.ID, checked)
		in.ID, in.line = []byte(id), nil
		if changed, err := s.Put(&in, plenty); !changed || err != nil {
			t.Fatalf("a new client: %v, %v", changed, err)
		}
		if !s.Get(in.ID, &out) {
			t.Fatal("a record is gone")
		}
		var again Record
		if err := ParseAT(withoutEnd(out.AppendLine(nil)), &again); err != nil {
			t.Fatal(err)
		}
		for _, got := range []*Record{&out, &again} {
			if string(got.AppendLine(nil)) != string(in.AppendLine(nil)) || string(got.Server) != string(in.Server) ||
				string(got.Difference) != string(in.Difference) || string(got.ID) != id || string(got.Location) != string(in.Location) ||
				string(got.Time) != string(in.Time) || got.Client != in.Client || got.Received != in.Received {
				t.Fatalf("%+v was put, %+v is there", in, got)
			}
		}
	}
}

// Whatever the order in which records come, and however often, all stores end
// with the greatest of each client.
func TestStoresConvergeUnderAnyOrder(t *testing.T) {
	r := newRandom(8)
	const rounds, clients, reports = 300, 3, 12
	for round := range rounds {
		lines := make([]string, reports)
		newest := map[string]string{}
		for i := range lines {
			id := fmt.Sprintf("client%d", r.IntN(clients))
			lines[i] = strings.Replace(r.smallWorld(), " k ", " "+id+" ", 1)
			if best, known := newest[id]; !known || slowCompare(t, lines[i], best, testFuture) > 0 {
				newest[id] = lines[i]
			}
		}
		want := make([]string, 0, clients)
		for _, line := range newest {
			want = append(want, line)
		}
		slices.Sort(want)
		for range 4 {
			s := newStore()
			for _, i := range append(r.Perm(reports), r.Perm(reports)[:reports/2]...) {
				put(t, s, lines[i])
			}
			if got := sorted(s); !slices.Equal(got, want) {
				t.Fatalf("round %d: the store has\n%q, the newest are\n%q", round, got, want)
			}
		}
	}
}

// Putting all records of one store into another is a join: it does not matter
// in which order, how often, or in which groups servers do so.
func TestMergingStoresIsAJoin(t *testing.T) {
	r := newRandom(9)
	some := func() *Store {
		s := newStore()
		for range 6 {
			put(t, s, strings.Replace(r.smallWorld(), " k ", fmt.Sprintf(" client%d ", r.IntN(3)), 1))
		}
		return s
	}
	join := func(stores ...*Store) *Store {
		joined := newStore()
		for _, s := range stores {
			for _, line := range contents(s) {
				put(t, joined, line)
			}
		}
		return joined
	}
	for range 500 {
		a, b, c := some(), some(), some()
		for law, pair := range map[string][2]*Store{
			"commutative": {join(a, b), join(b, a)},
			"associative": {join(join(a, b), c), join(a, join(b, c))},
			"idempotent":  {join(a, a), a},
		} {
			if got, want := sorted(pair[0]), sorted(pair[1]); !slices.Equal(got, want) {
				t.Fatalf("joining is not %s:\n%q\n%q", law, got, want)
			}
		}
	}
}

// A known client costs no memory, whether it moves, stays or is asked for.
func TestKnownClientsAllocateNothing(t *testing.T) {
	s := newStore()
	const line = "AT A +0.000000000 client%d +0+0 %d"
	const clients, steps = 50, 40
	var records []*Record
	for step := range steps {
		for i := range clients {
			records = append(records, record(t, fmt.Sprintf(line, i, 1000+step)))
		}
	}
	newer, next := 0, 0
	allocs := testing.AllocsPerRun(steps-2, func() {
		for range clients {
			changed, err := s.Put(records[next], plenty)
			again, errAgain := s.Put(records[next], plenty)
			var got Record
			if err != nil || errAgain != nil || again || !s.Get(records[next].ID, &got) {
				t.Fatalf("%v, then %v, %v", err, again, errAgain)
			}
			if changed {
				newer++
			}
			next++
		}
	})
	// The first run, which brings the clients, is not counted.
	if allocs != 0 || newer != next || next != clients*(steps-1) {
		t.Errorf("%d records, %d of them newer, cost %v allocations for each %d", next, newer, allocs, clients)
	}
}

// Two clients whose ids' hashes begin with the same 32 bits are two clients. Among
// so many ids there are a few such pairs.
func TestClientsOfOneTagAreApart(t *testing.T) {
	const ids = 300_000
	s := newStore()
	first := map[uint32]string{}
	pairs := 0
	for i := range ids {
		id := fmt.Sprint("client", i)
		tag := s.tag([]byte(id))
		other, met := first[tag]
		if !met {
			first[tag] = id
			continue
		}
		pairs++
		for time, line := range []string{"AT A +0.000000000 %s +1+1 %d", "AT A +0.000000000 %s +2+2 %d"} {
			for _, id := range []string{id, other} {
				if !put(t, s, fmt.Sprintf(line, id, time)) {
					t.Errorf("%s changes nothing", id)
				}
			}
		}
		var a, b Record
		if !s.Get([]byte(id), &a) || !s.Get([]byte(other), &b) || string(a.ID) != id || string(b.ID) != other || s.Len() != 2*pairs {
			t.Errorf("of %d records %s has %q, %s has %q", s.Len(), id, a.line, other, b.line)
		}
	}
	if pairs < 3 {
		t.Errorf("only %d pairs were met", pairs)
	}
}

func TestNewStoreRefusesBuckets(t *testing.T) {
	for _, c := range []struct {
		buckets, bits int // -1: it panics
	}{{0, 16}, {16, 4}, {256, 8}, {1 << 20, 20}, {8, -1}, {17, -1}, {1 << 21, -1}, {-16, -1}} {
		bits := -1
		func() {
			defer func() { _ = recover() }()
			bits = NewStore(StoreSettings{Buckets: c.buckets}).Bits()
		}()
		if bits != c.bits {
			t.Errorf("%d buckets make a store of %d bits, not %d", c.buckets, bits, c.bits)
		}
	}
}
