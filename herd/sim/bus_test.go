package sim

import "testing"

// Every promise is kept on a bus too, in both modes, with several shards or one.
func TestEveryPromiseIsKeptOnABus(t *testing.T) {
	const seeds = seedsOfTheTest / 3 // they take longer than those with links
	c := Campaign{First: 1, Seeds: seeds, Modes: modes, Options: Options{Bus: true}, Jobs: 2}
	o, err := c.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if f := o.Failure; f != nil {
		t.Fatalf("seed %d (%s): %v; run: herd sim --bus --seed %d --mode %s --trace", f.Fight.Seed, f.Fight.Mode, f.Violations, f.Fight.Seed, f.Fight.Mode)
	}
	if want := 2 * seeds; o.Tally.Fights != want || o.Tally.Probes < want/2 || o.Tally.Messages < 100*want {
		t.Errorf("%d fights, %d updates followed, %d messages", o.Tally.Fights, o.Tally.Probes, o.Tally.Messages)
	}
	if got := o.Tally.Paths[onABus]; got != o.Tally.Fights || o.Tally.Paths["records exchanged"] == 0 || o.Tally.Closes["duplicate_link"] > 0 {
		t.Errorf("%d of %d fights were on a bus: %v", got, o.Tally.Fights, o.Tally.Paths)
	}
}

// Mistakes that a bus can show are noticed there.
func TestMistakesAreNoticedOnABus(t *testing.T) {
	for _, name := range []string{"no-resync", "tie-lost", "client-time"} {
		c := Campaign{First: 1, Seeds: 500, Modes: modes, Options: Options{Bus: true}, Variant: variant(t, name), Jobs: 2}
		o, err := c.Run(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if o.Failure == nil {
			t.Errorf("%s is not noticed in %d fights", name, o.Tally.Fights)
			continue
		}
		t.Logf("%-13s noticed at seed %d (%s): %s", name, o.Failure.Fight.Seed, o.Failure.Fight.Mode, o.Failure.Violations[0])
	}
}

// A fight on a bus is the same one each time, written as a script too.
func TestAFightOnABusIsTheSameAgain(t *testing.T) {
	f, err := NewFight(7, Safety, Options{Bus: true})
	if err != nil {
		t.Fatal(err)
	}
	one, other := f.Run(Watch{}), f.Run(Watch{})
	if one.Tally.Messages == 0 || one.Tally.Messages != other.Tally.Messages || one.Failed() || other.Failed() {
		t.Errorf("%d messages and then %d; %v, %v", one.Tally.Messages, other.Tally.Messages, one.Violations, other.Violations)
	}
}
