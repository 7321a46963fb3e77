package herd

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

const testFuture = 5 * time.Minute

// plenty is room for anything that a test brings.
var plenty = Room{Records: 1 << 20, Bytes: 1 << 30}

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
	s := NewStore(testFuture)
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

// What is read from a store is what was put there, field for field.
func TestStoreGivesBackEveryField(t *testing.T) {
	s := NewStore(testFuture)
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
			s := NewStore(testFuture)
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
		s := NewStore(testFuture)
		for range 6 {
			put(t, s, strings.Replace(r.smallWorld(), " k ", fmt.Sprintf(" client%d ", r.IntN(3)), 1))
		}
		return s
	}
	join := func(stores ...*Store) *Store {
		joined := NewStore(testFuture)
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

func TestStoreBoundsRecords(t *testing.T) {
	s := NewStore(testFuture)
	room := Room{Records: 2, Bytes: 1 << 20}
	lineOf := func(id string, time int) *Record {
		return record(t, fmt.Sprintf("AT A +0.000000000 %s +0+0 %d", id, time))
	}
	for _, step := range []struct {
		id      string
		time    int
		room    Room
		changed bool
		err     error
	}{
		{"a", 1, room, true, nil},
		{"b", 1, room, true, nil},
		{"c", 1, room, false, ErrStoreFull},
		{"a", 2, room, true, nil}, // known clients still move
		{"b", 0, room, false, nil},
		{"c", 1, room.twice(), true, nil}, // neighbours have more room
		{"d", 1, room.twice(), true, nil},
		{"e", 1, room.twice(), false, ErrStoreFull},
		{"d", 2, room, true, nil},
	} {
		changed, err := s.Put(lineOf(step.id, step.time), step.room)
		if changed != step.changed || !errors.Is(err, step.err) {
			t.Errorf("%s at %d: %v, %v", step.id, step.time, changed, err)
		}
	}
	if got := len(contents(s)); got != 4 || s.Len() != 4 {
		t.Errorf("the store has %d records and says %d", got, s.Len())
	}
}

func TestStoreBoundsBytes(t *testing.T) {
	s := NewStore(testFuture)
	const prefix = "AT A +0.000000000 k +0+0 1"
	room := Room{Records: 10, Bytes: 48}
	for _, step := range []struct {
		line    string
		changed bool
		err     error
	}{
		{prefix, true, nil},                                                                   // 27 bytes with the end: a buffer of 32
		{prefix + "2.00", true, nil},                                                          // 31 bytes fit in it
		{prefix + "3.0000", true, nil},                                                        // 33 need 48
		{prefix + "4" + ".000000000", true, nil},                                              // 37 fit
		{prefix + "9999999999.000000000", true, nil},                                          // 46 fit
		{prefix + "99999999999.999999999", true, nil},                                         // 47 fit
		{"AT A +9.000000000 k +0.000+0 2", false, nil},                                        // older
		{"AT A +0.000000000 kk +0+0 1", false, ErrStoreFull},                                  // a second buffer
		{"AT AAAAAAAAAAAAAA +0.000000000 k +0+0 199999999999.999999999", false, ErrStoreFull}, // a larger one
		{"AT B +0.000000000 k +0+0 199999999999.999999999", true, nil},
	} {
		changed, err := s.Put(record(t, step.line), room)
		if changed != step.changed || !errors.Is(err, step.err) {
			t.Errorf("%s: %v, %v", step.line, changed, err)
		}
	}
	if s.Bytes() != 48 || s.Len() != 1 {
		t.Errorf("the store has %d records in %d bytes", s.Len(), s.Bytes())
	}
	// What was refused has left no trace.
	if got, want := contents(s), []string{"AT B +0.000000000 k +0+0 199999999999.999999999"}; !slices.Equal(got, want) {
		t.Errorf("the store has %q", got)
	}
	if changed, err := s.Put(record(t, "AT A +0.000000000 kk +0+0 1"), plenty); !changed || err != nil {
		t.Errorf("a client that was refused comes again: %v, %v", changed, err)
	}
}

// A walk that is interrupted by puts shows every client that was there when it
// began, and every one that came during it.
func TestWalkMissesNothing(t *testing.T) {
	r := newRandom(10)
	const clients = 3 * pageSlots
	s := NewStore(testFuture)
	line := func(id, time int) string { return fmt.Sprintf("AT A +0.000000000 c%d +0+0 %d", id, time) }
	for id := range clients {
		put(t, s, line(id, 1))
	}
	shown := map[string]int{}
	steps, added := 0, 0
	for from, more := (Cursor{}), true; more; steps++ {
		from, more = s.Walk(from, 1+r.IntN(50), func(line []byte) { shown[slowFields(line)[3]]++ })
		put(t, s, line(r.IntN(clients), 2+steps))
		if added < 100 {
			put(t, s, line(clients+added, 1))
			added++
		}
	}
	if len(shown) != clients+added || s.Len() != clients+added || steps < clients/50 {
		t.Errorf("%d clients of %d were shown in %d steps", len(shown), clients+added, steps)
	}
	for id, times := range shown {
		if times != 1 {
			t.Errorf("%s was shown %d times", id, times)
		}
	}
	if _, more := NewStore(testFuture).Walk(Cursor{}, 10, func([]byte) { t.Error("an empty store shows a line") }); more {
		t.Error("an empty store has more")
	}
}
