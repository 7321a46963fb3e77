package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"proxyherd/reactor/reactortest"
)

// TestTheCallbackIsFound tries more than once: on a machine that stands still in the
// same turn for longer than the mistake takes, something else was the slowest.
func TestTheCallbackIsFound(t *testing.T) {
	traced := filepath.Join(t.TempDir(), "slowturn.trace")
	var out bytes.Buffer
	var told [][]byte
	for try := 0; told == nil && try < 20; try++ {
		if err := run(&out, traced); err != nil {
			t.Fatal(err)
		}
		told = regexp.MustCompile(`a turn took (\S+), of which (\S+) in: I/O of \*main\.Phonebook\n`).FindSubmatch(out.Bytes())
	}
	if told == nil {
		t.Fatalf("it said %q", &out)
	}
	for _, text := range told[1:] {
		if took, err := time.ParseDuration(string(text)); err != nil || took < 3*limit {
			t.Errorf("it took %s, %v", text, err)
		}
	}
	if text, err := os.ReadFile(traced); err != nil || !bytes.HasPrefix(text, []byte("go 1.")) {
		t.Errorf("the trace begins with %.16q, %v", text, err)
	}
}

func TestATraceThatCannotBeWrittenIsAnError(t *testing.T) {
	if err := run(&bytes.Buffer{}, t.TempDir()); err == nil {
		t.Error("a folder was written to")
	}
}

func TestThePhonebookAnswers(t *testing.T) {
	for name, number := range map[string]string{"Ada": "1815", "Grace": "1906", "Edsger": "unknown"} {
		var transport reactortest.StringTransport
		p := &Phonebook{}
		p.MakeConnection(p, &transport)
		if err := p.LineReceived([]byte(name)); err != nil {
			t.Fatal(err)
		}
		if got := string(transport.Value()); got != number+"\r\n" {
			t.Errorf("%s has %q", name, got)
		}
	}
}
