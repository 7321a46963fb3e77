package main

import (
	"bufio"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"proxyherd/reactor/internal/oracle/scenario"
)

//go:embed twisted/*.py
var program embed.FS

// patience is how long Twisted may take over one script. A script takes
// milliseconds; a player that hangs must not hang the whole run.
const patience = time.Minute

// twisted is a Python process that plays scripts.
type twisted struct {
	interpreter, version, python string

	command *exec.Cmd // nil until it runs
	folder  string
	scripts io.WriteCloser
	answers chan []byte
}

// findTwisted starts the first interpreter that has Twisted.
func findTwisted() (*twisted, error) {
	candidates := []string{"python3", "/usr/bin/python3"}
	if named := os.Getenv("TWISTED_PYTHON"); named != "" {
		candidates = []string{named}
	}
	for _, name := range candidates {
		interpreter, err := exec.LookPath(name)
		// A module of Twisted's: any folder of that name can be imported.
		if err != nil || exec.Command(interpreter, "-c", "import twisted.internet").Run() != nil {
			continue
		}
		t := &twisted{interpreter: interpreter, answers: make(chan []byte)}
		if err := t.start(); err != nil {
			t.stop()
			return nil, fmt.Errorf("starting %s: %w", interpreter, err)
		}
		return t, nil
	}
	return nil, errMissing
}

// start starts the process and has it say what it is.
func (t *twisted) start() (err error) {
	if t.folder, err = os.MkdirTemp("", "oracle-"); err != nil {
		return err
	}
	if err = os.CopyFS(t.folder, program); err != nil {
		return err
	}
	// -B: no compiled files beside the program, which Python 2 would write.
	command := exec.Command(t.interpreter, "-B", filepath.Join(t.folder, "twisted", "oracle.py"))
	command.Stderr = os.Stderr
	if t.scripts, err = command.StdinPipe(); err != nil {
		return err
	}
	out, err := command.StdoutPipe()
	if err != nil {
		return err
	}
	if err = command.Start(); err != nil {
		return err
	}
	t.command = command
	go t.read(out)
	var hello struct{ Twisted, Python string }
	if err = t.answer(&hello); err != nil {
		return err
	}
	t.version, t.python = hello.Twisted, hello.Python
	return nil
}

// read hands each line of the process's output to who waits for an answer.
func (t *twisted) read(out io.Reader) {
	defer close(t.answers)
	for lines := bufio.NewReader(out); ; {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			return
		}
		t.answers <- line
	}
}

var errSilent = errors.New("the Python process does not answer")

func (t *twisted) answer(to any) error {
	select {
	case line, open := <-t.answers:
		if !open {
			return fmt.Errorf("%w: it has ended", errSilent)
		}
		return json.Unmarshal(line, to)
	case <-time.After(patience):
		return fmt.Errorf("%w within %v", errSilent, patience)
	}
}

// play has Twisted play a script. A player that failed gives a transcript of
// one event, which equals none of ours, so that it is shrunk as a difference is.
func (t *twisted) play(family string, script scenario.Script) (scenario.Transcript, error) {
	request := struct {
		Family string          `json:"family"`
		Script scenario.Script `json:"script"`
	}{family, script}
	if err := json.NewEncoder(t.scripts).Encode(request); err != nil {
		return nil, fmt.Errorf("%w: %w", errSilent, err)
	}
	var reply struct {
		Transcript scenario.Transcript
		Error      string
	}
	if err := t.answer(&reply); err != nil {
		return nil, fmt.Errorf("family %s, script %q: %w", family, script, err)
	}
	if reply.Error != "" {
		trace := strings.Split(strings.TrimSpace(reply.Error), "\n")
		return scenario.Transcript{playerFailed + ": " + trace[len(trace)-1]}, nil
	}
	return reply.Transcript, nil
}

// playerFailed is the event that stands for a Python error in the player.
const playerFailed = "the player failed"

// stop ends the process and removes its program.
func (t *twisted) stop() {
	if t.command != nil {
		_ = t.command.Process.Kill() // it may have ended by itself
		for range t.answers {        // until read has seen the end
		}
		_ = t.command.Wait() // "killed" is what it says, and what was wanted
	}
	if t.folder != "" {
		_ = os.RemoveAll(t.folder) // a temporary folder: best effort
	}
}
