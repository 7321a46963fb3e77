package goroutineherd_test

import (
	"testing"
	"time"

	"proxyherd/herd"
	"proxyherd/herd/herdtest"
)

// Who asks, and takes neither the answer nor its end, is cut off after close_timeout.
func TestWhoDoesNotTakeTheLastAnswerIsCutOff(t *testing.T) {
	alone(t, func(l *herd.Limits) { l.CloseTimeout = herd.Duration(3 * time.Second) }, func(t *testing.T, b *herdtest.Bubble) {
		c := b.Connect(solo)
		settle(b)
		c.(herdtest.Deaf).PauseProducing()
		c.Send([]byte(report("a") + "\n"))
		for range 30 { // a page each, and the network holds few
			c.Send([]byte("WHATSAT a 100 100\n"))
		}
		c.End()
		b.Advance(2900 * time.Millisecond)
		if st := b.Servers[solo].Status(); st.Connections != 1 || len(st.Closed) != 0 {
			t.Errorf("after 2.9 s: %d connections, counted %v", st.Connections, st.Closed)
		}
		b.Advance(200 * time.Millisecond)
		if st := b.Servers[solo].Status(); st.Connections != 0 || len(st.Closed) != 1 || st.Closed["close_timeout"] != 1 {
			t.Errorf("after 3.1 s: %d connections, counted %v, want one close_timeout", st.Connections, st.Closed)
		}
	})
}
