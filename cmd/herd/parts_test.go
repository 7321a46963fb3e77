package main

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"proxyherd/herd"
)

func TestDescriptorsAreDivided(t *testing.T) {
	for _, test := range []struct {
		files, own       uint64
		wanted           int // workers
		clients, workers int
		err              error
	}{
		{64, reserve, 32, 32, 8, nil},
		{256, reserve, 32, 224, 32, nil},
		{1024, reserve, 32, 992, 32, nil},
		{1024, reserve, 4, 992, 4, nil},
		{33, reserve, 32, 1, 4, nil},
		{32, reserve, 32, 0, 0, errTooFewFiles},
		{0, reserve, 32, 0, 0, errTooFewFiles},
		{64, reserve + journalFiles, 32, 0, 0, errTooFewFiles},
		{128, reserve + journalFiles, 32, 32, 8, nil},
		{1<<64 - 1, reserve, 32, 1<<30 - 32, 32, nil},
	} {
		clients, workers, err := fit(test.files, test.own, test.wanted)
		if clients != test.clients || workers != test.workers || !errors.Is(err, test.err) {
			t.Errorf("fit(%d, %d, %d) = %d, %d, %v", test.files, test.own, test.wanted, clients, workers, err)
		}
	}
}

func TestArgumentsAreQuotedForAShell(t *testing.T) {
	for text, want := range map[string]string{
		"bin/herd": "bin/herd", "": "''", "two words": "'two words'", "it's": `'it'\''s'`, "$HOME": "'$HOME'", "a;b": "'a;b'",
	} {
		if got := quoteArg(text); got != want {
			t.Errorf("quoteArg(%q) = %s, want %s", text, got, want)
		}
	}
}

func TestHostsBecomeLiterals(t *testing.T) {
	for address, want := range map[string]string{
		"127.0.0.1:80": "127.0.0.1:80", "[::1]:80": "[::1]:80", ":80": "0.0.0.0:80", "localhost:80": "127.0.0.1:80",
	} {
		if got, err := literalOf(t.Context(), address); got != want || err != nil {
			t.Errorf("literalOf(%q) = %q, %v, want %q", address, got, err, want)
		}
	}
	config := herd.Default()
	for i := range config.Servers {
		s := &config.Servers[i]
		for _, address := range []*string{&s.Clients, &s.Peers, &s.HTTP} {
			*address = strings.Replace(*address, "127.0.0.1", "localhost", 1)
		}
	}
	config.Servers[2].Listen.Peers = "[::]:12102"
	got, err := resolve(t.Context(), config, "Hill")
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range got.Servers {
		// Where others dial stays a name, to be looked up when they do.
		want := herd.Listen{}
		if s.Name == "Hill" {
			want = herd.Listen{Clients: "127.0.0.1:12002", Peers: "[::]:12102", HTTP: "127.0.0.1:12202"}
		}
		if s.Listen != want || !strings.HasPrefix(s.Clients, "localhost:") || !strings.HasPrefix(s.Peers, "localhost:") {
			t.Errorf("%s: clients %s, peers %s, listens on %+v", s.Name, s.Clients, s.Peers, s.Listen)
		}
	}
	if config.Servers[2].Listen.Clients != "" {
		t.Error("the config that was given is changed")
	}
	config.Servers[2].Listen.HTTP = "nowhere.invalid:12202"
	if _, err := resolve(t.Context(), config, "Hill"); err == nil || !strings.Contains(err.Error(), `Hill is to listen on "nowhere.invalid:12202", which leads nowhere: `) {
		t.Errorf("the error is %v", err)
	}
	config.Servers[2].Listen.HTTP, config.Servers[3].Peers = "", "nowhere.invalid:12103"
	if _, err := resolve(t.Context(), config, "Hill"); err != nil {
		t.Errorf("a neighbour's name that leads nowhere keeps Hill from starting: %v", err)
	}
}

func TestHostOfAnAddressOfTheWeb(t *testing.T) {
	for address, want := range map[string]string{
		"http://127.0.0.1:12300/search.json": "127.0.0.1:12300",
		"http://[::1]:80/":                   "[::1]:80",
		"http://example.invalid/x":           "example.invalid:80",
		"://":                                "",
	} {
		if got := hostOf(address); got != want {
			t.Errorf("hostOf(%q) = %q, want %q", address, got, want)
		}
	}
}

func TestTheHandoverIsReadBack(t *testing.T) {
	given := handover{herd.Default(), [][]byte{[]byte("a key of sixteen"), {0, 255}}}
	line, err := given.line()
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Count(line, []byte("\n")) != 1 {
		t.Errorf("it is more than a line: %q", line)
	}
	parent, child := io.Pipe()
	go func() { _, _ = child.Write(line) }()
	got, gone, err := takeOver(parent)
	if err != nil {
		t.Fatal(err)
	}
	again, err := got.line()
	if err != nil || !bytes.Equal(line, again) {
		t.Errorf("read back as %s, %v, want %s", again, err, line)
	}
	select {
	case <-gone:
		t.Error("the parent counts as gone")
	default:
	}
	if err := child.Close(); err != nil {
		t.Fatal(err)
	}
	<-gone
	for _, text := range []string{"", "no line end", "not JSON\n"} {
		if _, _, err := takeOver(strings.NewReader(text)); !errors.Is(err, errNoHandover) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestLinesAreLabelledAndNotColouredInAFile(t *testing.T) {
	var out bytes.Buffer
	s := newScreen(&out, []string{"A", "Meeks"})
	s.said("A", "one")
	s.note("two")
	if want := "A     | one\nherd  | two\n"; out.String() != want {
		t.Errorf("%q, want %q", out.String(), want)
	}
	out.Reset()
	s.colour["A"] = colours[0] // as on a terminal
	s.said("A", "one")
	if want := "\x1b[36mA     |\x1b[0m one\n"; out.String() != want {
		t.Errorf("%q, want %q", out.String(), want)
	}
}
