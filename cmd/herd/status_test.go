package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
	"unicode/utf8"

	"proxyherd/herd"
	"proxyherd/herd/configfile"
)

func TestTheTablesAreThese(t *testing.T) {
	for name, h := range map[string]*staged{
		"well": wellHerd(), "pages": pagesThatFail(), "links": linksThatFail(), "hostile": hostileHerd(),
	} {
		t.Run(name, func(t *testing.T) {
			var out strings.Builder
			if err := writeTables(&out, h.seen(t)); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join("testdata", "status", name+".txt")
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			got := h.said(out.String())
			if got != string(want) {
				t.Errorf("%s is not what is said:\n%s", path, got)
			}
			if strings.ContainsFunc(got, func(r rune) bool { return r != '\n' && (r < ' ' || r > '~') }) {
				t.Errorf("it says what a terminal would do: %q", got)
			}
			for line := range strings.Lines(got) {
				if width := utf8.RuneCountInString(line) - 1; width > 100 && name != "hostile" {
					t.Errorf("%d columns: %s", width, line)
				}
			}
		})
	}
}

func TestTheDocumentHasAllThatIsKnown(t *testing.T) {
	var out strings.Builder
	if err := writeJSON(&out, linksThatFail().seen(t)); err != nil {
		t.Fatal(err)
	}
	var got overview
	if err := json.UnmarshalFromString(out.String(), &got); err != nil {
		t.Fatal(err)
	}
	if !got.At.Equal(noon) || got.Herd != "herd" || got.Well || len(got.Servers) != 5 || len(got.Links) != 6 {
		t.Errorf("%+v", got)
	}
	if losses := got.Servers[4].Status.Links[0].Losses; len(losses) != 5 || losses[4].Reason != "connection_lost" {
		t.Errorf("Young's losses are %+v", losses)
	}
	if l := got.Links[1]; l.Ends[0].View != viewUp || l.Ends[1].View != viewDown || l.Well || *l.CheckedAgo != 12 {
		t.Errorf("Farmar - Young is %+v", l)
	}
	for _, key := range []string{
		`"clock_seconds":-1.5`, `"took_seconds":0`, `"error":""`, `"checked_ago_seconds":null`, `"differ":3`,
		`"ends":[{"server":"Hill","view":"up"},{"server":"Meeks","view":"unlisted"}]`, `"sync":"behind"`,
	} {
		if !strings.Contains(out.String(), key) {
			t.Errorf("%s is not in %s", key, out.String())
		}
	}
}

func TestTheDocumentHasTheErrorsAndNothingThatATerminalDoes(t *testing.T) {
	for name, h := range map[string]*staged{"pages": pagesThatFail(), "hostile": hostileHerd()} {
		o := h.seen(t)
		var out strings.Builder
		if err := writeJSON(&out, o); err != nil {
			t.Fatal(err)
		}
		text, whole := strings.CutSuffix(out.String(), "\n")
		if !whole || strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r > '~' }) {
			t.Errorf("%s: %q", name, text)
		}
		var got overview
		if err := json.UnmarshalFromString(text, &got); err != nil {
			t.Fatal(err)
		}
		errs := 0
		for i, s := range got.Servers {
			if s.Error != o.Servers[i].Error || (s.Error == "") != (s.Status != nil) {
				t.Errorf("%s: %s has the error %q, want %q", name, s.Name, s.Error, o.Servers[i].Error)
			}
			if s.Error != "" {
				errs++
			}
		}
		if want := map[string]int{"pages": 5, "hostile": 3}[name]; errs != want {
			t.Errorf("%s: %d errors, want %d", name, errs, want)
		}
		if name == "hostile" && got.Servers[0].Status.Root != h.status["Farmar"].Root {
			t.Errorf("%q is read back as %q", h.status["Farmar"].Root, got.Servers[0].Status.Root)
		}
	}
}

