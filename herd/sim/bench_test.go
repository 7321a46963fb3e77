package sim

import "testing"

// A fight of the built-in herd, from its seed to the verdict.
func BenchmarkFight(b *testing.B) {
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
