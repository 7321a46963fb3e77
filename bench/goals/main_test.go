package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"proxyherd/bench/load"
	"proxyherd/bench/report"
	"proxyherd/bench/scenario"
)

func TestTheTableOfAFile(t *testing.T) {
	entry := func(peer string, rate float64) scenario.Entry {
		return scenario.Entry{Name: peer, Peer: peer, Measurements: []scenario.Measurement{{Result: &load.Result{Rate: rate}}}}
	}
	measured := &scenario.Report{Scenarios: []scenario.Outcome{{
		Name: "throughput", Points: []scenario.PointOutcome{{Point: scenario.Point{Name: "P=1"}, Entries: []scenario.Entry{entry("c", 10), entry("reactor", 8)}}},
	}}}
	path := filepath.Join(t.TempDir(), "run.json")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := report.JSON(file, measured); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := run([]string{path}, &out); err != nil {
		t.Fatal(err)
	}
	if want := "| 0.800 | missed by 6 %; there is no null comparison |"; !strings.Contains(out.String(), want) {
		t.Errorf("%q is missing in:\n%s", want, &out)
	}
	for _, args := range [][]string{nil, {path, path}, {path + ".not"}, {"main.go"}} {
		if err := run(args, &out); err == nil {
			t.Errorf("%q was carried out", args)
		}
	}
}
