package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"proxyherd/herd"
)

// outcome is what a command line came to.
type outcome struct {
	code     int
	out, err string
}

// herdIn runs a command line in dir, in this process.
func herdIn(t *testing.T, dir string, args ...string) outcome {
	t.Helper()
	t.Chdir(dir)
	for _, name := range testVariables {
		if value, set := os.LookupEnv(name); set {
			t.Setenv(name, value) // which puts it back
			if err := os.Unsetenv(name); err != nil {
				t.Fatal(err)
			}
		}
	}
	var out, err bytes.Buffer
	code := run(t.Context(), args, strings.NewReader(""), &out, &err)
	return outcome{code, out.String(), err.String()}
}

func TestExitCodesAndWhatIsSaid(t *testing.T) {
	dir := t.TempDir()
	files := map[string]string{
		"good.json":    `{"servers":[{"name":"A","clients":"127.0.0.1:1","peers":"127.0.0.1:2","talks_to":["B"]},{"name":"B","clients":"127.0.0.1:3","peers":"127.0.0.1:4","talks_to":["A"]}]}`,
		"pieces.json":  `{"servers":[{"name":"A","clients":"127.0.0.1:0"},{"name":"B","clients":"127.0.0.1:0"}]}`,
		"typo.json":    `{"upstream":{"timout":"5s"}}`,
		"oneway.json":  `{"servers":[{"name":"A","clients":"127.0.0.1:1","peers":"127.0.0.1:2","talks_to":["B"]},{"name":"B","clients":"127.0.0.1:3"}]}`,
		"exposed.json": `{"servers":[{"name":"A","clients":"127.0.0.1:1","http":"0.0.0.0:80"}]}`,
	}
	for name, text := range files {
		writeFile(t, filepath.Join(dir, name), func(w io.Writer) error { _, err := io.WriteString(w, text); return err })
	}
	for _, test := range []struct {
		args string
		code int
		out  string // in standard output
		err  string // in standard error; "" wants none
	}{
		{"", 0, "Exit codes (more in herd help exit-codes):\n  0  it did", ""},
		{"--help", 0, "herd demo", ""},
		{"up --help", 0, "Examples:", ""},
		{"version", 0, "\ngo1.", ""},
		{"fly", 2, "", `unknown command "fly"`},
		{"up --fly", 2, "", "See: herd up --help"},
		{"up --restart=sometimes", 2, "", "write always or never"},
		{"up now", 2, "", "See: herd up --help"},
		{"up --config typo.json", 2, "", "did you mean timeout"},
		{"up --config missing.json", 2, "", "herd init"},
		{"up --design clay", 2, "", "reactor"},
		{"serve", 2, "", "See: herd serve --help"},
		{"serve Nobody", 2, "", "the herd has Farmar, Gasol, Hill, Meeks, Young"},
		{"serve A --config good.json --design clay", 2, "", "reactor"},
		{"check", 0, "The built-in config is good", ""},
		{"check a b", 2, "", "See: herd check --help"},
		{"check good.json --set limits.records=7", 0, "limits.records=7 comes from --set.", ""},
		{"check good.json --set limits.records", 2, "", "--set limits.records: there is no value: write KEY=VALUE"},
		{"check good.json --set limits.recods=7", 2, "", "--set: limits.recods: unknown key: did you mean records?"},
		{"check good.json --set limits.records=0", 2, "", "limits.records comes from --set"},
		{"check good.json --graph text", 0, "A\n`-- B\n", ""},
		{"check good.json --graph dot", 2, "", "write text or svg"},
		{"check good.json --graph svg --json", 2, "", "leave out --reach and --json"},
		{"check good.json --reach --timeout 0s", 2, "", "leaves no time"},
		{"check good.json --reach", 1, "A       clients  127.0.0.1:1  not reached: connection refused", "not every address was reached: 4 of 4 were not"},
		{"check pieces.json --reach", 0, "not tried: it takes any free port", "herd: warning: servers: the herd is in 2 pieces"},
		{"check typo.json --json", 2, `"good":false`, "did you mean timeout"},
		{"completion", 2, "", "See: herd completion --help"},
		{"completion tcsh", 2, "", "See: herd completion --help"},
		{"completion fish", 0, "complete -c herd", ""},
		{"man", 2, "", "See: herd man --help"},
		{"man good.json/man", 1, "", "the directory for the pages"},
		{"help exit-codes", 0, "2  the command line or the config cannot be used", ""},
		{"help configuration", 0, "HERD_LIMITS_CONNECTIONS=100", ""},
		{"check good.json", 0, `good.json is good: herd "herd" of 2 servers, 1 link;`, ""},
		{"check pieces.json", 0, "0 links", "herd: warning: servers: the herd is in 2 pieces"},
		{"check typo.json", 2, "", "herd: typo.json:1:"},
		{"check oneway.json", 2, "", "servers[1].talks_to"},
		{"check exposed.json", 2, "", "loopback only"},
		{"serve A --config exposed.json", 2, "", "servers[0].http"},
		{"check missing.json", 2, "", "missing.json"},
		{"send", 2, "", "See: herd send --help"},
		{"send Nobody hello", 2, "", `"Nobody" is neither a server of the herd nor HOST:PORT`},
		{"send A hello --config pieces.json", 2, "", "A takes any free port"},
		{"upstream --fail-status 200", 2, "", "500 to 599"},
		{"upstream --delay -1s", 2, "", "Delay"},
		{"upstream --listen 127.0.0.1:99999", 1, "", "the stand-in cannot listen on 127.0.0.1:99999"},
		{"bench --format xml", 2, "", "there are table, json, gobench"},
		{"bench --ramp --churn", 2, "", "give one of --ramp"},
		{"bench --ramp --p99 1ms", 2, "", "leave them out"},
		{"bench Nobody", 2, "", "neither a server of the herd nor HOST:PORT"},
		{"bench 127.0.0.1:1 --ids odd", 2, "", `must be one of ["uniform" "zipf" "moving" "unseen"]`},
		{"bench 127.0.0.1:1", 1, "", "connecting to 127.0.0.1:1: connection refused"},
		{"init a b", 2, "", "See: herd init --help"},
		{"init good.json", 1, "", "good.json"},
		{"init --describe", 0, "limits.connections: ", ""},
		{"init --describe --json", 0, `{"key":"link_mac","type":"true or false","default":false,"variable":"HERD_LINK_MAC",`, ""},
		{"init --json", 2, "", "--json is for --describe"},
	} {
		got := herdIn(t, dir, strings.Fields(test.args)...)
		if got.code != test.code || !strings.Contains(got.out, test.out) || !strings.Contains(got.err, test.err) ||
			test.err == "" && got.err != "" || test.out == "" && got.out != "" {
			t.Errorf("herd %s: exit code %d, want %d\nout: %s\nwant: %s\nerr: %s\nwant: %s",
				test.args, got.code, test.code, got.out, test.out, got.err, test.err)
		}
		if strings.Contains(got.err, "Usage:") {
			t.Errorf("herd %s: the command line is explained to whoever knows it: %s", test.args, got.err)
		}
	}
}

