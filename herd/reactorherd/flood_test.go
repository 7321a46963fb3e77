package reactorherd_test

import (
	"testing"

	"proxyherd/herd/herdtest"
	"proxyherd/reactor/reactortest"
)

func TestAnAcknowledgementLeavesAfterTheUpdate(t *testing.T) {
	// One read with two reports: both links get both before the client gets
	// either answer, in one write each.
	var sent []string
	tracing := false
	o := reactortest.Options{Trace: func(e reactortest.Event) {
		if tracing && e.Reactor == "Farmar" && e.Kind == reactortest.Sent {
			sent = append(sent, e.Host.String())
		}
	}}
	v := herdtest.NewVirtual(t, o, nil)
	c := v.Connect("Farmar")
	tracing = true
	c.Send([]byte(report(v, "a") + "\n" + report(v, "b") + "\n"))
	settle(v)
	if len(lines(c)) != 2 || len(sent) != 3 {
		t.Fatalf("%d writes: %v", len(sent), sent)
	}
	farmar, _ := v.Config.Server("Farmar")
	for i, host := range sent {
		if toClient := host == farmar.Clients; toClient != (i == 2) {
			t.Errorf("write %d left from %s: the client's must be the last: %v", i, host, sent)
		}
	}
}
