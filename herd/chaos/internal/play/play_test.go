package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"proxyherd/herd/chaos/stage"
)

// binary is the program, built for these tests.
var binary string

func TestMain(m *testing.M) {
	os.Exit(withBinary(m.Run))
}

// withBinary builds the program, runs the tests, and removes it.
func withBinary(run func() int) int {
	dir, err := os.MkdirTemp("", "herd-chaos-test-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	binary = filepath.Join(dir, "herd")
	build := exec.Command("go", "build", "-o", binary, "proxyherd/cmd/herd")
	build.Stdout, build.Stderr = os.Stderr, os.Stderr
	if err := build.Run(); err != nil {
		fmt.Fprintln(os.Stderr, "building the program to be hurt:", err)
		return 1
	}
	return run()
}

// short is a run of a few seconds, on loopback.
func short(t *testing.T, faults string) *options {
	return &options{
		binary: binary, design: "mixed", journal: "none", only: faults, dir: t.TempDir(),
		length: 4 * time.Second, seed: 1, rate: 300, grounded: "these tests leave the machine as it is",
	}
}

func TestAShortRunIsKept(t *testing.T) {
	var out bytes.Buffer
	ok, err := short(t, "kill,proxy-cut,hostile-clients,forged-proofs,cut").run(t.Context(), &out)
	if !ok || err != nil {
		t.Fatalf("error %v:\n%s", err, &out)
	}
	for _, text := range []string{
		"all on loopback", "  cut              not run: these tests leave the machine as it is", "  kill              ",
		"all servers agree", "reports acknowledged, of ", "porcupine refuses 0 of them", "All was kept.",
	} {
		if !strings.Contains(out.String(), text) {
			t.Errorf("the report lacks %q:\n%s", text, &out)
		}
	}
	if strings.Contains(out.String(), "\n0 reports") || strings.Contains(out.String(), "\n0 answers") {
		t.Errorf("nobody was at work:\n%s", &out)
	}
}

// A server that ends by itself is no fault's doing, and the run fails.
func TestAServerThatEndsByItselfIsNoticed(t *testing.T) {
	s, err := stage.Open(stage.Settings{Dir: t.TempDir(), Binary: binary, Design: "reactor", Journal: "none", Lacks: stage.LacksAll("a test")})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close(false) }() // without disks of its own nothing fails
	for _, name := range s.Names() {
		if _, err := s.Start(name, 0); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.Agree(t.Context(), settleBound); err != nil {
		t.Fatal(err)
	}
	hill, young := s.Life("Hill"), s.Life("Young")
	s.Kill("Young")
	if s.Life("Young") != nil || len(s.Wrongs()) > 0 {
		t.Fatalf("a kill is told as %q", s.Wrongs())
	}
	if err := syscall.Kill(hill.Pid(), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	<-hill.Done()
	<-young.Done()
	if wrong := s.Wrongs(); len(wrong) != 1 || !strings.Contains(wrong[0], "Hill ended by itself") {
		t.Errorf("what is told is %q", wrong)
	}
	var out bytes.Buffer
	if sumUp(&out, s) || !strings.Contains(out.String(), "WRONG: Hill ended by itself") {
		t.Errorf("the report is\n%s", &out)
	}
	if _, err := s.Agreement(t.Context()); err == nil {
		t.Error("servers agree that are not there")
	}
}

func TestFlagsThatMakeNoSenseAreRefused(t *testing.T) {
	for want, change := range map[string]func(*options){
		`there is no fault "smile"`:   func(o *options) { o.only = "kill,smile" },
		`0 reports a second are none`: func(o *options) { o.rate = 0 },
		`there is no journal "stone"`: func(o *options) { o.journal = "stone" },
		`there is no design "clay"`:   func(o *options) { o.design = "clay" },
	} {
		o := short(t, "")
		change(o)
		if ok, err := o.run(t.Context(), &bytes.Buffer{}); ok || err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the error is %v, want %s", err, want)
		}
	}
}

// A plan can be looked at, and nothing happens.
func TestAPlanCanBePrinted(t *testing.T) {
	o := short(t, "")
	o.plan = true
	var out bytes.Buffer
	if ok, err := o.run(t.Context(), &out); !ok || err != nil || !strings.Contains(out.String(), "  kill ") {
		t.Errorf("error %v:\n%s", err, &out)
	}
	if logs, _ := filepath.Glob(filepath.Join(o.dir, "logs", "*", "*")); len(logs) > 0 {
		t.Errorf("there are logs: %q", logs)
	}
}