func TestEachCommandHasAnExample(t *testing.T) {
	root := newRoot()
	commands := root.Commands()
	for _, c := range append(commands, root) {
		if c.IsAdditionalHelpTopicCommand() {
			continue
		}
		if !strings.Contains(c.Example, "herd "+strings.TrimPrefix(c.Name(), "herd")) || c.Short == "" {
			t.Errorf("%s has the example %q", c.Name(), c.Example)
		}
	}
	if len(commands) < 15 {
		t.Errorf("there are %d commands", len(commands))
	}
}

func TestInitWritesAConfigThatCheckFindsGood(t *testing.T) {
	dir := t.TempDir()
	got := herdIn(t, dir, "init")
	if got.code != 0 || !strings.Contains(got.out, "Wrote herd.json.") || !strings.Contains(got.out, "check herd.json") {
		t.Fatalf("%+v", got)
	}
	if got := herdIn(t, dir, "init"); got.code != 1 || !strings.Contains(got.err, "herd.json") {
		t.Errorf("once more: %+v", got)
	}
	got = herdIn(t, dir, "check", "herd.json")
	if got.code != 0 || got.err != "" {
		t.Fatalf("%+v", got)
	}
	for _, s := range herd.Default().Servers {
		if !strings.Contains(got.out, s.Name+" ") || !strings.Contains(got.out, s.Clients) {
			t.Errorf("%s is not in the summary:\n%s", s.Name, got.out)
		}
	}
	if !strings.Contains(got.out, "5 servers, 5 links") {
		t.Errorf("the summary is\n%s", got.out)
	}
}

// The binary, since a test's own does not say what it was built from.
func TestVersion(t *testing.T) {
	p := start(t, t.TempDir(), "version")
	p.await(t, "proxyherd ")
	p.await(t, "go1.")
	if line := p.await(t, "gnet"); line != "gnet v2.10.0" {
		t.Errorf("it says %q", line)
	}
	p.ends(t, 0)
	p = start(t, t.TempDir(), "version", "--json")
	var v versions
	if err := json.UnmarshalFromString(p.await(t, "{"), &v); err != nil || v.Program != "proxyherd" || v.Gnet != "v2.10.0" || !strings.HasPrefix(v.Go, "go1.") {
		t.Errorf("%+v, %v", v, err)
	}
	p.ends(t, 0)
}

func TestTheDemoHolds(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	p := start(t, dir, "demo")
	for _, words := range []string{
		"> " + kiwiIsAt, "< AT Farmar +", "All four give Farmar's line",
		"Meeks is killed", "< ? " + whatsAtMango, "Meeks is started again", "exit code 0", "each step was checked",
	} {
		p.await(t, words)
	}
	p.ends(t, 0)
	left, err := os.ReadDir(dir)
	if err != nil || len(left) > 0 {
		t.Errorf("the demo leaves %v, %v", left, err)
	}
}
