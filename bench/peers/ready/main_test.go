package main

import (
	"errors"
	"strings"
	"testing"

	"proxyherd/bench/peers/peer"
)

// On a machine that has nothing, everything is named.
func TestWhatIsMissingIsNamed(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	t.Setenv("TWISTED_PYTHON", "/no/such/python")
	for _, packages := range []bool{false, true} {
		var out strings.Builder
		if err := run(&out, t.TempDir(), packages); !errors.Is(err, errMissing) && !packages {
			t.Errorf("it ends with %v", err)
		}
		lines := strings.Split(strings.TrimSpace(out.String()), "\n")
		if len(lines) != len(peer.All()) {
			t.Fatalf("it says\n%s", &out)
		}
		for i, p := range peer.All() {
			if !strings.Contains(lines[i], p.Package) || packages && lines[i] != p.Package {
				t.Errorf("of %s it says %q", p.Name, lines[i])
			}
		}
	}
}
