package main

import (
	"path/filepath"
	"testing"
)

// TestRecorded plays what real Twisted was recorded with on ours: the part of
// the oracle that needs no Python.
func TestRecorded(t *testing.T) {
	for i := range families {
		f := &families[i]
		t.Run(f.Name, func(t *testing.T) {
			r, err := readRecording(filepath.Join("testdata", f.Name+".txt"))
			if err != nil {
				t.Fatal(err)
			}
			found := newTally(f.Name, r.version)
			match := &contest{family: f, twisted: r, version: r.version, repeat: 2}
			for _, script := range r.scripts {
				o, err := match.play(script)
				if err != nil {
					t.Fatal(err)
				}
				found.add(o)
				if o.differs {
					t.Errorf("script %q\nevent %d: ours %q, Twisted %s %q", script, o.at, event(o.ours, o.at), r.version, event(o.theirs, o.at))
				}
			}
			if found.scenarios < 100 || found.events < 500 {
				t.Fatalf("%d scripts with %d events are recorded: too few", found.scenarios, found.events)
			}
			t.Logf("%d scripts, %d events compared, %d cut short", found.scenarios, found.events, found.cut)
		})
	}
}
