package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"
)

// patience bounds each wait. What is waited for takes a moment; a busy machine may make
// that a long one.
const patience = 60 * time.Second

// demo is a herd that is left to its page.
type demo struct {
	url   string
	cmd   *exec.Cmd
	ended chan struct{}

	mu    sync.Mutex
	lines []string
}

// startDemo starts herd demo and waits until its play is over.
func startDemo(ctx context.Context, binary string) (*demo, error) {
	d := &demo{cmd: exec.CommandContext(ctx, binary, "demo", "--stay", "--page", "127.0.0.1:0"), ended: make(chan struct{})}
	d.cmd.Cancel = func() error { return d.cmd.Process.Signal(syscall.SIGTERM) }
	out, err := d.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	d.cmd.Stderr = d.cmd.Stdout
	if err := d.cmd.Start(); err != nil {
		return nil, fmt.Errorf("%w (make build builds it)", err)
	}
	yours := make(chan struct{})
	go func() {
		defer close(d.ended)
		for in := bufio.NewScanner(out); in.Scan(); {
			if d.heard(in.Text()) {
				close(yours)
			}
		}
		_ = d.cmd.Wait() // how it ended is told by what it said
	}()
	select {
	case <-yours:
		return d, nil
	case <-d.ended:
		return nil, fmt.Errorf("the demo has ended:\n%s", d.said())
	case <-time.After(patience):
		d.stop()
		return nil, errors.New("the demo's play has not ended")
	}
}

// heard takes a line, and reports whether it says that the herd is left to the page.
func (d *demo) heard(line string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.lines = append(d.lines, line)
	if _, url, found := strings.Cut(line, "Watch it in a browser: "); found {
		d.url = url
	}
	return strings.Contains(line, "The herd is yours now")
}

func (d *demo) said() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return strings.Join(d.lines[max(0, len(d.lines)-20):], "\n")
}

// stop ends the herd in order.
func (d *demo) stop() {
	_ = d.cmd.Process.Signal(syscall.SIGTERM) // it may have ended
	<-d.ended
}
