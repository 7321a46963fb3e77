package herd

import (
	"fmt"
	"strings"
	"testing"
)

// A walk that is interrupted by puts shows every client that was there when it
// began exactly once, with the record that it then has, though records are
// replaced, move because they grow, and segments split because new clients come.
func TestWalkMissesNothing(t *testing.T) {
	r := newRandom(10)
	const clients = 5000
	s := newStore()
	newest := map[string]string{}
	time := 0
	change := func(id string) {
		time++
		newest[id] = fmt.Sprintf("AT A +0.000000000 %s +0.%s+0 %d", id, r.digits(1, 60), time)
		put(t, s, newest[id])
	}
	for i := range clients {
		change(fmt.Sprint("c", i))
	}
	shown := map[string]int{}
	steps, added, depth := 0, 0, s.index.depth
	last := uint32(0)
	for from, more := (Cursor{}), true; more; steps++ {
		most, count := 1+r.IntN(50), 0
		from, more = s.Walk(from, most, func(line []byte) {
			count++
			id := slowFields(line)[3]
			if newest[id]+"\n" != string(line) {
				t.Fatalf("%q is shown; the newest is %q", line, newest[id])
			}
			if tag := s.tag([]byte(id)); tag < last {
				t.Fatalf("%s is shown out of order", id)
			} else {
				last = tag
			}
			shown[id]++
		})
		if count != most && (more || count > most) {
			t.Fatalf("a step of %d shows %d, and there is more: %v", most, count, more)
		}
		for range 20 {
			change(fmt.Sprint("c", r.IntN(clients)))
			change(fmt.Sprint("new", added))
			added++
		}
	}
	for i := range clients {
		if times := shown[fmt.Sprint("c", i)]; times != 1 {
			t.Errorf("client %d was shown %d times", i, times)
		}
	}
	for id, times := range shown {
		if times != 1 {
			t.Errorf("%s was shown %d times", id, times)
		}
	}
	if s.Len() != clients+added || steps < clients/50 || s.index.depth <= depth || len(shown) <= clients {
		t.Errorf("%d clients were shown in %d steps; %d are there, at depth %d", len(shown), steps, s.Len(), s.index.depth)
	}
}

// The same where many clients have one tag, so that steps end between them: here
// the tags are given, as no key makes such.
func TestWalkAmongEqualTags(t *testing.T) {
	s := newStore()
	add := func(id string, tag uint32) {
		if changed, err := s.add(tag, record(t, "AT A +0.000000000 "+id+" +0+0 1"), plenty); !changed || err != nil {
			t.Fatalf("adding %s: %v, %v", id, changed, err)
		}
	}
	var want []string
	for _, tag := range []uint32{0, 1, 1 << 31, allTags - 1} {
		for i := range 7 {
			id := fmt.Sprintf("c%d-%d", tag, i)
			add(id, tag)
			want = append(want, id)
		}
	}
	for most := 1; most <= len(want)+1; most++ {
		var got []string
		for from, more := (Cursor{}), true; more; {
			from, more = s.Walk(from, most, func(line []byte) { got = append(got, slowFields(line)[3]) })
		}
		if strings.Join(got, " ") != strings.Join(want, " ") {
			t.Errorf("in steps of %d:\n%v\nnot\n%v", most, got, want)
		}
	}
	// Between two steps others come, of the tag at which the walk stands and the
	// next, and are shown when their turn comes, while none is shown twice.
	var got []string
	show := func(line []byte) { got = append(got, slowFields(line)[3]) }
	from, _ := s.Walk(Cursor{}, 3, show)
	add("late0", 0)
	add("late1", 1)
	if _, more := s.Walk(from, 100, show); more || len(got) != len(want)+2 {
		t.Errorf("there is more: %v; shown were %v", more, got)
	}
	if at := strings.Join(got, " "); !strings.Contains(at, "c0-6 late0 c1-0") || !strings.Contains(at, "c1-6 late1 c2147483648-0") {
		t.Errorf("shown were %v", got)
	}
}

func TestWalkOverNothing(t *testing.T) {
	none := func([]byte) { t.Error("a line is shown") }
	s := newStore()
	if _, more := s.Walk(Cursor{}, 10, none); more {
		t.Error("an empty store has more")
	}
	put(t, s, kiwiAT)
	if from, more := s.Walk(Cursor{}, 0, none); !more || from != (Cursor{}) {
		t.Errorf("a step of no records: %v, %v", from, more)
	}
}
