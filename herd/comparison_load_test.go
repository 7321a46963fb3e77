package herd

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// Both servers take reports all the while, and pass them on. What is on its way
// is no difference; what truly differs is found all the same.
func TestAComparisonUnderLoadResendsNothing(t *testing.T) {
	reports := 0
	for seed := range uint64(40) {
		random := rand.New(rand.NewPCG(seed, 2))
		a, b := newEnd(), newEnd()
		for i := range 300 {
			a.put(t, reportOf(i, 0), false)
			b.put(t, reportOf(i, 0), false)
		}
		truly := int(seed % 3)
		for i := range truly {
			a.put(t, reportOf(1000+i, 0), false)
			b.put(t, reportOf(2000+i, 0), false)
		}
		clock := 0
		c, outcome := compare(t, a, b, 1, func() {
			for range random.IntN(3) {
				clock++
				to := []*end{a, b}[random.IntN(2)]
				to.put(t, reportOf(random.IntN(300), clock), true)
			}
		})
		deliver(t, a, b)
		if outcome != Compared || a.records != truly || b.records != truly {
			t.Errorf("seed %d: outcome %d, %d and %d records sent by the comparison, want %d each", seed, outcome, a.records, b.records, truly)
		}
		if c.Differ() != 2*truly || !slices.Equal(linesOf(a.store), linesOf(b.store)) {
			t.Errorf("seed %d: %d buckets differed, and the stores agree: %v", seed, c.Differ(), slices.Equal(linesOf(a.store), linesOf(b.store)))
		}
		reports += clock
	}
	if reports < 500 {
		t.Errorf("only %d reports came meanwhile", reports)
	}
}

// Every bucket changes while any line is on its way, as with few buckets and many
// reports. What is missing crosses all the same, and the count is of that alone.
func TestWhatIsMissingInABusyBucketCrosses(t *testing.T) {
	reports := 0
	for seed := range uint64(40) {
		random := rand.New(rand.NewPCG(seed, 4))
		a, b := newEnd(), newEnd()
		const clients, ranges = 64, 16
		newCoarse := func() *Store {
			return NewStore(StoreSettings{Future: testFuture, Key: DigestKey(secret), Buckets: ranges})
		}
		a.store, b.store = newCoarse(), newCoarse()
		for i := range clients {
			a.put(t, reportOf(i, 0), false)
			b.put(t, reportOf(i, 0), false)
		}
		truly := int(seed % 5)
		for i := range truly {
			a.put(t, reportOf(1000+i, 0), false)
			b.put(t, reportOf(2000+i, 0), false)
		}
		clock := 0
		busy := func() {
			for i := range clients {
				clock++
				[]*end{a, b}[random.IntN(2)].put(t, reportOf(i, clock), true)
			}
		}
		// hop takes all that one end has sent until now to the other.
		hop := func(from, to *end, c *Comparison) (outcome Outcome) {
			lines := from.sent
			from.sent = nil
			for _, line := range lines {
				outcome = max(outcome, to.take(t, line, c))
			}
			return outcome
		}
		c, outcome := NewComparison(a.store, a.store.Bits(), 1), Comparing
		for c.Start(a); outcome == Comparing; outcome = hop(b, a, c) {
			busy()
			hop(a, b, nil)
			busy()
		}
		if outcome != Compared || a.records != truly || b.records != truly || a.store.Len() != clients+2*truly {
			t.Fatalf("seed %d: outcome %d, %d and %d records sent by the comparison, want %d each; %d records",
				seed, outcome, a.records, b.records, truly, a.store.Len())
		}
		if r := c.Resync(); c.Differ() > 2*truly || (c.Differ() > 0) != (truly > 0) || r.Sent != int64(truly) || r.Received != int64(truly) {
			t.Errorf("seed %d: %d buckets differed, %+v", seed, c.Differ(), r)
		}
		deliver(t, a, b)
		if !slices.Equal(linesOf(a.store), linesOf(b.store)) {
			t.Errorf("seed %d: the stores do not agree", seed)
		}
		reports += clock
	}
	if reports < 10_000 {
		t.Errorf("only %d reports came meanwhile", reports)
	}
}
