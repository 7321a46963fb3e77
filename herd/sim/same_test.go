package sim

import (
	"crypto/sha256"
	"fmt"
	"hash"
	"sync"
	"testing"

	"proxyherd/reactor/reactortest"
)

// traceOf is a digest of every event of a fight and of all that clients saw, and
// what it came to.
func traceOf(f *Fight, v *Variant) string {
	all := sha256.New()
	events := 0
	result := f.Run(Watch{
		Variant: v,
		Event:   func(e reactortest.Event) { events++; write(all, "%v", e) },
		Note:    func(acts int, text string) { write(all, "%d %s", acts, text) },
	})
	for _, violation := range result.Violations {
		write(all, "%v", violation)
	}
	return fmt.Sprintf("%d events, %x", events, all.Sum(nil))
}

func write(h hash.Hash, format string, args ...any) { fmt.Fprintf(h, format+"\n", args...) }

// A seed decides everything: the same one gives the same events, also beside
// other fights in the same process.
func TestTheSameSeedGivesTheSameTrace(t *testing.T) {
	const runs = 50
	var fights sync.WaitGroup
	traces := make([]string, runs)
	for worker := range 2 {
		fights.Go(func() {
			for run := worker; run < runs; run += 2 {
				f, err := NewFight(uint64(7+run%2), Liveness, Options{})
				if err != nil {
					t.Error(err)
					return
				}
				traces[run] = traceOf(f, nil)
			}
		})
	}
	fights.Wait()
	for run, trace := range traces {
		if trace != traces[run%2] {
			t.Errorf("run %d: %s, and the first was %s", run, trace, traces[run%2])
		}
	}
	if traces[0] == traces[1] {
		t.Error("two seeds gave the same trace")
	}
}
