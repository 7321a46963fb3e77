package goroutineherd_test

import (
	"strings"
	"testing"

	"proxyherd/herd"
	"proxyherd/herd/herdtest"
)

// A report is answered when the journal has it, and what its client has said after
// it is answered after that; where the journal fails, it is refused.
func TestAnswersWaitForTheJournal(t *testing.T) {
	start(t, nil, func(t *testing.T, b *herdtest.Bubble) {
		var journal herdtest.Journal
		b.Kill("Hill")
		b.Journals = map[string]herd.Backing{"Hill": &journal}
		b.Start("Hill")
		settle(b)
		c, first, second := b.Connect("Hill"), report("first"), report("second")
		got := func(want ...string) {
			t.Helper()
			settle(b)
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
		if passed := say(t, b, "Meeks", "WHATSAT second 10 1"); !strings.HasPrefix(passed[0], "AT Hill ") {
			t.Errorf("the neighbour has %q", passed)
		}
		journal.Save()
		got("AT Hill ", "AT Hill ", "AT Hill ", "{", "? WHERE")
		// The same again has another difference, and may be newer or older: an answer
		// that needs no sync of its own waits no longer than for the last one.
		c.Send([]byte(first + "\n"))
		settle(b)
		journal.Save()
		got("AT Hill ")

		third, fourth := report("third"), report("fourth")
		c.Send([]byte(third + "\nWHERE\n"))
		got()
		journal.Fail()
		got("? "+third, "? WHERE")
		c.Send([]byte(fourth + "\nWHATSAT fourth 10 1\nWHATSAT third 10 1\n"))
		got("? "+fourth, "? WHATSAT fourth", "AT Hill ", "{")
		if n := b.Servers["Hill"].Status().Counters.Unsaved; n != 1 {
			t.Errorf("%d reports were refused", n)
		}
		journal.Save()
		c.Send([]byte(fourth + "\n"))
		got()
		journal.Save()
		got("AT Hill ")

		// A client that has gone waits for nothing.
		c.Send([]byte(report("fifth") + "\n"))
		settle(b)
		c.End()
		journal.Save()
		settle(b)
		if !c.Ended() {
			t.Error("the connection is open")
		}

		// Neighbours' records are kept too, and all are there after a new start.
		say(t, b, "Farmar", report("elsewhere"))
		settle(b)
		want := len(journal.Lines())
		for _, s := range b.Config.Servers {
			b.Kill(s.Name)
		}
		b.Start("Hill")
		if n := b.Servers["Hill"].Status().Records; n != 6 || want < 6 {
			t.Errorf("it has %d records of %d lines", n, want)
		}
	})
}
