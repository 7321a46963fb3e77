package main

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"proxyherd/reactor/internal/oracle/scenario"
)

// some is n, or less of a family whose scenarios are slow.
func some(n int, f scenario.Family) uint64 {
	return uint64(n * min(weight(f), scenario.DefaultWeight) / scenario.DefaultWeight)
}

// TestEveryKindOccurs has up to 2,000 scenarios of each family, and 400 at least,
// say and show everything that the family claims, and nothing else.
func TestEveryKindOccurs(t *testing.T) {
	for _, f := range families {
		t.Run(f.Name, func(t *testing.T) {
			t.Parallel()
			statements, events := counts{}, counts{}
			for seed := range some(2000, f) {
				script := f.Script(seed)
				statements.addKinds(script, scenario.StatementKind)
				events.addKinds(f.Play(script), scenario.EventKind)
				if seed >= some(400, f) && statements.have(f.Statements) && events.have(f.Events) {
					break
				}
			}
			same(t, "statement", f.Statements, statements)
			same(t, "event", f.Events, events)
		})
	}
}

// same fails unless the kinds that occurred are those that were claimed.
func same(t *testing.T, what string, claimed []string, occurred counts) {
	t.Helper()
	if len(claimed) == 0 {
		t.Fatalf("the family claims no %s", what)
	}
	for _, kind := range claimed {
		if occurred[kind] == 0 {
			t.Errorf("%s %q never occurred", what, kind)
		}
	}
	for _, kind := range slices.Sorted(maps.Keys(occurred)) {
		if !slices.Contains(claimed, kind) {
			t.Errorf("%s %q occurred %d times and is not claimed", what, kind, occurred[kind])
		}
	}
}

// TestSeeds: a seed has one script for ever, and a script one transcript.
func TestSeeds(t *testing.T) {
	played := 0
	for _, f := range families {
		for seed := range some(20, f) {
			script := f.Script(seed)
			if again := f.Script(seed); !slices.Equal(again, script) {
				t.Fatalf("family %s, seed %d gave %q, then %q", f.Name, seed, script, again)
			}
			first := f.Play(script)
			for range 49 {
				if again := f.Play(script); !slices.Equal(again, first) {
					t.Fatalf("family %s, seed %d gave %q, then %q", f.Name, seed, first, again)
				}
				played++
			}
		}
	}
	if played < 5000 {
		t.Fatalf("%d transcripts compared: too few", played)
	}
}

// TestAnyPart: whatever is left out of a script, what is left is one, on which
// ours meets nothing unforeseen.
func TestAnyPart(t *testing.T) {
	played := 0
	for _, f := range families {
		for seed := range some(60, f) {
			script := f.Script(seed)
			for leave := range script {
				for _, event := range f.Play(slices.Delete(slices.Clone(script), leave, leave+1)) {
					if strings.Contains(event, "unforeseen") || strings.Contains(event, "not foreseen") {
						t.Fatalf("family %s, seed %d without statement %d: %s", f.Name, seed, leave, event)
					}
				}
				played++
			}
		}
	}
	if played < 5000 {
		t.Fatalf("%d parts played: too few", played)
	}
}

// have reports whether all of these have occurred.
func (c counts) have(kinds []string) bool {
	return !slices.ContainsFunc(kinds, func(kind string) bool { return c[kind] == 0 })
}
