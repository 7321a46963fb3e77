package main

import (
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"proxyherd/bench/scaling/scaled"
)

// A little of everything is measured, on real servers, and written.
func TestALittleOfEverything(t *testing.T) {
	// The servers are built from the module's folder, as make scaling runs there.
	t.Chdir("../..")
	var said, progress strings.Builder
	dir := t.TempDir()
	if err := run(t.Context(), []string{"-quick", "-results", dir}, &said, &progress); err != nil {
		t.Fatalf("%v\n%s", err, &progress)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*", "*-scaling.json"))
	if err != nil || len(files) != 1 {
		t.Fatalf("%q, %v", files, err)
	}
	r, err := read(files[0])
	if err != nil {
		t.Fatal(err)
	}
	// Two degrees for three processes, in two regimes: one with copies, where there are
	// neighbours for it.
	if want := 3 * 2 * (2 + 1 + 2); len(r.Points) != want {
		t.Errorf("%d points, want %d", len(r.Points), want)
	}
	for _, p := range r.Points {
		for _, round := range p.Rounds {
			if len(p.Rounds) != small.rounds || round.Cost <= 0 || round.Rate <= 0 || (round.Through > 0) != (p.Regime == scaled.Alone && p.Sends() > 0) {
				t.Errorf("%+v", p)
			}
		}
	}
	for _, h := range r.Herds {
		if h.Graph == scaled.OnNATS { // there are beats among them, and many updates in one
			if h.Messages <= 0 || h.Formula != 5 || len(h.Rounds) != small.rounds {
				t.Errorf("%+v", h)
			}
			continue
		}
		// Every update took just the messages that the formula says.
		if math.Abs(h.Messages-float64(h.Formula)) > 1e-9 || h.Formula != 6 {
			t.Errorf("%+v", h)
		}
	}
	herds := 4
	if r.Missing == "" {
		herds += 4 // on NATS
	}
	if len(r.Herds) != herds || len(r.Rests) != 4 || r.Line < 70 || r.Line > 100 {
		t.Errorf("%d herds, %d servers at rest, updates of %g bytes", len(r.Herds), len(r.Rests), r.Line)
	}
	for _, rest := range r.Rests {
		// In so short a time there may be no heartbeat.
		for _, round := range rest.Rounds {
			if len(rest.Rounds) != small.rounds || round.CPU < 0 || round.Bytes < 0 || round.Bytes > 0 && rest.Degree == 0 {
				t.Errorf("%+v", rest)
			}
		}
	}
	for _, g := range r.Graphs {
		if g.Followed != 2 || g.Messages != g.Formula || g.Hops != g.Eccentricity {
			t.Errorf("%+v", g)
		}
	}
	// The same again, from the JSON.
	again := t.TempDir()
	if err := run(t.Context(), []string{"-again", files[0], "-results", again}, io.Discard, &progress); err != nil {
		t.Fatal(err)
	}
	page := strings.TrimSuffix(files[0], "json") + "md"
	first, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	name, err := filepath.Rel(dir, page)
	if err != nil {
		t.Fatal(err)
	}
	second, err := os.ReadFile(filepath.Join(again, name))
	if err != nil || string(second) != string(first) || !strings.HasPrefix(said.String(), string(first)) {
		t.Errorf("the page was written again as %s (%v)", second, err)
	}
}

func TestWhatCannotBeRun(t *testing.T) {
	for _, args := range [][]string{{"now"}, {"-again", "missing.json"}, {"-slow"}} {
		if err := run(t.Context(), args, io.Discard, io.Discard); err == nil {
			t.Errorf("%q was run", args)
		}
	}
}

// Where the simulator stops, the last size that it takes is among them, and those beyond it
// have the formula alone.
func TestWhereTheSimulatorStops(t *testing.T) {
	mesh := &scaled.Kinds[slices.IndexFunc(scaled.Kinds, func(k scaled.Kind) bool { return k.Name == "mesh" })]
	if got, want := sizesOf(mesh, []int{5, 50, 500, 5000}), []int{5, 50, 200, 500, 5000}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	if got, want := sizesOf(mesh, []int{5, 50}), []int{5, 50}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	g, err := follow(mesh, 5000, 1)
	if err != nil || g.Followed != 0 || g.Formula != 4999*4999 || !strings.Contains(g.Missing, "12,497,500 links") {
		t.Errorf("%+v, %v", g, err)
	}
}
