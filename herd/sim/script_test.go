package sim

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// What is written is read back as the same fight, which has the same events.
func TestAScriptIsAFight(t *testing.T) {
	for seed := range uint64(20) {
		for _, mode := range modes {
			f, err := NewFight(seed, mode, Options{})
			if err != nil {
				t.Fatal(err)
			}
			var text strings.Builder
			notes := map[int][]string{0: {"a note"}, 1: {"another\nof two lines"}}
			if err := f.WriteScript(&text, notes); err != nil {
				t.Fatal(err)
			}
			back, err := ReadScript(strings.NewReader(text.String()))
			if err != nil {
				t.Fatalf("seed %d (%s): %v", seed, mode, err)
			}
			if !sameActs(back, f) || back.Setup != f.Setup || !slices.Equal(back.Part, f.Part) || back.Mode != mode {
				t.Errorf("seed %d (%s) is read back as another fight", seed, mode)
			}
			if seed < 3 && traceOf(back, nil) != traceOf(f, nil) {
				t.Errorf("seed %d (%s): the script has other events", seed, mode)
			}
		}
	}
}

func sameActs(a, b *Fight) bool {
	return slices.EqualFunc(a.Acts, b.Acts, func(x, y Act) bool {
		return x.At == y.At && x.Verb == y.Verb && x.Name == y.Name && x.Text == y.Text && slices.Equal(x.Rest, y.Rest)
	})
}

func TestScriptsThatAreNone(t *testing.T) {
	for _, c := range []struct{ text, says string }{
		{"", "no graph"},
		{"graph ring", "has not a kind"},
		{"graph ring five 1", "invalid syntax"},
		{"graph ring 5 x", "invalid syntax"},
		{"graph star 5 1", "not a graph"},
		{"graph ring 5 1\nset wind 3", `"wind"`},
		{"graph ring 5 1\nset window three", "line 2"},
		{"graph ring 5 1\nat 999", "is no time"},
		{"graph ring 5 1\nat noon", "is no time"},
		{"graph ring 5 1\nat 1000000002\na -> S0001\nat 1000000001\na > x", "times go back"},
		{"graph ring 5 1\nagree Farmar", "Farmar"},
		{"graph ring 5 1\na < ? x", "checks every answer"},
		{"graph ring 5 1\nfly away home", "no statement"},
	} {
		if _, err := ReadScript(strings.NewReader(c.text)); !errors.Is(err, ErrBadScript) && !errors.Is(err, ErrBadGraph) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%q: %v; it should say %q", c.text, err, c.says)
		}
	}
}

// Every script that came out of a failure is fought again.
func TestScriptsOfOldFailures(t *testing.T) {
	files, err := filepath.Glob("../testdata/sim/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("there is no script: %v", err)
	}
	for _, path := range files {
		file, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		f, err := ReadScript(file)
		file.Close()
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		if r := f.Run(Watch{}); r.Failed() {
			t.Errorf("%s: %v", path, r.Violations)
		}
	}
}
