package sim

import (
	"context"
	"errors"
	"testing"
)

var modes = []Mode{Safety, Liveness}

// Every promise is kept, in both modes, on any graph.
func TestEveryPromiseIsKept(t *testing.T) {
	c := Campaign{First: 1, Seeds: seedsOfTheTest, Modes: modes, Jobs: 2}
	o, err := c.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if f := o.Failure; f != nil {
		t.Fatalf("seed %d (%s): %v; run: herd sim --seed %d --mode %s --trace", f.Fight.Seed, f.Fight.Mode, f.Violations, f.Fight.Seed, f.Fight.Mode)
	}
	if want := 2 * seedsOfTheTest; o.Tally.Fights != want || o.Tally.Probes < want/2 || o.Tally.Messages < 100*want {
		t.Errorf("%d fights, %d updates followed, %d messages", o.Tally.Fights, o.Tally.Probes, o.Tally.Messages)
	}
	for _, kind := range FaultKinds {
		if o.Tally.Faults[kind] == 0 {
			t.Errorf("%s never occurred", kind)
		}
	}
}

func TestACampaignStopsAtAFailure(t *testing.T) {
	echo := variant(t, "echo")
	progress := 0
	c := Campaign{First: 1, Seeds: 1000, Modes: modes, Jobs: 2, Variant: echo, Progress: func(fights int) { progress = fights }}
	o, err := c.Run(t.Context())
	if err != nil || o.Failure == nil {
		t.Fatalf("%+v, %v", o, err)
	}
	if o.Tally.Fights == 2000 || progress != o.Tally.Fights {
		t.Errorf("%d fights, of which it told %d", o.Tally.Fights, progress)
	}
	// What it names fails by itself too, in the same way.
	again := o.Failure.Fight.Run(Watch{Variant: echo})
	if !again.Failed() || again.Violations[0] != o.Failure.Violations[0] {
		t.Errorf("again: %v, and it was %v", again.Violations, o.Failure.Violations)
	}
}

func TestACampaignCanBeBrokenOff(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	c := Campaign{First: 1, Seeds: 1000, Modes: modes, Jobs: 1, Progress: func(fights int) {
		if fights == 3 {
			cancel()
		}
	}}
	o, err := c.Run(ctx)
	if err != nil || o.Tally.Fights != 3 {
		t.Errorf("%d fights, %v", o.Tally.Fights, err)
	}
}

func TestACampaignOnNoGraph(t *testing.T) {
	c := Campaign{Seeds: 3, Modes: modes, Options: Options{Graph: "star"}}
	if _, err := c.Run(t.Context()); !errors.Is(err, ErrBadGraph) {
		t.Error(err)
	}
}

func TestWhatNeverOccurredIsMissed(t *testing.T) {
	tally := newTally()
	all := len(tally.Missing())
	for of, names := range expected {
		for _, name := range names {
			tally.counts()[of][name]++
		}
	}
	if missing := tally.Missing(); all < 40 || len(missing) > 0 {
		t.Errorf("of %d these are missing: %q", all, missing)
	}
	tally.Faults["sever"] = 0
	if missing := tally.Missing(); len(missing) != 1 || missing[0] != "faults: sever" {
		t.Errorf("missing: %q", missing)
	}
}

// variant finds one by its name.
func variant(t *testing.T, name string) *Variant {
	t.Helper()
	for i := range Variants {
		if Variants[i].Name == name {
			return &Variants[i]
		}
	}
	t.Fatalf("there is no variant %s", name)
	return nil
}
