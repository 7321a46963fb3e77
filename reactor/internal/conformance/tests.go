package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
)

// tester runs the tests of packages and tells how each ended: "pass", "fail" or
// "skip" by <import path>.<name>.
type tester func(packages []string, race bool) (map[string]string, error)

// goTest is the tester of the command: go test -json. That it exits with an
// error is no news, since a failed test is in the results; what the compiler
// has to say goes to standard error.
func goTest(packages []string, race bool) (map[string]string, error) {
	if len(packages) == 0 {
		return nil, nil
	}
	args := []string{"test", "-json"}
	if race {
		args = append(args, "-race")
	}
	cmd := exec.Command("go", append(args, packages...)...)
	cmd.Stderr = os.Stderr
	output, err := cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("running go test: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("running go test: %w", err)
	}
	results, err := readEvents(output, os.Stderr)
	if err != nil {
		_, _ = io.Copy(io.Discard, output) // or go test would wait for a reader
	}
	if waited := cmd.Wait(); err == nil && waited != nil && !errors.As(waited, new(*exec.ExitError)) {
		err = fmt.Errorf("running go test: %w", waited)
	}
	return results, err
}

// event is what is of interest in a line of go test -json.
type event struct {
	Action, Package, Test, Output string
}

// readEvents takes the outcomes out of the output of go test -json, and prints
// what the compiler said and how each failed test came to fail to log.
func readEvents(output io.Reader, log io.Writer) (map[string]string, error) {
	results := map[string]string{}
	said := map[string][]string{}
	for d := json.NewDecoder(output); ; {
		var e event
		switch err := d.Decode(&e); {
		case errors.Is(err, io.EOF):
			return results, nil
		case err != nil:
			return nil, fmt.Errorf("reading the output of go test: %w", err)
		}
		name := e.Package + "." + e.Test
		switch e.Action {
		case "build-output":
			fmt.Fprint(log, e.Output)
		case "output":
			said[name] = append(said[name], e.Output)
		case "pass", "fail", "skip":
			if e.Action == "fail" {
				for _, text := range said[name] {
					fmt.Fprint(log, text)
				}
			}
			delete(said, name)
			if e.Test != "" {
				results[name] = e.Action
			}
		}
	}
}
