package sim

import "testing"

// The checks are checked: each known mistake is noticed, and soon.
func TestEachKnownMistakeIsNoticed(t *testing.T) {
	const most = 10_000
	noticed := 0
	for _, v := range Variants {
		c := Campaign{First: 1, Seeds: most, Modes: modes, Variant: &v, Jobs: 2}
		o, err := c.Run(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if o.Failure == nil {
			t.Errorf("%s (%s) is not noticed in %d fights", v.Name, v.What, o.Tally.Fights)
			continue
		}
		noticed++
		t.Logf("%-13s noticed at seed %d (%s): %s", v.Name, o.Failure.Fight.Seed, o.Failure.Fight.Mode, o.Failure.Violations[0].Rule)
	}
	if noticed < 10 {
		t.Errorf("only %d mistakes were noticed", noticed)
	}
}

// A failure becomes small enough to read, and is still the same failure.
func TestAFailureIsMadeSmaller(t *testing.T) {
	for _, name := range []string{"no-resync", "tie-lost", "answer-first"} {
		v := variant(t, name)
		c := Campaign{First: 1, Seeds: 1000, Modes: []Mode{Safety}, Variant: v, Jobs: 2}
		o, err := c.Run(t.Context())
		if err != nil || o.Failure == nil {
			t.Fatalf("%s: %+v, %v", name, o, err)
		}
		f := o.Failure.Fight
		small := Shrink(f, v, 1000)
		r := small.Run(Watch{Variant: v})
		if !r.Failed() || r.Violations[0].Rule != o.Failure.Violations[0].Rule {
			t.Errorf("%s: the smaller one comes to %v, and it was %v", name, r.Violations, o.Failure.Violations)
		}
		if len(small.Acts) > 20 {
			t.Errorf("%s: it has %d acts still, of %d", name, len(small.Acts), len(f.Acts))
		}
		if healthy := small.Run(Watch{}); healthy.Failed() {
			t.Errorf("%s: servers without the mistake fail too: %v", name, healthy.Violations)
		}
	}
}

func TestAFightWithoutAFailureStaysAsItIs(t *testing.T) {
	f, err := NewFight(1, Safety, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if Shrink(f, nil, 10) != f {
		t.Error("it was made smaller")
	}
}
