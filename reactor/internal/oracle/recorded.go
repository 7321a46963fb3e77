package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"proxyherd/reactor/internal/oracle/scenario"
)

// How much is recorded of a family, whichever is reached first; fewer scripts of
// one that is slow, by its weight.
const (
	recordedScripts = 300
	recordedBytes   = 250_000
)

// recording is what a Twisted made of some scripts: a file of testdata.
type recording struct {
	version string
	scripts []scenario.Script
	replies []scenario.Transcript
}

// play gives the transcript that was recorded.
func (r *recording) play(_ string, script scenario.Script) (scenario.Transcript, error) {
	for i, s := range r.scripts {
		if slices.Equal(s, script) {
			return r.replies[i], nil
		}
	}
	return nil, fmt.Errorf("%w: %q", errNotRecorded, script)
}

var (
	errNotRecorded = errors.New("this script was not recorded")
	errMalformed   = errors.New("this is no recording: write it anew with -golden")
)

const versionLine = "# Twisted "

// record writes a file of testdata for each family.
func record(c config, chosen []scenario.Family, t *twisted) error {
	for _, f := range chosen {
		var text strings.Builder
		fmt.Fprintf(&text, "%s%s\n# What it made of these scripts, on Python %s: written by\n"+
			"# go run ./reactor/internal/oracle -golden, and played on ours by go test.\n", versionLine, t.version, t.python)
		for n := range recordedScripts * min(weight(f), scenario.DefaultWeight) / scenario.DefaultWeight {
			script := f.Script(c.seed + uint64(n))
			reply, err := t.play(f.Name, script)
			if err != nil {
				return err
			}
			if len(reply) > 0 && strings.HasPrefix(reply[0], playerFailed) {
				return fmt.Errorf("recording family %s, seed %d: %s", f.Name, c.seed+uint64(n), reply[0])
			}
			fmt.Fprintf(&text, "\nscript\n%sgives\n%s", indented(script), indented(reply))
			if text.Len() > recordedBytes {
				break
			}
		}
		if err := os.WriteFile(filepath.Join(c.testdata, f.Name+".txt"), []byte(text.String()), 0o644); err != nil {
			return err
		}
	}
	return nil
}

func indented(lines []string) string {
	var text strings.Builder
	for _, line := range lines {
		text.WriteString("  " + line + "\n")
	}
	return text.String()
}

// readRecording reads what record wrote.
func readRecording(path string) (*recording, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	r := &recording{}
	var block *[]string // where an indented line belongs
	for line := range strings.SplitSeq(string(text), "\n") {
		inner, isInner := strings.CutPrefix(line, "  ")
		switch version, isVersion := strings.CutPrefix(line, versionLine); {
		case isVersion:
			r.version = version
		case line == "" || line[0] == '#':
		case line == "script":
			r.scripts, r.replies = append(r.scripts, nil), append(r.replies, nil)
			block = (*[]string)(&r.scripts[len(r.scripts)-1])
		case line == "gives" && block != nil:
			block = (*[]string)(&r.replies[len(r.replies)-1])
		case isInner && block != nil:
			*block = append(*block, inner)
		default:
			return nil, fmt.Errorf("%s: %q: %w", path, line, errMalformed)
		}
	}
	if r.version == "" || len(r.scripts) == 0 {
		return nil, fmt.Errorf("%s: %w", path, errMalformed)
	}
	return r, nil
}

// runRecorded compares ours with what was recorded.
func runRecorded(c config, chosen []scenario.Family, out io.Writer) error {
	var tallies []*tally
	for i := range chosen {
		f := &chosen[i]
		r, err := readRecording(filepath.Join(c.testdata, f.Name+".txt"))
		if err != nil {
			return err
		}
		found := newTally(f.Name, "not run, but recorded: "+r.version)
		tallies = append(tallies, found)
		match := &contest{family: f, twisted: r, version: r.version, repeat: c.repeat}
		for _, script := range r.scripts {
			o, err := match.play(script)
			if err != nil {
				return err
			}
			found.add(o)
			if o.differs && found.differences <= reports {
				writeDifference(out, f.Name, r.version, o, o) // nothing to shrink it with
			}
		}
	}
	return finish(c, tallies, out)
}
