package herd

import (
	"bytes"
	"errors"
	"strings"
	"testing"
)

// seals are the two ends of both directions of a link.
func seals(t *testing.T) (dialler, acceptor [2]*Seal) {
	t.Helper()
	d, a := opening(t)
	if one, two, _ := play(d, a, untouched); !one.done || !two.done {
		t.Fatal("the handshake failed")
	}
	dialler[0], dialler[1] = d.Seals()
	acceptor[0], acceptor[1] = a.Seals()
	return dialler, acceptor
}

// sent is what one end sends: lines, and a MAC line after the last.
func sent(s *Seal, lines ...string) (all []string) {
	for _, line := range lines {
		s.Add([]byte(line + "\n"))
	}
	return append(lines, string(withoutEnd(s.AppendMAC(nil))))
}

// heeded is what the other end has taken for proved when all lines have come, or
// the error before.
func heeded(s *Seal, lines []string) (proved []string, err error) {
	var held []string
	for _, line := range lines {
		isMAC, err := s.Check([]byte(line))
		switch {
		case err != nil:
			return proved, err
		case isMAC:
			proved, held = append(proved, held...), nil
		default:
			s.Add([]byte(line + "\n"))
			held = append(held, line)
		}
	}
	return proved, nil
}

func TestSealedLinesArrive(t *testing.T) {
	dialler, acceptor := seals(t)
	for _, way := range [][2]*Seal{{dialler[0], acceptor[1]}, {acceptor[0], dialler[1]}} {
		for range 3 {
			proved, err := heeded(way[1], sent(way[0], "AT one", "AT two"))
			if err != nil || strings.Join(proved, ",") != "AT one,AT two" {
				t.Errorf("proved are %q, %v", proved, err)
			}
		}
	}
}

func TestWhateverIsChangedOnTheWayIsNotHeeded(t *testing.T) {
	changes := map[string]func(first, second, back []string) []string{
		"a line is changed":        func(a, _, _ []string) []string { return []string{"AT 0ne", a[1], a[2]} },
		"a line is left out":       func(a, _, _ []string) []string { return a[1:] },
		"a line is added":          func(a, _, _ []string) []string { return []string{a[0], a[1], "AT three", a[2]} },
		"lines change places":      func(a, _, _ []string) []string { return []string{a[1], a[0], a[2]} },
		"all is left out":          func(_, b, _ []string) []string { return b },
		"all is repeated":          func(a, _, _ []string) []string { return append(a[:3:3], a...) },
		"what went back":           func(_, _, back []string) []string { return back },
		"the MAC line alone":       func(a, _, _ []string) []string { return a[2:] },
		"the MAC line is cut":      func(a, _, _ []string) []string { return []string{a[0], a[1], a[2][:len(a[2])-2]} },
		"the MAC line has more":    func(a, _, _ []string) []string { return []string{a[0], a[1], a[2] + " x"} },
		"the number is another":    func(a, _, _ []string) []string { return []string{a[0], a[1], strings.Replace(a[2], " 1 ", " 2 ", 1)} },
		"the number has zeros":     func(a, _, _ []string) []string { return []string{a[0], a[1], strings.Replace(a[2], " 1 ", " 01 ", 1)} },
		"two lines are run in one": func(a, _, _ []string) []string { return []string{a[0] + " " + a[1], a[2]} },
	}
	for name, change := range changes {
		dialler, acceptor := seals(t)
		first, second := sent(dialler[0], "AT one", "AT two"), sent(dialler[0], "AT three")
		back := sent(acceptor[0], "AT one", "AT two")
		proved, err := heeded(acceptor[1], change(first, second, back))
		if !errors.Is(err, ErrBadMAC) || Reason(err) != "bad_mac" {
			t.Errorf("%s: proved are %q, %v", name, proved, err)
		}
		if name != "all is repeated" && proved != nil {
			t.Errorf("%s, and %q was heeded", name, proved)
		}
	}
}

func TestSealsOfTwoConnectionsDiffer(t *testing.T) {
	one := NewDialler(identity(t, "Farmar"), "Meeks", nonce(1))
	other := NewAcceptor(identity(t, "Meeks"), nonce(2))
	play(one, other, untouched)
	mine, _ := one.Seals()
	dialler, _ := seals(t)
	if bytes.Equal(mine.AppendMAC(nil), dialler[0].AppendMAC(nil)) {
		t.Error("what was sent on one connection is proved on another")
	}
}
