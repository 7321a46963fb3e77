package main

import (
	"errors"
	"strings"
	"testing"
	"time"

	"proxyherd/herd"
)

func TestTwoEndsMakeOneLink(t *testing.T) {
	says := func(up bool, sync herd.Sync, ago time.Duration) end {
		link := &herd.LinkStatus{Up: up, Sync: sync, Checked: before(ago)}
		if up {
			return end{View: viewUp, link: link, said: noon}
		}
		return end{View: viewDown, link: link, said: noon}
	}
	never := end{View: viewUp, link: &herd.LinkStatus{Up: true, Sync: herd.InSync}, said: noon}
	const s = time.Second
	for _, test := range []struct {
		name          string
		first, second end
		up            bool
		sync          herd.Sync
		ago           float64 // below 0: never
		well          bool
	}{
		{"well", says(true, herd.InSync, s), says(true, herd.InSync, 2*s), true, herd.InSync, 1, true},
		{"the later counts", says(true, herd.Behind, 20*s), says(true, herd.InSync, 2*s), true, herd.InSync, 2, true},
		{"and if it is bad", says(true, herd.InSync, 20*s), says(true, herd.Behind, 2*s), true, herd.Behind, 2, false},
		{"of two at once the worse", says(true, herd.Behind, s), says(true, herd.InSync, s), true, herd.Behind, 1, false},
		{"the other way round", says(true, herd.InSync, s), says(true, herd.Behind, s), true, herd.Behind, 1, false},
		{"one end compares", never, says(true, herd.InSync, 30*s), true, herd.InSync, 30, true},
		{"a later one that counts for nothing", says(true, herd.Unknown, s), says(true, herd.InSync, 30*s), true, herd.InSync, 30, true},
		{"nobody compares", never, never, true, herd.Unknown, -1, false},
		{"as old as it may be", says(true, herd.InSync, herd.SyncTrust), never, true, herd.InSync, 90, true},
		{"older", says(true, herd.InSync, herd.SyncTrust+1), never, true, herd.Unknown, 90.000000001, false},
		{"behind, and older", says(true, herd.Behind, 91*s), says(true, herd.InSync, 92*s), true, herd.Unknown, 91, false},
		{"in the future", says(true, herd.InSync, -91*s), never, true, herd.Unknown, -91, false},
		{"unheard of", says(true, "fine", s), never, true, herd.Unknown, 1, false},
		{"down", says(false, herd.InSync, s), says(false, herd.InSync, s), false, herd.InSync, 1, false},
		{"half up", says(true, herd.InSync, s), says(false, herd.InSync, s), false, herd.InSync, 1, false},
		{"half seen", says(true, herd.InSync, s), end{View: viewUnreached}, false, herd.InSync, 1, false},
		{"half known", end{View: viewUnlisted}, says(true, herd.InSync, s), false, herd.InSync, 1, false},
		{"half asked", says(true, herd.InSync, s), end{View: viewUnasked}, true, herd.InSync, 1, true},
		{"half asked, and down", end{View: viewUnasked}, says(false, herd.InSync, s), false, herd.InSync, 1, false},
		{"half asked, and not seen", end{View: viewUnasked}, end{View: viewUnreached}, false, herd.Unknown, -1, false},
	} {
		l := join(test.first, test.second)
		ago := -1.0
		if l.CheckedAgo != nil {
			ago = *l.CheckedAgo
		}
		if l.up() != test.up || l.Sync != test.sync || ago != test.ago || l.Well != test.well {
			t.Errorf("%s: up %v, sync %s, %v s ago, well %v; want %+v", test.name, l.up(), l.Sync, ago, l.Well, test)
		}
	}
}

func TestClocksAndRoundTripsAreTheWorseOfTwo(t *testing.T) {
	says := func(view view, roundTrip, clock float64) end {
		return end{View: view, link: &herd.LinkStatus{RoundTrip: roundTrip, Clock: clock}}
	}
	for _, test := range []struct {
		first, second    end
		roundTrip, clock float64
	}{
		{says(viewUp, 0.1, 2), says(viewUp, 0.2, -1), 0.2, 2},
		{says(viewUp, 0.3, 1), says(viewUp, 0.2, -2), 0.3, 2},
		{says(viewUp, 0.3, -1), says(viewUp, 0.2, 3), 0.3, -3},
		{says(viewUp, 0.1, 0), says(viewDown, 0.2, 7), 0.1, 0}, // of a link that is no more
	} {
		if l := join(test.first, test.second); l.RoundTrip != test.roundTrip || l.Clock != test.clock {
			t.Errorf("%v and %v, want %v and %v", l.RoundTrip, l.Clock, test.roundTrip, test.clock)
		}
	}
}

func TestLinksAreEachFoundOnce(t *testing.T) {
	h := wellHerd()
	o := h.seen(t, "Hill", "Meeks")
	var names []string
	for _, l := range o.Links {
		names = append(names, l.name()+" "+l.both(func(e end) string { return string(e.View) }))
	}
	want := []string{"Hill - Meeks up", "Meeks - Farmar up/unasked", "Meeks - Gasol up/unasked"}
	if len(names) != len(want) {
		t.Fatalf("%q, want %q", names, want)
	}
	for i := range want {
		if names[i] != want[i] {
			t.Errorf("%q, want %q", names[i], want[i])
		}
	}
}

func TestAServerAloneHasNoLinks(t *testing.T) {
	h := wellHerd()
	h.config.Servers = h.config.Servers[:1]
	h.config.Servers[0].TalksTo = nil
	h.status["Farmar"].Links = nil
	o := h.seen(t)
	var table, document strings.Builder
	if err := errors.Join(writeTables(&table, o), writeJSON(&document, o)); err != nil {
		t.Fatal(err)
	}
	if !strings.HasSuffix(table.String(), "\n\nAll is well: 1 server reached, 0 links up and in sync.\n") ||
		strings.Contains(table.String(), "state  sync") {
		t.Errorf("the table is\n%s", table.String())
	}
	if !strings.HasSuffix(document.String(), `"links":[]}`+"\n") {
		t.Errorf("the document is %s", document.String())
	}
}
