//go:build linux

package sockets

import (
	"bufio"
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"proxyherd/reactor/internal/oracle/scenario"
)

// record has the recording written anew:
//
//	go test ./reactor/internal/oracle/sockets -record /usr/bin/python3
var record = flag.String("record", "", "a Python that has Twisted: write the recording anew with what it makes of the scripts")

const (
	recording = "testdata/sockets.txt"
	player    = "../twisted/sockets.py"
	scripts   = 60 // of the seeds from 0 on
	repeated  = 25 // of them are played several times
	times     = 3
)

// TestRecorded plays the scripts that real Twisted was recorded with on ours,
// many of them several times.
func TestRecorded(t *testing.T) {
	if *record != "" {
		writeRecording(t)
	}
	played, events := 0, 0
	for seed, r := range readRecording(t) {
		if script := Family.Script(uint64(seed)); !slices.Equal(script, r.script) {
			t.Fatalf("seed %d makes the script %q, and made %q when it was recorded", seed, script, r.script)
		}
		plays := 1
		if seed < repeated {
			plays = times
		}
		for range plays {
			ours := play(r.script)
			if !slices.Equal(ours, r.reply) {
				t.Fatalf("seed %d, script\n\t%s\n%s", seed, strings.Join(r.script, "\n\t"), sideBySide(ours, r.reply))
			}
			played++
			events += len(ours)
		}
	}
	if played < repeated*times || events < 20*played {
		t.Fatalf("%d scripts played, %d events compared: too few", played, events)
	}
}

// recorded is a script, and what Twisted made of it.
type recorded struct {
	script scenario.Script
	reply  scenario.Transcript
}

// readRecording reads the recording, which has the form of the oracle's others.
func readRecording(t *testing.T) (all []recorded) {
	t.Helper()
	text, err := os.ReadFile(recording)
	if err != nil {
		t.Fatal(err)
	}
	for block := range strings.SplitSeq(strings.TrimSuffix(string(text), "\n"), "\n\n") {
		var r recorded
		inReply := false
		for line := range strings.SplitSeq(block, "\n") {
			switch inner, isInner := strings.CutPrefix(line, "  "); {
			case line == "gives":
				inReply = true
			case isInner && inReply:
				r.reply = append(r.reply, inner)
			case isInner:
				r.script = append(r.script, inner)
			}
		}
		if inReply {
			all = append(all, r)
		}
	}
	return all
}

// writeRecording writes what Twisted makes of the scripts.
func writeRecording(t *testing.T) {
	t.Helper()
	version, err := exec.Command(*record, "-c", "import twisted; print(twisted.__version__)").Output()
	if err != nil {
		t.Fatalf("-record %s: %v", *record, err)
	}
	var requests, text bytes.Buffer
	ask := json.NewEncoder(&requests)
	for seed := range uint64(scripts) {
		if err := ask.Encode(map[string]any{"script": Family.Script(seed)}); err != nil {
			t.Fatal(err)
		}
	}
	twisted := exec.Command(*record, player)
	twisted.Stdin = &requests
	replies, err := twisted.Output()
	if err != nil {
		t.Fatalf("%s %s: %v", *record, player, err)
	}
	fmt.Fprintf(&text, "# Twisted %s# What it made of these scripts: written by\n"+
		"# go test ./reactor/internal/oracle/sockets -record PYTHON, and played on ours by go test.\n", version)
	lines := bufio.NewScanner(bytes.NewReader(replies))
	for seed := uint64(0); lines.Scan(); seed++ {
		var reply struct{ Transcript []string }
		if err := json.Unmarshal(lines.Bytes(), &reply); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&text, "\nscript\n  %s\ngives\n  %s\n", strings.Join(Family.Script(seed), "\n  "), strings.Join(reply.Transcript, "\n  "))
	}
	if err := os.WriteFile(recording, text.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

// sideBySide shows two transcripts, with what differs marked.
func sideBySide(ours, twisted scenario.Transcript) string {
	at := func(t scenario.Transcript, i int) string {
		if i < len(t) {
			return t[i]
		}
		return "(nothing more)"
	}
	var text strings.Builder
	for i := range max(len(ours), len(twisted)) {
		mark := " "
		if at(ours, i) != at(twisted, i) {
			mark = "*"
		}
		fmt.Fprintf(&text, "%s %-50s | %s\n", mark, at(ours, i), at(twisted, i))
	}
	return text.String()
}
