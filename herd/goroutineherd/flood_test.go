package goroutineherd_test

import (
	"fmt"
	"testing"

	"proxyherd/herd/herdtest"
)

// Between a slow server and a client's answer stands the update's way to the others:
// they know of it when the answer is there, and the slow one is not waited for.
func TestAnAcknowledgementLeavesAfterTheUpdate(t *testing.T) {
	start(t, nil, func(t *testing.T, b *herdtest.Bubble) {
		c := b.Connect("Farmar")
		for i := range 200 {
			c.Send([]byte(report(fmt.Sprint("client", i)) + "\n"))
			if !b.Wait(func() bool { return len(c.Received()) > 0 }) {
				t.Fatal("no answer came")
			}
			lines(c)
			if n := b.Servers["Meeks"].Status().Records; n != i+1 {
				t.Fatalf("Meeks has %d records when %d were acknowledged", n, i+1)
			}
		}
	})
}
