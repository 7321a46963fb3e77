package herdtest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// herdBinary is the herd command, built for the tests.
var herdBinary string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "herdtest")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	herdBinary = filepath.Join(dir, "herd")
	lookAtSources()
	build := exec.Command("go", "build", "-o", herdBinary, "proxyherd/cmd/herd")
	build.Stderr = os.Stderr
	code := 1
	if err := build.Run(); err == nil {
		code = m.Run()
	} else {
		fmt.Fprintln(os.Stderr, "building the herd command:", err)
	}
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

// lookAtSources lets go test's cache know what the herd command is made of: it
// notes the files that a test looks at, but not those of a command that the
// test runs.
func lookAtSources() {
	_ = filepath.WalkDir("../..", func(path string, entry os.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && strings.HasSuffix(path, ".go") {
			_, _ = os.Stat(path)
		}
		return nil // what cannot be read, go build will complain about
	})
}

func TestScriptsOnRealProcesses(t *testing.T) {
	scripts, err := filepath.Glob("../testdata/*.txt")
	if err != nil || len(scripts) < 5 {
		t.Fatalf("%d scripts found (%v)", len(scripts), err)
	}
	for design, of := range map[string]func(server string) string{
		"reactor":   func(string) string { return "reactor" },
		"goroutine": func(string) string { return "goroutine" },
		// One herd of both: each of the first kind talks to the second alone.
		"both": func(server string) string {
			if server == "Farmar" || server == "Hill" {
				return "reactor"
			}
			return "goroutine"
		},
	} {
		for _, path := range scripts {
			t.Run(design+"/"+strings.TrimSuffix(filepath.Base(path), ".txt"), func(t *testing.T) {
				Play(t, NewProcesses(t, herdBinary, of), path)
			})
		}
	}
}
