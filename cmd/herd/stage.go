package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"proxyherd/cmd/herd/internal/supervise"
	"proxyherd/herd"
)

// What the demo finds when something does not work.
var (
	errNotReady = errors.New("it was not ready in time")
	errNotSo    = errors.New("this is not what should have happened")
	errNoTweets = errors.New("there is no tweet in the answer")
)

// patience bounds each wait of the demo, the servers' for the upstream too. All of
// them take milliseconds, but on a machine that has much else to do.
const patience = 30 * time.Second

// stage is where the demo plays: the processes, and what is said of them.
type stage struct {
	ctx      context.Context
	out      io.Writer
	config   herd.Config
	programs map[string]supervise.Program
	order    []string // of the programs
	running  map[string]*supervise.Process
	lines    map[string]string // the AT line of each client

	mu     sync.Mutex
	events bytes.Buffer // what the processes said: shown if the demo fails
}

func newStage(ctx context.Context, out io.Writer, dir string) (*stage, error) {
	config, err := elsewhere(dir)
	if err != nil {
		return nil, err
	}
	config.Upstream.Timeout = herd.Duration(patience)
	return newStageFor(ctx, out, config)
}

// newStageFor is newStage for a herd with that config.
func newStageFor(ctx context.Context, out io.Writer, config herd.Config) (*stage, error) {
	keys, err := runKeys("", config)
	if err != nil {
		return nil, err
	}
	upstream, servers, err := programs(handover{config, keys}, true)
	if err != nil {
		return nil, err
	}
	st := &stage{
		ctx: ctx, out: out, config: config,
		programs: make(map[string]supervise.Program),
		running:  make(map[string]*supervise.Process),
		lines:    make(map[string]string),
	}
	for _, p := range append(servers, *upstream) {
		st.programs[p.Name] = p
		st.order = append(st.order, p.Name)
	}
	return st, nil
}

func (st *stage) say(format string, args ...any) { fmt.Fprintf(st.out, format+"\n", args...) }

// startAll starts every process.
func (st *stage) startAll() error {
	for _, name := range st.order {
		if err := st.startOne(name); err != nil {
			return err
		}
	}
	return nil
}

// startOne starts a process and waits until it is ready.
func (st *stage) startOne(name string) error {
	ready := make(chan struct{})
	process, err := supervise.Start(st.programs[name], supervise.Ears{
		Said:  func(line string) { st.heard(name, line) },
		Ready: func(string) { close(ready) },
	})
	if err != nil {
		return err
	}
	st.running[name] = process
	ctx, cancel := context.WithTimeoutCause(st.ctx, patience, errNotReady)
	defer cancel()
	select {
	case <-ready:
		return nil
	case <-process.Done():
		return fmt.Errorf("%s: %w", name, process.Err())
	case <-ctx.Done():
		return fmt.Errorf("%s: %w\n%s", name, context.Cause(ctx), st.said())
	}
}

func (st *stage) heard(name, line string) {
	st.mu.Lock()
	defer st.mu.Unlock()
	fmt.Fprintf(&st.events, "%s: %s\n", name, line)
}

func (st *stage) said() string {
	st.mu.Lock()
	defer st.mu.Unlock()
	return strings.TrimSuffix(st.events.String(), "\n")
}

// killed kills a server and waits for its end.
func (st *stage) killed(name string) error {
	process := st.running[name]
	delete(st.running, name)
	process.Kill()
	select {
	case <-process.Done():
		return nil
	case <-st.ctx.Done():
		return context.Cause(st.ctx)
	}
}

// stopAll asks all processes to end: the servers first, since the stand-in
// answers for what still waits there.
func (st *stage) stopAll() error {
	ctx, cancel := context.WithTimeout(st.ctx, patience)
	defer cancel()
	var failed []error
	for _, name := range st.order {
		if err := st.running[name].Stop(ctx); err != nil {
			failed = append(failed, fmt.Errorf("%s: %w", name, err))
		}
		delete(st.running, name)
	}
	return errors.Join(failed...)
}

// clear ends what a demo that failed has left.
func (st *stage) clear() {
	for _, name := range slices.Sorted(maps.Keys(st.running)) {
		st.running[name].Kill()
		<-st.running[name].Done()
	}
}
