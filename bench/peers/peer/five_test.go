package peer_test

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"testing"

	"proxyherd/bench/peers/peer"
	"proxyherd/herd"
)

// herdBinary builds the herd command.
func herdBinary(t *testing.T) string {
	t.Helper()
	binary := filepath.Join(buildDir, "herd")
	if out, err := exec.Command("go", "build", "-o", binary, "proxyherd/cmd/herd").CombinedOutput(); err != nil {
		t.Fatalf("building the herd command: %v\n%s", err, out)
	}
	return binary
}

// TestOneHerdOfFiveLanguages is the built-in herd with a server of each kind: every
// update gets everywhere, whoever is killed and comes back. In its short form two are
// killed, among them the one that others hang on.
func TestOneHerdOfFiveLanguages(t *testing.T) {
	starts := map[string]func(server, config string) []string{"Farmar": peer.Ours(herdBinary(t))}
	starts["Young"] = starts["Farmar"]
	for server, name := range map[string]string{"Gasol": "twisted", "Hill": "node", "Meeks": "java"} {
		p, found := peer.Named(name)
		if !found {
			t.Fatalf("there is no %s", name)
		}
		starts[server] = program(t, p)
	}
	h := newProcesses(t, peer.Spec{
		Program: func(server, config string) []string { return starts[server](server, config) },
		Configure: func(c *herd.Config) {
			for i := range c.Servers {
				if c.Servers[i].Name == "Young" {
					c.Servers[i].Design = "goroutine"
				}
			}
		},
	})
	all := []string{"Farmar", "Gasol", "Hill", "Meeks", "Young"}
	n := 0
	// spread reports to one server, and finds the same line at the others.
	spread := func(from string, to []string) string {
		t.Helper()
		n++
		id := fmt.Sprintf("%s.%d.k\xe9y", from, n)
		at := h.say(from, fmt.Sprintf("IAMAT %s +34.068930-118.445127 %d.%09d", id, 1700000000+n, n))[0]
		for _, server := range to {
			if got := h.knows(server, id); got != at {
				t.Errorf("%s says %q, and %s said %q", server, got, from, at)
			}
		}
		return id
	}
	for _, from := range all {
		spread(from, all)
	}
	killing := all
	if !thorough {
		killing = []string{"Gasol", "Meeks"}
	}
	for _, killed := range killing {
		h.Kill(killed)
		var left []string
		for _, server := range all {
			// Hill hangs on Meeks alone.
			if server != killed && (server != "Hill" || killed != "Meeks") {
				left = append(left, server)
			}
		}
		missed := spread(left[0], left)
		h.Start(killed)
		h.knows(killed, missed)
		h.knows("Hill", missed)
		spread(killed, all)
		spread(left[0], all)
	}
	for _, server := range all {
		if err := h.Stop(server); err != nil {
			t.Error(err)
		}
	}
}
