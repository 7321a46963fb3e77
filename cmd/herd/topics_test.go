package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestTheExitCodesOfEachCommandAreTold(t *testing.T) {
	var told, there []string
	for _, v := range verdicts {
		told = append(told, v.command)
		if !strings.HasPrefix(v.meaning, "0: ") {
			t.Errorf("%s: %q does not say what 0 means", v.command, v.meaning)
		}
	}
	for _, c := range newRoot().Commands() {
		if c.Runnable() {
			there = append(there, c.Name())
		}
	}
	slices.Sort(there)
	if !slices.Equal(told, there) {
		t.Errorf("the topic tells of %q, and there are %q", told, there)
	}
	for i, e := range exitCodes {
		if e.code != i {
			t.Errorf("code %d stands at %d", e.code, i)
		}
	}
}

// The page of a setting that is not there would be followed in vain.
func TestWhatTheTopicOfConfigurationSaysIsSo(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("HERD_LIMITS_CONNECTIONS", "100")
	t.Setenv("HERD_LIMITS_RECORDS", "100")
	t.Setenv("HERD_SERVERS_0_CLIENTS", "127.0.0.1:7")
	t.Setenv("HERD_LIMIT_CONNECTIONS", "5")
	t.Setenv("HERD_MY_KEY", "k")
	got := herdIn(t, dir, "check", "--json", "--set", "limits.records=5", "--set", "limits.records=6", "--set", "upstream.key_env=HERD_MY_KEY", "--set", "upstream.kind=places")
	var r checkReport
	if err := json.UnmarshalFromString(got.out, &r); err != nil || got.code != exitOK {
		t.Fatalf("%+v: %v", got, err)
	}
	c := r.Config
	if c.Limits.Connections != 100 || c.Limits.Records != 6 || c.Servers[0].Clients != "127.0.0.1:7" || c.Upstream.URL != "" {
		t.Errorf("%+v", c)
	}
	if len(r.Given) != 7 || r.Given[0] != (givenSetting{"limits.connections", "100", "HERD_LIMITS_CONNECTIONS"}) || r.Given[6].From != "--set" {
		t.Errorf("given are %+v", r.Given)
	}
	const unknown = "the environment variable HERD_LIMIT_CONNECTIONS is no setting and is passed over; did you mean HERD_LIMITS_CONNECTIONS?"
	if !slices.Equal(r.Warnings, []string{unknown}) || got.err != "herd: warning: "+unknown+"\n" {
		t.Errorf("the warnings are %q, and it says %q", r.Warnings, got.err)
	}
	t.Setenv("HERD_LIMITS_CONNECTIONS", "many")
	if got := herdIn(t, dir, "send", "Farmar", "x"); got.code != exitUsage || !strings.HasPrefix(got.err, `herd: HERD_LIMITS_CONNECTIONS: limits.connections: wrong type of value: this is "many"`) {
		t.Errorf("%+v", got)
	}
}

func TestManHasAPageForEachCommand(t *testing.T) {
	dir := t.TempDir()
	if got := herdIn(t, dir, "man", "pages"); got.code != exitOK || got.out+got.err != "" {
		t.Fatalf("%+v", got)
	}
	pages := make(map[string]string)
	var serve string
	for _, p := range manPages(newRoot()) {
		pages[p.file] = string(p.text)
		if written, err := os.ReadFile(filepath.Join(dir, "pages", p.file)); err != nil || string(written) != pages[p.file] {
			t.Errorf("%s is not what was written: %v", p.file, err)
		}
		if p.file == "man1/herd-serve.1" {
			serve = pages[p.file]
		}
	}
	root, flags := newRoot(), 0
	for _, c := range append(root.Commands(), root) {
		name := manFile(c)
		page := pages[name]
		delete(pages, name)
		for _, want := range []string{".TH ", ".SH NAME\n", ".SH DESCRIPTION\n", ".SH SEE ALSO\n", roff(c.Short)} {
			if !strings.Contains(page, want) {
				t.Errorf("%s lacks %q", name, want)
			}
		}
		for line := range strings.Lines(c.LocalFlags().FlagUsages()) {
			if flag, _, is := strings.Cut(strings.TrimSpace(line), " "); is && !strings.Contains(page, roff(flag)) {
				t.Errorf("%s lacks %s", name, flag)
			}
			flags++
		}
		for line := range strings.Lines(page) {
			if word, _, _ := strings.Cut(line, " "); strings.HasPrefix(line, "'") || strings.HasPrefix(line, ".") && !slices.Contains(requests, strings.TrimSpace(word)) {
				t.Errorf("%s has the request %q", name, line)
			}
		}
	}
	if flags < 40 || !strings.Contains(serve, roff("--design")) || strings.Contains(serve, supervisedFlag) {
		t.Errorf("%d flags checked, and one that is hidden is told", flags)
	}
	for _, want := range []string{"man1/herd.1", "man1/herd-up.1", "man7/herd-exit-codes.7"} {
		if _, err := os.Stat(filepath.Join(dir, "pages", want)); err != nil {
			t.Error(err)
		}
	}
	if len(pages) > 0 {
		t.Errorf("there are pages of nothing: %d", len(pages))
	}
}

