package herdtest

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"proxyherd/reactor/reactortest"
)

// Every script, in virtual time, is played against the herd in goroutines, and gives
// what the herd on reactors gives.
func TestScriptsInABubble(t *testing.T) {
	scripts, err := filepath.Glob("../testdata/*.txt")
	if err != nil || len(scripts) < 5 {
		t.Fatalf("%d scripts found (%v)", len(scripts), err)
	}
	for _, path := range scripts {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txt"), func(t *testing.T) {
			var got []string
			InBubble(t, before(t, path), nil, func(t *testing.T, b *Bubble) { got = Play(t, b, path) })
			want := Play(t, NewVirtual(t, reactortest.Options{Start: before(t, path)}, nil), path)
			if got, want := withoutJSON(got), withoutJSON(want); !slices.Equal(got, want) {
				t.Errorf("goroutines:\n%s\nreactors:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
		})
	}
}

// withoutJSON leaves out what the stand-in makes up, which the script has checked.
func withoutJSON(transcript []string) (lines []string) {
	for _, line := range transcript {
		who, _, isJSON := strings.Cut(line, " < {")
		if isJSON {
			line = who + " < {}"
		}
		lines = append(lines, line)
	}
	return lines
}
