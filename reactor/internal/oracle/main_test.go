package main

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"proxyherd/reactor/internal/oracle/scenario"
)

// fakePython installs a shell script in Python's place: it has Twisted, and for
// every script it says what body does.
func fakePython(t *testing.T, body string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "python")
	script := "#!/bin/sh\n[ \"$1\" = -c ] && exit 0\n" + body + "\n"
	if err := os.WriteFile(path, []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("TWISTED_PYTHON", path)
}

// hello is what the program says first.
const hello = `echo '{"twisted": "13.2.0", "python": "2.7"}'; `

// countdown is a family whose scripts say how many events ours shows.
var countdown = scenario.Family{
	Name:     "countdown",
	Generate: func(*rand.Rand) scenario.Script { return scenario.Script{"show 2", "idle"} },
	Play: func(script scenario.Script) (events scenario.Transcript) {
		for _, statement := range script {
			for range scenario.Words(strings.Fields(statement)).Int(1) {
				events = append(events, "shown")
			}
		}
		return events
	},
}

func TestRunWithTwisted(t *testing.T) {
	for _, test := range []struct {
		name, body string
		code       int
		says       string
	}{
		{"equal", hello + `while read script; do echo '{"transcript": ["shown", "shown"]}'; done`, 0, "countdown          3                6          0            0   13.2.0"},
		{"different", hello + `while read script; do echo '{"transcript": []}'; done`, 1, ">>> shown | (nothing more)"},
		{"a player that fails", hello + `while read script; do printf '%s\n' '{"error": "Traceback\nKeyError: x\n"}'; done`, 1, "the player failed: KeyError: x"},
		{"a process that ends", hello + `read script`, 2, ""},
		{"a process that says no hello", `exit 1`, 2, ""},
		{"an answer that is none", hello + `while read script; do echo oops; done`, 2, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			fakePython(t, test.body)
			var out bytes.Buffer
			err := run(config{families: []scenario.Family{countdown}, scenarios: 3, repeat: 2}, &out)
			if code := exitCode(err); code != test.code || !strings.Contains(out.String(), test.says) {
				t.Fatalf("exit code %d (%v), said:\n%s", code, err, out.String())
			}
		})
	}
}

func TestRunTellsOfChance(t *testing.T) {
	fakePython(t, hello+`while read script; do echo "{\"transcript\": [\"shown\", \"shown\"]}"; read script; echo '{"transcript": ["shown"]}'; done`)
	err := run(config{families: []scenario.Family{countdown}, scenarios: 1, repeat: 2}, &bytes.Buffer{})
	if !errors.Is(err, errAnother) {
		t.Fatalf("said %v", err)
	}
}

func TestRunWithoutTwisted(t *testing.T) {
	t.Setenv("TWISTED_PYTHON", filepath.Join(t.TempDir(), "none"))
	var out bytes.Buffer
	c := config{families: families, scenarios: 1, repeat: 1, testdata: "testdata", stats: true}
	if err := run(c, &out); err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	for _, said := range []string{"make oracle-install", "not run, but recorded: 22.4.0", "\n  statements: "} {
		if !strings.Contains(out.String(), said) {
			t.Errorf("did not say %q:\n%s", said, out.String())
		}
	}
	c.require = true
	if code := exitCode(run(c, &out)); code != 3 {
		t.Fatalf("exit code %d where Twisted is required", code)
	}
}

func TestRecordAndReadAgain(t *testing.T) {
	fakePython(t, hello+`while read script; do echo '{"transcript": ["shown", "shown"]}'; done`)
	c := config{families: []scenario.Family{countdown}, scenarios: 1, repeat: 1, testdata: t.TempDir(), golden: true}
	if err := run(c, &bytes.Buffer{}); err != nil {
		t.Fatal(err)
	}
	r, err := readRecording(filepath.Join(c.testdata, "countdown.txt"))
	if err != nil || r.version != "13.2.0" || len(r.scripts) != recordedScripts || len(r.replies[7]) != 2 {
		t.Fatalf("read %+v, %v", r, err)
	}
	var out bytes.Buffer
	if err := runRecorded(c, c.families, &out); err != nil {
		t.Fatal(err)
	}
	lost := countdown
	lost.Play = func(scenario.Script) scenario.Transcript { return scenario.Transcript{"shown"} }
	if err := runRecorded(c, []scenario.Family{lost}, &out); !errors.Is(err, errDifferent) {
		t.Fatalf("an event less gave %v", err)
	}
	if _, err := r.play("countdown", scenario.Script{"show 9"}); !errors.Is(err, errNotRecorded) {
		t.Fatalf("a script that was not recorded gave %v", err)
	}
}

func TestReadRecordingRefuses(t *testing.T) {
	for name, text := range map[string]string{
		"empty":          "",
		"no version":     "script\n  a\ngives\n  b\n",
		"no script":      "# Twisted 22.4.0\n",
		"a line astray":  "# Twisted 22.4.0\nscript\n  a\nand\n",
		"events astray":  "# Twisted 22.4.0\n  a\n",
		"gives too soon": "# Twisted 22.4.0\ngives\n",
	} {
		path := filepath.Join(t.TempDir(), "recording")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := readRecording(path); !errors.Is(err, errMalformed) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestRunRefuses(t *testing.T) {
	for _, c := range []config{
		{families: families, scenarios: 0, repeat: 1},
		{families: families, scenarios: 1, repeat: 0},
		{families: families, scenarios: 1, repeat: 1, family: "cats"},
	} {
		if code := exitCode(run(c, &bytes.Buffer{})); code != 2 {
			t.Errorf("%+v: exit code %d", c, code)
		}
	}
}

func TestShare(t *testing.T) {
	shares := share(100, []scenario.Family{{Weight: 30}, {}, {Weight: 1}, {Weight: 0}})
	if want := []int{60, 19, 1, 19}; shares[0]+shares[1]+shares[2]+shares[3] != 100 || shares[2] != want[2] || shares[1] != want[1] {
		t.Fatalf("%v", shares)
	}
}
