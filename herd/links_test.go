package herd

import (
	"errors"
	"slices"
	"testing"
)

// at is a time in seconds.
func at(sec int64) Timestamp { return Timestamp{Sec: sec} }

func TestOneLinkStays(t *testing.T) {
	for _, c := range []struct {
		name     string
		self     string
		old, new Link
		close    uint64 // 0: none
		why      error
	}{
		{"lower name dialled the old", "A", Link{1, "B", 7, Dialler}, Link{2, "B", 7, Acceptor}, 2, ErrDuplicateLink},
		{"lower name dialled the new", "A", Link{1, "B", 7, Acceptor}, Link{2, "B", 7, Dialler}, 1, ErrDuplicateLink},
		{"as the higher name sees the first", "B", Link{1, "A", 8, Acceptor}, Link{2, "A", 8, Dialler}, 2, ErrDuplicateLink},
		{"as the higher name sees the second", "B", Link{1, "A", 8, Dialler}, Link{2, "A", 8, Acceptor}, 1, ErrDuplicateLink},
		{"names are compared as bytes", "b", Link{1, "A", 8, Dialler}, Link{2, "A", 8, Acceptor}, 1, ErrDuplicateLink},
		{"dialled twice by us", "A", Link{1, "B", 7, Dialler}, Link{2, "B", 7, Dialler}, 1, ErrReplaced},
		{"dialled twice by them", "A", Link{1, "B", 7, Acceptor}, Link{2, "B", 7, Acceptor}, 1, ErrReplaced},
		{"restarted, dialled by them", "A", Link{1, "B", 7, Dialler}, Link{2, "B", 9, Acceptor}, 1, ErrReplaced},
		{"restarted, dialled by us", "B", Link{1, "A", 7, Acceptor}, Link{2, "A", 9, Dialler}, 1, ErrReplaced},
		{"another neighbour", "A", Link{1, "B", 7, Dialler}, Link{2, "C", 7, Dialler}, 0, nil},
	} {
		l := NewLinks(c.self)
		if first := l.Open(c.old, at(0)); first != (Opened{}) {
			t.Errorf("%s: the first link: %+v", c.name, first)
		}
		got := l.Open(c.new, at(1))
		if got.Close.Number != c.close || !errors.Is(got.Why, c.why) || got.Alarm != nil {
			t.Errorf("%s: %+v", c.name, got)
		}
		stays, open := l.To(c.new.Peer)
		if want := c.close != c.new.Number; !open || (stays == c.new) != want {
			t.Errorf("%s: %+v stays, %v", c.name, stays, open)
		}
	}
}

func TestLostLinks(t *testing.T) {
	l := NewLinks("A")
	first, second := Link{1, "B", 7, Dialler}, Link{2, "B", 7, Acceptor}
	l.Lost(first) // of which nothing is known
	l.Open(first, at(0))
	l.Open(second, at(1)) // the duplicate, which is closed
	l.Lost(second)
	if stays, open := l.To("B"); !open || stays != first {
		t.Errorf("losing the duplicate loses the link: %+v, %v", stays, open)
	}
	l.Lost(first)
	if _, open := l.To("B"); open {
		t.Error("a lost link is open")
	}
	if got := l.Open(second, at(2)); got != (Opened{}) {
		t.Errorf("a link after the lost one: %+v", got)
	}
}

// wire is one connection between two servers, as a simulation of both sees it.
type wire struct {
	number  uint64
	dialler int // 0 or 1: which end
	open    [2]bool
	cut     bool
}

