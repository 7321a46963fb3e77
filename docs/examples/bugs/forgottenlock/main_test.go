package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// build builds the program as it is, or with the race detector. That one is in C: it
// says so where there is no compiler.
func build(t *testing.T, arguments ...string) (program string) {
	t.Helper()
	program = filepath.Join(t.TempDir(), "forgottenlock")
	out, err := exec.Command("go", append(append([]string{"build"}, arguments...), "-o", program, ".")...).CombinedOutput()
	if err != nil {
		t.Fatalf("go build %q (the race detector needs a C compiler): %v\n%s", arguments, err, out)
	}
	return program
}

// On a reactor the forgotten lock was never needed: every report is counted, and the
// race detector has nothing to say. In goroutines it names both lines.
func TestTheRaceDetectorTellsOneDesignFromTheOther(t *testing.T) {
	program := build(t, "-race")
	out, err := exec.Command(program, "-design", "reactor", "-clients", "8", "-each", "200").CombinedOutput()
	if err != nil || string(out) != "1600 of 1600 reports were counted\n" {
		t.Errorf("on a reactor: %v: %s", err, out)
	}
	// It names what a run does, and to the detector all that was written to any file is
	// before all that is read after it: two counts race only if no line or answer passes
	// between them. That takes more than one P, and some luck where the machine is busy.
	for range 20 {
		command := exec.Command(program, "-design", "goroutine")
		command.Env = append(os.Environ(), "GOMAXPROCS=4")
		if out, err = command.CombinedOutput(); err != nil {
			break
		}
	}
	if err == nil || !bytes.Contains(out, []byte("WARNING: DATA RACE")) || strings.Count(string(out), "reports.count") < 2 {
		t.Errorf("in goroutines: %v: %s", err, out)
	}
}

// Without it the compiler and vet say nothing, and what a run does is a matter of
// luck: all may be counted, or some lost, or the runtime may notice and end the
// process. It never passes for a failure of the client.
func TestInGoroutinesNobodyElseTells(t *testing.T) {
	if out, err := exec.Command("go", "vet", ".").CombinedOutput(); err != nil {
		t.Errorf("vet has found it: %v\n%s", err, out)
	}
	program := build(t)
	ends := map[string]int{}
	for range 5 {
		out, err := exec.Command(program, "-design", "goroutine").CombinedOutput()
		switch text := string(out); {
		case err == nil && text == "20000 of 20000 reports were counted\n":
			ends["all were counted"]++
		case err == nil && strings.HasSuffix(text, " of 20000 reports were counted\n"):
			ends["some were lost"]++
		case err != nil && strings.Contains(text, "fatal error: concurrent map"):
			ends["the runtime ended the process"]++
		default:
			t.Errorf("%v: %.300s", err, text)
		}
	}
	t.Logf("of 5 runs: %v", ends)
}
