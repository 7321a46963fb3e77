package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"proxyherd/herd/configfile"
)

// deployed reads a file that is for a real machine.
func deployed(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "deploy", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestTheConfigForKubernetesIsGood(t *testing.T) {
	yaml := deployed(t, "kubernetes.yaml")
	_, rest, found := strings.Cut(yaml, "herd.json: |\n")
	config, _, end := strings.Cut(rest, "\n---\n")
	if !found || !end {
		t.Fatal("there is no config in it")
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "k.json"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	got := herdIn(t, dir, "check", "k.json", "--json")
	var r checkReport
	if err := json.UnmarshalFromString(got.out, &r); err != nil || got.code != exitOK || got.err != "" {
		t.Fatalf("%+v: %v", got, err)
	}
	if len(r.Config.Servers) != 3 || len(r.Links) != 3 || len(r.Cuts) != 0 || !strings.Contains(yaml, "replicas: 3\n") {
		t.Errorf("%d servers, %d links; it hangs on %v", len(r.Config.Servers), len(r.Links), r.Cuts)
	}
	for _, s := range r.Config.Servers {
		if s.Clients != s.Name+".herd:12000" || s.Peers != s.Name+".herd:12100" {
			t.Errorf("%s is at %s and %s, which are not the pod's names", s.Name, s.Clients, s.Peers)
		}
	}
}

func TestTheConfigForFiveHostsIsGood(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"herd.json": deployed(t, "hosts.json"), "http-token": strings.Repeat("t", 64)} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got := herdIn(t, dir, "check")
	if got.code != exitOK || got.err != "" {
		t.Fatalf("%+v", got)
	}
	if !strings.Contains(got.out, "farmar.example:12100") || strings.Count(got.out, "[::]:12100") != 5 {
		t.Errorf("it does not tell where servers are dialled, and where they listen:\n%s", got.out)
	}
	// It cannot be run without the secret, which is beside it, wherever the server is
	// started from.
	got = herdIn(t, t.TempDir(), "serve", "Hill", "--config", filepath.Join(dir, "herd.json"))
	if got.code != exitFailed || !strings.Contains(got.err, filepath.Join(dir, "secret")) {
		t.Errorf("without a secret: %+v", got)
	}
}

// A command or a variable that is not there would be found out on the machine.
func TestWhatTheFilesForMachinesNameIsThere(t *testing.T) {
	var known []string
	for _, key := range configfile.Keys() {
		known = append(known, configfile.Variable(key))
	}
	root, variables, commands := newRoot(), 0, 0
	for _, name := range []string{"herd.service", "Dockerfile", "kubernetes.yaml", "README.md"} {
		text := deployed(t, name)
		for _, variable := range regexp.MustCompile(`HERD_[A-Z0-9_]+`).FindAllString(text, -1) {
			if variable != "HERD_PORT" && !slices.Contains(known, variable) { // HERD_PORT is Kubernetes' own
				t.Errorf("%s: %s is no setting", name, variable)
			}
			variables++
		}
		for _, m := range regexp.MustCompile("(?:bin/|-- /|`)herd ([a-z]+)").FindAllStringSubmatch(text, -1) {
			if c, _, err := root.Find(m[1:]); m[1] != "help" && (err != nil || c == root) {
				t.Errorf("%s: herd %s is no command", name, m[1])
			}
			commands++
		}
	}
	if variables < 4 || commands < 6 {
		t.Errorf("%d variables and %d commands were found", variables, commands)
	}
}
