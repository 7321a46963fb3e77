package main

import (
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"proxyherd/herd/sim"
)

func TestWhatSimSays(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "bad.txt"), []byte("graph ring 3 1\nfly away home\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		args string
		code int
		out  string // in standard output
		err  string // in standard error; "" wants none
	}{
		{"--seeds 2", 0, "4 fights, ", ""},
		{"--seeds 2 --mode liveness", 0, "Every promise was kept.", ""},
		{"--seeds 1 --graph mesh --servers 3", 0, "servers: 3 in 2\n", ""},
		{"--seed 3 --mode safety --json", 0, `{"fights":1,`, ""},
		{"--seed 8 --trace", 0, "# herd sim --seed 8 --mode safety\n", ""},
		{"--seed 8 --mode liveness --trace", 0, "# herd sim --seed 8 --mode liveness\n", ""},
		{"--graph ring --servers 8 --updates 1", 0, "ring: 8 servers, 8 links; 2E - (N - 1) is 9 messages", ""},
		{"--servers 3 --graph tree:2 --json", 0, `"messages_by_formula":2`, ""},
		{"--mode war", 2, "", "write safety, liveness or both"},
		{"--seeds 0", 2, "", "--seeds"},
		{"--seeds 2 --seed 3", 2, "", "give one of --seeds, --seed and --script"},
		{"--seed 3 --json --trace", 2, "", "give one of --json, --svg and --trace"},
		{"--trace", 2, "", "give --seed or --script"},
		{"--svg", 2, "", "give --graph or --servers"},
		{"--mistake none", 2, "", "there are client-time,"},
		{"--graph star", 2, "", "not a graph of servers"},
		{"--seeds 1 --graph star", 2, "", "not a graph of servers"},
		{"--seed 1 --graph star", 2, "", "not a graph of servers"},
		{"--script missing.txt", 2, "", "missing.txt"},
		{"--script bad.txt", 2, "", `bad.txt: not a script for the simulator: line 2: "fly away home" is no statement`},
		{"now", 2, "", "See: herd sim --help"},
	} {
		got := herdIn(t, dir, append([]string{"sim"}, strings.Fields(test.args)...)...)
		if got.code != test.code || !strings.Contains(got.out, test.out) || !strings.Contains(got.err, test.err) ||
			test.err == "" && got.err != "" || test.out == "" && got.out != "" {
			t.Errorf("herd sim %s: exit code %d, want %d\nout: %s\nwant: %s\nerr: %s\nwant: %s",
				test.args, got.code, test.code, got.out, test.out, got.err, test.err)
		}
	}
}

// A failure is told with its seed and as a script, which fails when it is run again,
// and only with the mistake.
func TestAFailureOfSimCanBeSeenAgain(t *testing.T) {
	dir := t.TempDir()
	got := herdIn(t, dir, "sim", "--seeds", "500", "--graph", "ring", "--servers", "5", "--mode", "safety", "--mistake", "tie-lost", "--json")
	var told struct {
		Fights  int
		Failure struct {
			Violations    []string
			Again, Script string
			Acts          int
			Smaller       int `json:"smaller_acts"`
		}
	}
	if err := json.UnmarshalFromString(got.out, &told); err != nil {
		t.Fatalf("%v: %s", err, got.out)
	}
	lost := &told.Failure
	if got.code != 1 || !strings.Contains(got.err, lost.Again) || told.Fights == 0 || len(lost.Violations) == 0 || lost.Smaller >= lost.Acts/10 {
		t.Fatalf("%+v", got)
	}
	path := filepath.Join(dir, "small.txt")
	if err := os.WriteFile(path, []byte(lost.Script), 0o600); err != nil {
		t.Fatal(err)
	}
	if again := herdIn(t, dir, "sim", "--script", path, "--mistake", "tie-lost", "--trace"); again.code != 1 || !strings.Contains(again.out, "IAMAT") {
		t.Errorf("again: %+v", again)
	}
	if healthy := herdIn(t, dir, "sim", "--script", path); healthy.code != 0 || !strings.Contains(healthy.out, "Every promise was kept.") {
		t.Errorf("without the mistake: %+v", healthy)
	}
	again := herdIn(t, dir, strings.Fields(strings.TrimPrefix(lost.Again, "herd "))...)
	if again.code != 1 || !strings.Contains(again.out, lost.Violations[0]) {
		t.Errorf("%s: exit code %d, %s", lost.Again, again.code, again.err)
	}
	text := herdIn(t, dir, "sim", "--script", path, "--mistake", "tie-lost")
	if text.code != 1 || !strings.Contains(text.out, "Made smaller, ") || !strings.Contains(text.err, "--script "+path+" --mistake tie-lost --trace") {
		t.Errorf("as text: %+v", text)
	}
}

// What should have occurred, and did not, fails a long run.
func TestFightsThatAreNoneFail(t *testing.T) {
	s := simulation{}
	c := newSim()
	c.SetOut(io.Discard)
	a := &account{Tally: &sim.Tally{Fights: 1}, Seconds: 1, Missing: []string{"faults: sever"}}
	if err := s.tell(c, a); err == nil || !strings.Contains(err.Error(), "faults: sever") {
		t.Errorf("it said %v", err)
	}
	a.Missing = nil
	if err := s.tell(c, a); err != nil {
		t.Error(err)
	}
}

func TestSimDrawsAPicture(t *testing.T) {
	got := herdIn(t, t.TempDir(), "sim", "--graph", "regular:3", "--servers", "20", "--svg")
	if got.code != 0 {
		t.Fatalf("%+v", got)
	}
	elements := map[string]int{}
	for d := xml.NewDecoder(strings.NewReader(got.out)); ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("it is no XML: %v\n%s", err, got.out)
		}
		if e, begins := token.(xml.StartElement); begins {
			elements[e.Name.Local]++
		}
	}
	if elements["svg"] != 1 || elements["path"] < 6 || elements["text"] < 6 {
		t.Errorf("the picture has %v", elements)
	}
}

// Every mistake that can be asked for is one that the simulator's own tests make.
func TestSimNamesTheMistakes(t *testing.T) {
	help := herdIn(t, t.TempDir(), "sim", "--help")
	for _, v := range sim.Variants {
		if !strings.Contains(help.out, v.Name) {
			t.Errorf("%s is not in the help", v.Name)
		}
	}
	if names := mistakes(); len(names) < 10 || !slices.Contains(names, "no-resync") {
		t.Errorf("the mistakes are %q", names)
	}
}
