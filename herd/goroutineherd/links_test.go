package goroutineherd_test

import (
	"fmt"
	"testing"

	"proxyherd/herd"
	"proxyherd/herd/herdtest"
)

func TestRecordsAreBoundedForClientsAndForNeighbours(t *testing.T) {
	start(t, func(c *herd.Config) { c.Limits.Records = 10 }, func(t *testing.T, b *herdtest.Bubble) {
		for i := range 12 {
			say(t, b, "Hill", report(fmt.Sprint("client", i)))
		}
		for i := range 12 {
			say(t, b, "Farmar", report(fmt.Sprint("client", i)))
		}
		if st := b.Servers["Hill"].Status(); st.Records != 10 || st.Counters.Full != 2 {
			t.Errorf("Hill took %d of 12 new clients, and counts %d too many", st.Records, st.Counters.Full)
		}
		if st := b.Servers["Farmar"].Status(); st.Records != 10 || st.Counters.Full != 2 {
			t.Errorf("Farmar, which knows 10, has %d and counts %d too many", st.Records, st.Counters.Full)
		}
		inAgreement(t, b)
	})
}
