package sim

import (
	"runtime/debug"
	"testing"
)

// A fight of the built-in herd, from its seed to the verdict, with as little garbage
// collected as in a campaign.
func BenchmarkFight(b *testing.B) {
	defer debug.SetGCPercent(debug.SetGCPercent(GarbagePercent))
	seed := uint64(0)
	for b.Loop() {
		seed++
		f, err := NewFight(seed, modes[seed%2], Options{Graph: "builtin"})
		if err != nil {
			b.Fatal(err)
		}
		if r := f.Run(Watch{}); r.Failed() {
			b.Fatalf("seed %d: %v", seed, r.Violations)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "fights/s")
}
