package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"proxyherd/herd"
	"proxyherd/herd/configfile"
)

// A server by itself, under a systemd of the test's, that is told to read its
// config again.
func TestAServerTellsSystemdAndReloads(t *testing.T) {
	address, next := systemd(t)
	secret := filepath.Join(t.TempDir(), "secret")
	keys := func(lines ...string) {
		if err := os.WriteFile(secret, []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	keys("the first secret of the tests")
	dir, config := inDir(t, func(c *herd.Config) { c.SecretFile = secret })
	supervisedBy(t, address, "200000", "")
	p := start(t, dir, "serve", "Hill", "--set", "log.level=warn")
	if state := next(); state != stateReady {
		t.Errorf("first systemd hears %q", state)
	}
	p.await(t, "ready Hill")
	if state := next(); state != stateAlive {
		t.Errorf("then it hears %q", state)
	}
	keys("the second secret of the tests", "the first secret of the tests")
	config.Limits.Records = 7
	writeFile(t, filepath.Join(dir, usualConfig), func(w io.Writer) error { return configfile.Write(w, config) })
	p.signal(t, syscall.SIGHUP)
	if line := p.await(t, "wait for a new start"); !strings.HasSuffix(line, "settings=limits.records") {
		t.Errorf("it says %q", line)
	}
	keys("short")
	p.signal(t, syscall.SIGHUP)
	p.await(t, "the secret is too short")
	p.signal(t, syscall.SIGTERM)
	for state := next(); state != stateStopping; state = next() {
		if state != stateAlive {
			t.Errorf("at last it hears %q", state)
		}
	}
	p.ends(t, 0)
}

func TestSIGHUPChangesTheLevelOfTheLog(t *testing.T) {
	dir, config := inDir(t, func(c *herd.Config) { c.Log.Level = "error" })
	p := start(t, dir, "serve", "Hill")
	p.await(t, "ready Hill")
	config.Log.Level = "info"
	writeFile(t, filepath.Join(dir, usualConfig), func(w io.Writer) error { return configfile.Write(w, config) })
	p.signal(t, syscall.SIGHUP)
	if line := p.await(t, `"reloaded"`); !strings.Contains(line, "log.level=info secrets=1") {
		t.Errorf("it says %q", line)
	}
	p.signal(t, syscall.SIGTERM)
	p.await(t, fmt.Sprintf("%q", "server stopping")) // which is info
	p.ends(t, 0)
}
