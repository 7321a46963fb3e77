package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
)

// longest is how long a command may take. It bounds what hangs, and judges nothing.
const longest = 3 * time.Minute

// play runs what the pages say is run, and tells what differs. It needs bin/herd.
func (t *tree) play() (problems []problem, played int, err error) {
	var herd *exec.Cmd
	defer func() { interrupt(herd) }()
	for _, p := range t.pages {
		for _, shown := range p.transcripts() {
			marker, others := strings.CutSuffix(shown.marker, " with other lines")
			text, until := strings.CutPrefix(marker, "run until ")
			if marker == "run beside make herd" && herd == nil {
				if herd, _, err = t.start("bin/herd up", "The herd is up."); err != nil {
					return problems, played, err
				}
			}
			for _, step := range shown.steps {
				var differs string
				switch {
				case until:
					var c *exec.Cmd
					var said []string
					c, said, err = t.start(step.command, text)
					interrupt(c)
					differs = step.compare(said, others)
				case strings.HasPrefix(marker, "run"):
					differs, err = t.try(step, others, herd != nil)
				default:
					continue
				}
				if err != nil {
					return problems, played, fmt.Errorf("%s:%d: %w", p.path, step.line, err)
				}
				if played++; differs != "" {
					problems = append(problems, problem{p.path, step.line, fmt.Sprintf("%s: %s", step.command, differs)})
				}
			}
		}
	}
	return problems, played, nil
}

// settling is how long a herd that has just started may say something else than one
// that has run for a while: links are dialled, heartbeats have not been round.
const settling = 20 * time.Second

// try runs a command and compares; beside a herd again and again, while that settles.
func (t *tree) try(step shown, others, beside bool) (differs string, err error) {
	for began := time.Now(); ; {
		said, err := t.run(step.command)
		if differs = step.compare(said, others); err != nil || differs == "" || !beside || time.Since(began) > settling {
			return differs, err
		}
	}
}

// shell makes a command as a reader types it, in a process group of its own.
func (t *tree) shell(ctx context.Context, command string) *exec.Cmd {
	c := exec.CommandContext(ctx, "bash", "-c", command)
	top, _ := filepath.Abs(t.root) // fails only without a working directory
	c.Dir = top
	for _, v := range os.Environ() {
		// Within make, make says more.
		if !strings.HasPrefix(v, "MAKE") && !strings.HasPrefix(v, "MFLAGS") && !strings.HasPrefix(v, "PATH=") {
			c.Env = append(c.Env, v)
		}
	}
	c.Env = append(c.Env, "PATH="+filepath.Join(top, "bin")+":"+os.Getenv("PATH"))
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	return c
}

// run returns what a command says until it ends.
func (t *tree) run(command string) (said []string, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), longest)
	defer cancel()
	out, _ := t.shell(ctx, command).CombinedOutput() // its exit code may be the point
	if ctx.Err() != nil {
		return nil, fmt.Errorf("%s: no end within %v", command, longest)
	}
	return lines(out), nil
}

// start returns once a command has said a text, with what it has said until then.
func (t *tree) start(command, text string) (c *exec.Cmd, said []string, err error) {
	c = t.shell(context.Background(), command)
	heard := &heard{text: text, found: make(chan struct{})}
	c.Stdout, c.Stderr = heard, heard
	if err := c.Start(); err != nil {
		return nil, nil, err
	}
	select {
	case <-heard.found:
		said = heard.lines()
		last := slices.IndexFunc(said, func(line string) bool { return strings.Contains(line, text) })
		return c, said[:last+1], nil
	case <-time.After(longest):
		interrupt(c)
		return nil, nil, fmt.Errorf("%s: it has not said %q within %v, but %q", command, text, longest, heard.lines())
	}
}

// interrupt ends a command as Ctrl-C does, and all that it has started.
func interrupt(c *exec.Cmd) {
	if c != nil && c.Process != nil {
		_ = syscall.Kill(-c.Process.Pid, syscall.SIGINT) // it may have ended by itself
		_ = c.Wait()                                     // with the signal's exit code
	}
}

// heard keeps what is said, and tells when a text was.
type heard struct {
	mu    sync.Mutex
	said  bytes.Buffer
	text  string
	found chan struct{}
	told  bool
}

func (h *heard) Write(p []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.said.Write(p)
	// The whole line that the text is in.
	if at := bytes.Index(h.said.Bytes(), []byte(h.text)); !h.told && at >= 0 && bytes.IndexByte(h.said.Bytes()[at:], '\n') >= 0 {
		h.told = true
		close(h.found)
	}
	return len(p), nil
}

func (h *heard) lines() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return lines(h.said.Bytes())
}

func lines(out []byte) []string {
	text := strings.TrimRight(string(out), "\n")
	if text == "" {
		return nil
	}
	return strings.Split(text, "\n")
}
