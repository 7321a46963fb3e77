package herd

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// The set against a list without double entries, whatever is done in what order.
func TestAChangedSetGivesIDsBackInTheirOrder(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 1))
	var s ChangedSet
	var want []string
	taken := 0
	for range 20_000 {
		id := fmt.Sprint("client", random.IntN(100))
		switch random.IntN(5) {
		case 0, 1:
			s.Add([]byte(id))
			if !slices.Contains(want, id) {
				want = append(want, id)
			}
		case 2, 3:
			s.Remove([]byte(id))
			want = slices.DeleteFunc(want, func(known string) bool { return known == id })
		case 4:
			if len(want) == 0 {
				continue
			}
			if got := string(s.Take()); got != want[0] {
				t.Fatalf("it gives %s, want %s", got, want[0])
			}
			want = want[1:]
			taken++
		}
		if s.Len() != len(want) {
			t.Fatalf("it holds %d, want %d", s.Len(), len(want))
		}
		// What was removed leaves no more behind than there is.
		if len(s.order) > 2*len(want)+66 {
			t.Fatalf("%d places for %d ids", len(s.order), len(want))
		}
	}
	if s.Clear(); s.Len() != 0 || taken < 1000 {
		t.Errorf("cleared it holds %d; %d were taken", s.Len(), taken)
	}
	key := []byte("borrowed")
	s.Add(key)
	key[0] = 'x'
	if got := string(s.Take()); got != "borrowed" {
		t.Errorf("it kept the caller's bytes: %q", got)
	}
}