func TestTheExitCodeOfStatus(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(*staged)
		args   string
		code   int
		out    string
		err    string
	}{
		{"all is well", nil, "", 0, "All is well: 5 servers reached, 5 links up and in sync.", ""},
		{"as JSON", nil, "--json", 0, `"well":true`, ""},
		{"two of them", nil, "Young Hill", 0, "2 servers reached, 3 links", ""},
		{"one has another root", func(h *staged) { h.status["Hill"].Root = "00" }, "", 0, "All is well", ""},
		{"a server is down", func(h *staged) { h.down["Meeks"] = true }, "", 1, "Meeks   down: connection refused",
			"herd: not all is well: servers without an answer: 1 of 5; links not known to be up: 3 of 5\n"},
		{"one is down that was not asked", func(h *staged) { h.down["Meeks"] = true }, "Young", 0, "1 server reached", ""},
		{"one has no page", func(h *staged) { h.config.Servers[2].HTTP = "" }, "--json", 1,
			"give servers[2] of the config an http address", "servers without an answer: 1 of 5; links not known to be up: 1 of 5\n"},
		{"a journal has failed", func(h *staged) {
			h.status["Hill"].Journal = &herd.JournalStatus{FailedSince: before(time.Minute), Waiting: 3, Error: "no space left"}
		}, "", 1, ", 3 records wait: no space left", "not all is well: servers whose journal has failed: 1 of 5\n"},
		{"a sink has failed", func(h *staged) {
			h.status["Hill"].Sink = &herd.SinkStatus{FailedSince: before(time.Minute), Pending: 4, Error: "refused"}
		}, "", 1, ", 4 records wait: refused", "not all is well: servers whose sink has failed: 1 of 5\n"},
		{"a sink works again", func(h *staged) { h.status["Hill"].Sink = &herd.SinkStatus{Failures: 3} }, "", 0, "All is well", ""},
		{"a journal works again", func(h *staged) { h.status["Hill"].Journal = &herd.JournalStatus{Failures: 3} }, "", 0, "All is well", ""},
		{"a link is down at one end", func(h *staged) { h.link("Hill", "Meeks").Up = false }, "", 1, "down/up",
			"not all is well: links not known to be up: 1 of 5\n"},
		{"a link is behind", func(h *staged) { h.link("Hill", "Meeks").Sync = herd.Behind }, "", 1, "behind, 12s ago",
			"not all is well: links up, but not known to be in sync: 1 of 5\n"},
		{"a link is not known to be in sync", func(h *staged) {
			h.link("Hill", "Meeks").Checked, h.link("Meeks", "Hill").Checked = before(91*time.Second), time.Time{}
		}, "--json", 1, `"sync":"unknown","checked_ago_seconds":91`, "in sync: 1 of 5\n"},
		{"no such server", nil, "Hill Nobody", 2, "", `no server has this name: "Nobody"; the herd has Farmar, Gasol`},
		{"no time", nil, "--timeout 0s", 2, "", "--timeout 0s leaves no time"},
		{"no such file", nil, "--config missing.json", 2, "", "missing.json"},
		{"no such flag", nil, "--xml", 2, "", "See: herd status --help"},
	} {
		t.Run(test.name, func(t *testing.T) {
			h := wellHerd()
			if test.change != nil {
				test.change(h)
			}
			h.serve(t)
			dir := t.TempDir()
			writeFile(t, filepath.Join(dir, usualConfig), func(w io.Writer) error { return configfile.Write(w, h.config) })
			args := append([]string{"status", "--timeout", deadline.String()}, strings.Fields(test.args)...)
			got := herdIn(t, dir, args...)
			if got.code != test.code || !strings.Contains(got.out, test.out) || !strings.Contains(got.err, test.err) ||
				test.err == "" && got.err != "" || test.out == "" && got.out != "" {
				t.Errorf("exit code %d, want %d\nout: %s\nwant: %s\nerr: %s\nwant: %s", got.code, test.code, got.out, test.out, got.err, test.err)
			}
		})
	}
}

// A herd at work, as its user asks for it. Links open a moment after the servers.
func TestTheStatusOfAHerd(t *testing.T) {
	dir, config := inDir(t, nil)
	p, _ := up(t, dir, "--standin")
	report(t, config, "Hill", "somebody")
	var got overview
	var told outcome
	until(t, "all links are in sync and all servers know the client", func() bool {
		told = herdIn(t, dir, "status", "--json", "--timeout", deadline.String())
		if err := json.UnmarshalFromString(told.out, &got); err != nil {
			t.Fatalf("%v: %+v", err, told)
		}
		here := 0
		for _, s := range got.Servers {
			if s.Error != "" || s.Status.Name != s.Name {
				t.Fatalf("%+v", s)
			}
			here += s.Status.Records
		}
		inSync := 0
		for _, l := range got.Links {
			if l.up() && l.Sync == herd.InSync {
				inSync++
			}
		}
		return here == 5 && inSync == 5
	})
	if !got.Well || told.code != exitOK {
		t.Errorf("all is well, and the exit code is %d, well: %v", told.code, got.Well)
	}
	table := start(t, dir, "status", "--timeout", deadline.String())
	for _, s := range config.Servers {
		if line := table.await(t, s.Name+" "); !strings.HasPrefix(line, fmt.Sprintf("%-6s  up ", s.Name)) {
			t.Errorf("%s has the row %q", s.Name, line)
		}
	}
	for _, name := range []string{"Farmar - Meeks", "Farmar - Young", "Gasol - Meeks", "Gasol - Young", "Hill - Meeks"} {
		if line := table.await(t, name+" "); !strings.HasPrefix(line, fmt.Sprintf("%-14s  up  ", name)) {
			t.Errorf("%s has the row %q", name, line)
		}
	}
	p.signal(t, syscall.SIGINT)
	p.ends(t, 0)
}