var requests = []string{".TH", ".SH", ".B", ".BR", ".nf", ".fi"}

func TestTextsStayAsTheyAreInAPage(t *testing.T) {
	for text, want := range map[string]string{
		"a-b":           `a\-b`,
		".request":      `\&.request`,
		"a\n.b":         "a\n" + `\&.b`,
		"'quoted'":      `\(aqquoted\(aq`,
		`C:\x ~^` + "`": `C:\ex \(ti\(ha\(ga`,
	} {
		if got := roff(text); got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
}

func TestNamesAndChoicesAreCompleted(t *testing.T) {
	dir := t.TempDir()
	for _, test := range []struct {
		words []string
		want  []string // among what is offered, in this order
		not   string
	}{
		{[]string{"se"}, []string{"send", "serve"}, "up"},
		{[]string{"serve", ""}, []string{"Farmar", "Gasol", "Hill", "Meeks", "Young"}, ""},
		{[]string{"serve", "Farmar", ""}, nil, "Gasol"},
		{[]string{"status", "Farmar", ""}, []string{"Gasol", "Young"}, "Farmar"},
		{[]string{"top", "--once", "Y"}, []string{"Young"}, ""},
		{[]string{"send", "--set", `servers=[{"name":"Solo","clients":"127.0.0.1:1"}]`, ""}, []string{"Solo"}, "Farmar"},
		{[]string{"serve", "--set", "servers=nonsense", ""}, nil, "Farmar"},
		{[]string{"up", "--restart", ""}, []string{"always", "never"}, ""},
		{[]string{"up", "--design", ""}, []string{"reactor"}, ""},
		{[]string{"check", "--graph", "s"}, []string{"svg"}, ""},
		{[]string{"status", "--graph", ""}, nil, "svg"},
		{[]string{"check", "--set", "limits.r"}, []string{"limits.records=", "limits.record_bytes="}, ""},
		{[]string{"check", "--set", "servers[0].n"}, []string{"servers[0].name="}, ""},
		{[]string{"up", "--config", ""}, []string{"json"}, ""},
		{[]string{"completion", ""}, []string{"bash", "zsh", "fish"}, ""},
	} {
		got := herdIn(t, dir, append([]string{"__completeNoDesc"}, test.words...)...)
		rest := strings.Split(got.out, "\n")
		for _, want := range test.want {
			at := slices.Index(rest, want)
			if at < 0 {
				t.Errorf("%q: %q is not offered in its place:\n%s", test.words, want, got.out)
				break
			}
			rest = rest[at+1:]
		}
		if got.code != exitOK || test.not != "" && slices.Contains(strings.Split(got.out, "\n"), test.not) {
			t.Errorf("%q: exit code %d, and %q is offered:\n%s", test.words, got.code, test.not, got.out)
		}
	}
}

// bash alone is on every machine that builds this project.
func TestTheScriptForBashIsRead(t *testing.T) {
	dir := t.TempDir()
	got := herdIn(t, dir, "completion", "bash")
	check := exec.Command("bash", "-c", "set -e; "+`eval "$(cat)"; complete -p herd`)
	check.Stdin = strings.NewReader(got.out)
	out, err := check.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "__start_herd herd") {
		t.Errorf("%v: %s", err, out)
	}
}
