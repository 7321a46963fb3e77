package sim

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"
)

// A seed is a real fight.
func TestEveryFightIsAFight(t *testing.T) {
	near, equal := 0, 0
	for seed := range uint64(150) {
		for _, mode := range modes {
			f, err := NewFight(seed, mode, Options{})
			if err != nil {
				t.Fatal(err)
			}
			commands, faults := census(f)
			count := 0
			for _, n := range faults {
				count += n
			}
			if commands < leastCommands || count < leastFaults || len(faults) < leastKinds {
				t.Errorf("seed %d (%s): %d commands, %d faults of %d kinds", seed, mode, commands, count, len(faults))
			}
			if last := f.Acts[len(f.Acts)-1].At; last < fightLength-5*time.Second {
				t.Errorf("seed %d (%s): it is over after %v", seed, mode, last)
			}
			if mode == Liveness && len(f.Part) >= len(f.Graph.Names) || mode == Safety && len(f.Part) != len(f.Graph.Names) {
				t.Errorf("seed %d (%s): %d of %d servers are mended", seed, mode, len(f.Part), len(f.Graph.Names))
			}
			n, e := collisions(f)
			near, equal = near+n, equal+e
		}
	}
	if near < 500 || equal < 500 {
		t.Errorf("300 fights have %d pairs of reports 1 ns apart, and %d at the same time", near, equal)
	}
}

// census counts a fight's commands, and its faults by kind.
func census(f *Fight) (commands int, faults map[string]int) {
	faults = map[string]int{}
	for _, a := range f.Acts {
		switch {
		case a.Verb == ">":
			commands++
		case a.Verb == ">|":
			commands += strings.Count(a.Text, "\n")
		case a.Verb == "upstream" && a.Name == "works":
		case slices.Contains(FaultKinds, a.Verb):
			faults[a.Verb]++
		}
	}
	return commands, faults
}

// collisions counts the pairs of reports of one client that are 1 ns apart, and
// those at the same time.
func collisions(f *Fight) (near, equal int) {
	times := map[string][]moment{}
	for _, a := range f.Acts {
		if c := parseCommand(a.Text, false); a.Verb == ">" && c.verb == iamat {
			at, _ := parseMoment(c.time)
			for _, other := range times[c.id] {
				switch at {
				case other:
					equal++
				case other.plus(moment{nanos: 1}):
					near++
				}
			}
			times[c.id] = append(times[c.id], at)
		}
	}
	return near, equal
}

func TestTheUserSaysWhichGraph(t *testing.T) {
	for _, c := range []struct {
		o       Options
		kind    string
		servers int
	}{
		{Options{Graph: "builtin"}, "builtin", 5},
		{Options{Graph: "ring", Servers: 9}, "ring", 9},
		{Options{Graph: "mesh", Servers: 2}, "mesh", 2},
	} {
		f, err := NewFight(1, Safety, c.o)
		if err != nil || f.Graph.Kind != c.kind || len(f.Graph.Names) != c.servers {
			t.Errorf("%+v: %v, %v", c.o, f, err)
		}
	}
	if _, err := NewFight(1, Safety, Options{Graph: "star"}); !errors.Is(err, ErrBadGraph) {
		t.Errorf("a star: %v", err)
	}
	for seed := range uint64(50) {
		if f, err := NewFight(seed, Safety, Options{Servers: 4}); err != nil || len(f.Graph.Names) != 4 {
			t.Errorf("seed %d of 4 servers: %v", seed, err)
		}
	}
}
