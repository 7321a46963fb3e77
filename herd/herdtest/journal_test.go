package herdtest

import (
	"strings"
	"testing"
)

// A report is answered when the journal has it, and what its client has said after
// it is answered after that; where the journal fails, it is refused.
func TestAnswersWaitForTheJournal(t *testing.T) {
	start(t, nil, func(t *testing.T, h Twin) {
		var journal Journal
		h.Kill("Hill")
		h.JournalOf("Hill", &journal)
		h.Start("Hill")
		settle(h)
		c, first, second := h.Connect("Hill"), report(h, "first"), report(h, "second")
		got := func(want ...string) {
			t.Helper()
			settle(h)
			list := lines(c)
			same := len(list) == len(want)
			for i := 0; same && i < len(want); i++ {
				same = strings.HasPrefix(list[i], want[i])
			}
			if !same {
				t.Errorf("the client was told %q, want %q", list, want)
			}
		}
		c.Send([]byte(first + "\n" + second + "\nWHATSAT first 10 1\nWHERE\n"))
		got()
		if passed := say(t, h, "Meeks", "WHATSAT second 10 1"); !strings.HasPrefix(passed[0], "AT Hill ") {
			t.Errorf("the neighbour has %q", passed)
		}
		journal.Save()
		got("AT Hill ", "AT Hill ", "AT Hill ", "{", "? WHERE")
		// The same again has another difference, and may be newer or older: an answer
		// that needs no sync of its own waits no longer than for the last one.
		c.Send([]byte(first + "\n"))
		settle(h)
		journal.Save()
		got("AT Hill ")

		third, fourth := report(h, "third"), report(h, "fourth")
		c.Send([]byte(third + "\nWHERE\n"))
		got()
		journal.Fail()
		got("? "+third, "? WHERE")
		c.Send([]byte(fourth + "\nWHATSAT fourth 10 1\nWHATSAT third 10 1\n"))
		got("? "+fourth, "? WHATSAT fourth", "AT Hill ", "{")
		if n := h.Measures("Hill").Status.Counters.Unsaved; n != 1 {
			t.Errorf("%d reports were refused", n)
		}
		journal.Save()
		c.Send([]byte(fourth + "\n"))
		got()
		journal.Save()
		got("AT Hill ")

		// A client that has gone waits for nothing.
		c.Send([]byte(report(h, "fifth") + "\n"))
		settle(h)
		c.End()
		journal.Save()
		settle(h)
		if !c.Ended() {
			t.Error("the connection is open")
		}

		// Neighbours' records are kept too, and all are there after a new start.
		say(t, h, "Farmar", report(h, "elsewhere"))
		settle(h)
		want := len(journal.Lines())
		for _, s := range h.Settings().Servers {
			h.Kill(s.Name)
		}
		h.Start("Hill")
		if n := h.Measures("Hill").Status.Records; n != 6 || want < 6 {
			t.Errorf("it has %d records of %d lines", n, want)
		}
	})
}
