package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
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
	keys     [][]byte
	programs map[string]supervise.Program
	order    []string          // of the programs
	lines    map[string]string // the AT line of each client
	wires    *wires            // between the servers; nil: they dial each other

	mu      sync.Mutex
	running map[string]*supervise.Process
	events  bytes.Buffer // what the processes said: shown if the demo fails
}

func newStage(ctx context.Context, out io.Writer, dir string) (*stage, error) {
	config, err := elsewhere(dir)
	if err != nil {
		return nil, err
	}
	config.Upstream.Timeout = herd.Duration(patience)
	st, err := newStageFor(ctx, out, config)
	if err != nil {
		return nil, err
	}
	return st, st.rewire()
}

// rewire puts wires that can be cut between the servers.
func (st *stage) rewire() (err error) {
	if st.wires, err = newWires(st.config); err != nil {
		return err
	}
	for _, s := range st.config.Servers {
		program := st.programs[s.Name]
		program.Input, err = handover{st.wires.seenBy(s.Name, st.config), st.keys}.line()
		if err != nil {
			return errors.Join(err, st.wires.close())
		}
		st.programs[s.Name] = program
	}
	return nil
}

// newStageFor is newStage for a herd with that config, without wires.
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
		ctx: ctx, out: out, config: config, keys: keys,
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
	st.mu.Lock()
	st.running[name] = process
	st.mu.Unlock()
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

// runs reports whether a process was started and has not ended.
func (st *stage) runs(name string) bool {
	st.mu.Lock()
	defer st.mu.Unlock()
	process := st.running[name]
	if process == nil {
		return false
	}
	select {
	case <-process.Done():
		return false
	default:
		return true
	}
}

// take gives up a process, which is the caller's to end; nil if there is none.
func (st *stage) take(name string) *supervise.Process {
	st.mu.Lock()
	defer st.mu.Unlock()
	process := st.running[name]
	delete(st.running, name)
	return process
}

// killed kills a server and waits for its end.
func (st *stage) killed(name string) error {
	process := st.take(name)
	process.Kill()
	select {
	case <-process.Done():
		return nil
	case <-st.ctx.Done():
		return context.Cause(st.ctx)
	}
}

// stopOne asks a process to end, and waits until it has.
func (st *stage) stopOne(name string) error {
	ctx, cancel := context.WithTimeout(st.ctx, patience)
	defer cancel()
	if process := st.take(name); process != nil {
		if err := process.Stop(ctx); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

// stopAll asks all processes that run to end: the servers first, since the stand-in
// answers for what still waits there.
func (st *stage) stopAll() error {
	var failed []error
	for _, name := range st.order {
		failed = append(failed, st.stopOne(name))
	}
	return errors.Join(failed...)
}

// clear ends what a demo that failed has left.
func (st *stage) clear() error {
	for _, name := range st.order {
		if process := st.take(name); process != nil {
			process.Kill()
			<-process.Done()
		}
	}
	if st.wires == nil {
		return nil
	}
	return st.wires.close()
}