// Two servers dial each other whenever they have no link, and each decides by
// what it has seen so far, in any order. Once both have seen all that happened,
// they have one link, and it is the same.
func TestBothEndsKeepTheSameLink(t *testing.T) {
	const rounds = 5_000
	duplicates := 0
	for seed := range uint64(rounds) {
		r := newRandom(seed)
		names := [2]string{"Farmar", "Meeks"}
		ends := [2]*Links{NewLinks(names[0]), NewLinks(names[1])}
		var wires []*wire
		dialling := [2]bool{}
		end := func(w *wire, i int) Link {
			role := Acceptor
			if w.dialler == i {
				role = Dialler
			}
			return Link{Number: w.number, Peer: names[1-i], Boot: Boot(1 - i), Role: role}
		}
		cut := func(w *wire) {
			w.cut = true
			dialling[w.dialler] = false
		}
		open := func(w *wire, i int) {
			w.open[i] = true
			if i == w.dialler {
				dialling[i] = false
			}
			if got := ends[i].Open(end(w, i), at(0)); got.Why != nil {
				duplicates++
				closed := slices.IndexFunc(wires, func(w *wire) bool { return w.number == got.Close.Number })
				wires[closed].open[i] = false
				cut(wires[closed])
			}
		}
		lose := func(w *wire, i int) {
			w.open[i] = false
			ends[i].Lost(end(w, i))
		}
		// step does one thing that can happen now, and reports whether there was any.
		step := func() bool {
			var can []func()
			for i := range ends {
				if _, linked := ends[i].To(names[1-i]); !linked && !dialling[i] {
					can = append(can, func() {
						dialling[i] = true
						wires = append(wires, &wire{number: uint64(len(wires) + 1), dialler: i})
					})
				}
			}
			for _, w := range wires {
				acceptor := 1 - w.dialler
				switch {
				case w.cut && w.open[0]:
					can = append(can, func() { lose(w, 0) })
				case w.cut && w.open[1]:
					can = append(can, func() { lose(w, 1) })
				case w.cut:
				case !w.open[acceptor]: // it has verified the dialler's proof
					can = append(can, func() { open(w, acceptor) })
				case !w.open[w.dialler]: // and the dialler the acceptor's
					can = append(can, func() { open(w, w.dialler) })
				}
			}
			if len(can) == 0 {
				return false
			}
			can[r.IntN(len(can))]()
			return true
		}
		steps := 0
		for ; step(); steps++ {
			if steps == 1000 {
				t.Fatalf("seed %d: the servers link for ever", seed)
			}
		}
		a, aOpen := ends[0].To(names[1])
		b, bOpen := ends[1].To(names[0])
		if !aOpen || !bOpen || a.Number != b.Number {
			t.Fatalf("seed %d: Farmar has link %+v (%v), Meeks has %+v (%v)", seed, a, aOpen, b, bOpen)
		}
	}
	if duplicates < rounds/10 {
		t.Errorf("only %d duplicates in %d rounds", duplicates, rounds)
	}
}

func TestTwoProcessesOfOneName(t *testing.T) {
	open := func(l *Links, number int, boot Boot, sec int64) error {
		return l.Open(Link{uint64(number), "B", boot, Acceptor}, at(sec)).Alarm
	}
	for _, c := range []struct {
		name   string
		boots  []Boot
		every  int64 // seconds
		alarms int
	}{
		{"two that alternate", []Boot{1, 2, 1, 2, 1, 2, 1}, 5, 2}, // the 4th and 5th return
		{"two that alternate three times", []Boot{1, 2, 1, 2, 1}, 5, 0},
		{"three in turn", []Boot{1, 2, 3, 1, 2, 3, 1, 2}, 1, 2},
		{"one that crashes and restarts", []Boot{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20}, 1, 0},
		{"one that links again and again", []Boot{1, 1, 1, 1, 1, 1, 1, 1, 1, 1}, 1, 0},
		{"two that alternate slowly", []Boot{1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2}, 20, 0},
		{"two that alternate for long", []Boot{1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2}, 1, 27},
	} {
		for _, lost := range []bool{false, true} { // the same, if links are lost between
			l := NewLinks("A")
			alarms := 0
			for i, boot := range c.boots {
				if err := open(l, i, boot, int64(i)*c.every); err != nil {
					if !errors.Is(err, ErrDuplicateName) {
						t.Errorf("%s: %v", c.name, err)
					}
					alarms++
				}
				if lost {
					l.Lost(Link{uint64(i), "B", boot, Acceptor})
				}
			}
			if alarms != c.alarms {
				t.Errorf("%s, links lost between %v: %d alarms, want %d", c.name, lost, alarms, c.alarms)
			}
		}
	}
}
