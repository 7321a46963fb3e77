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
	t.Setenv("POSTGRES", "/no/such/postgres")
	for _, packages := range []bool{false, true} {
		var out strings.Builder
		if err := run(&out, t.TempDir(), packages); !errors.Is(err, errMissing) && !packages {
			t.Errorf("it ends with %v", err)
		}
		lines := strings.Split(strings.TrimSpace(out.String()), "\n")
		var wanted []string // Debian's packages
		for _, p := range peer.All() {
			wanted = append(wanted, p.Package)
		}
		wanted = append(wanted, "redis-server", "postgresql")
		if len(lines) != len(wanted) {
			t.Fatalf("it says\n%s", &out)
		}
		for i, name := range wanted {
			if !strings.HasSuffix(lines[i], name) || packages && lines[i] != name {
				t.Errorf("of %s it says %q", name, lines[i])
			}
		}
	}
}
