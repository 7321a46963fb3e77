//go:build linux

package sockets

import (
	"os"
	"slices"
	"testing"

	"go.uber.org/goleak"

	"proxyherd/reactor/internal/oracle/scenario"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m,
		// gnet's worker pool starts these when it is imported.
		goleak.IgnoreTopFunction("github.com/panjf2000/ants/v2.(*poolCommon).purgeStaleWorkers"),
		goleak.IgnoreTopFunction("github.com/panjf2000/ants/v2.(*poolCommon).ticktock"))
}

// TestAnyPart: a script with a line left out is one too; it comes to its end,
// and every step of it settles.
func TestAnyPart(t *testing.T) {
	played := 0
	for _, seed := range []uint64{3, 14, 22, 31} {
		script := Family.Script(seed)
		for leave := range script {
			part := slices.Delete(slices.Clone(script), leave, leave+1)
			if slices.Contains(play(part), "unsettled") {
				t.Fatalf("seed %d without line %d does not settle", seed, leave)
			}
			played++
		}
	}
	if played < 20 {
		t.Fatalf("%d parts played: too few", played)
	}
}

// TestNothingIsLeft: no scenario leaves a descriptor open.
func TestNothingIsLeft(t *testing.T) {
	play(Family.Script(0)) // what the runtime opens for itself is open then
	before := descriptors(t)
	for seed := range uint64(20) {
		play(Family.Script(seed))
	}
	if after := descriptors(t); after != before {
		t.Fatalf("%d descriptors were open, and %d are after 20 scenarios", before, after)
	}
}

func descriptors(t *testing.T) int {
	t.Helper()
	list, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(list)
}

// TestRaisingAtOnceEndsTheStep: what a reaction raises inside a statement of a
// step leaves neither the scenario nor the step after it hanging.
func TestRaisingAtOnceEndsTheStep(t *testing.T) {
	got := play(scenario.Script{
		"in resumed c1 1: raise c1", "listen p1", "connect c1 p1", "pull c1 10 2; write c1 5", "raise c1", "write c1 7"})
	want := scenario.Transcript{"step pull c1 10 2; write c1 5", "resumed c1", "step raise c1", "step write c1 7",
		"resumed c1", "resumed c1", "received s1 27 59b21c6f"}
	if last := got[max(0, len(got)-len(want)):]; !slices.Equal(last, want) {
		t.Fatalf("the last events are %q, want %q", last, want)
	}
}
