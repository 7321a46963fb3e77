package reactorherd_test

import (
	"strings"
	"testing"

	"proxyherd/herd"
	"proxyherd/herd/herdtest"
)

// A report is answered when the journal has it, and what its client has said after
// it is answered after that; where the journal fails, it is refused.
func TestAnswersWaitForTheJournal(t *testing.T) {
	v := start(t, nil)
	var journal herdtest.Journal
	v.Kill("Hill")
	v.Journals = map[string]herd.Backing{"Hill": &journal}
	v.Start("Hill")
	settle(v)
	c, first, second := v.Connect("Hill"), report(v, "first"), report(v, "second")
	got := func(want ...string) {
		t.Helper()
		settle(v)
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
	if passed := say(t, v, "Meeks", "WHATSAT second 10 1"); !strings.HasPrefix(passed[0], "AT Hill ") {
		t.Errorf("the neighbour has %q", passed)
	}
	journal.Save()
	got("AT Hill ", "AT Hill ", "AT Hill ", "{", "? WHERE")
	// The same again has another difference, and may be newer or older: an answer
	// that needs no sync of its own waits no longer than for the last one.
	c.Send([]byte(first + "\n"))
	settle(v)
	journal.Save()
	got("AT Hill ")

	third, fourth := report(v, "third"), report(v, "fourth")
	c.Send([]byte(third + "\nWHERE\n"))
	got()
	journal.Fail()
	got("? "+third, "? WHERE")
	c.Send([]byte(fourth + "\nWHATSAT fourth 10 1\nWHATSAT third 10 1\n"))
	got("? "+fourth, "? WHATSAT fourth", "AT Hill ", "{")
	if n := v.Servers["Hill"].Status().Counters.Unsaved; n != 1 {
		t.Errorf("%d reports were refused", n)
	}
	journal.Save()
	c.Send([]byte(fourth + "\n"))
	got()
	journal.Save()
	got("AT Hill ")

	// A client that has gone waits for nothing.
	c.Send([]byte(report(v, "fifth") + "\n"))
	settle(v)
	c.End()
	journal.Save()
	settle(v)
	if !c.Ended() {
		t.Error("the connection is open")
	}

	// Neighbours' records are kept too, and all are there after a new start.
	say(t, v, "Farmar", report(v, "elsewhere"))
	settle(v)
	want := len(journal.Lines())
	for _, s := range v.Config.Servers {
		v.Kill(s.Name)
	}
	v.Start("Hill")
	if n := v.Servers["Hill"].Status().Records; n != 6 || want < 6 {
		t.Errorf("it has %d records of %d lines", n, want)
	}
}
