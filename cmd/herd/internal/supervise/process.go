// Package supervise runs a program's children and keeps them running.
//
// Parent and child share three pipes and a signal, and nothing that another
// process can see:
//
//   - The child's standard input begins with what the parent hands over, secrets
//     included, and then stays open. Its end tells the child that the parent is
//     gone, whatever the parent died of. (PR_SET_PDEATHSIG would be sent when the
//     thread that forked ends, not the process, and could not be told from other
//     signals.)
//   - On standard output, "ready ..." says that the child does its work, and
//     "failed ..." why it ends. All other lines, and those on standard error, are
//     for people.
//   - SIGTERM asks the child to end.
//
// A child is the leader of a process group of its own: a Ctrl-C at the terminal
// reaches the parent alone, which then decides.
package supervise

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"sync"
	"syscall"
)

// What can be said of a child that did not do as it should. Err and Stop wrap
// them.
var (
	ErrEnded = errors.New("it ended by itself")
	ErrStuck = errors.New("it did not end when it was asked to, and was killed")
)

// Program is what a child runs.
type Program struct {
	// Name is what reports call the child.
	Name string
	// Path is the executable's.
	Path string
	// Args are its arguments, without its own name.
	Args []string
	// Input is what its standard input begins with.
	Input []byte
}

// Process is one running child. Start makes it. Its methods may be called from
// any goroutine.
type Process struct {
	cmd     *exec.Cmd
	done    chan struct{} // closed once it has ended
	failure string        // what followed "failed", from its end on
	err     error         // how it ended, from then on
}

// Ears take what a child says, from two goroutines, each line without its end.
// All is heard before the child counts as ended.
type Ears struct {
	// Said takes a line for people.
	Said func(line string)
	// Ready takes the line that begins with "ready".
	Ready func(news string)
}

// Start starts a child. The error is the system's.
func Start(p Program, ears Ears) (*Process, error) {
	cmd := exec.Command(p.Path, p.Args...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	stdin, err1 := cmd.StdinPipe()
	stdout, err2 := cmd.StdoutPipe()
	stderr, err3 := cmd.StderrPipe()
	if err := errors.Join(err1, err2, err3); err != nil {
		return nil, fmt.Errorf("starting %s: %w", p.Name, err)
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting %s: %w", p.Name, err)
	}
	child := &Process{cmd: cmd, done: make(chan struct{})}
	var reading sync.WaitGroup
	reading.Go(func() { eachLine(stdout, func(line string) { child.heard(line, ears) }) })
	reading.Go(func() { eachLine(stderr, ears.Said) })
	// A child that does not read what it is handed says why, or dies: the error
	// here would add nothing. Wait closes the pipe, so this ends with the child.
	go func() { _, _ = stdin.Write(p.Input) }()
	go func() {
		// Wait closes the pipes, so what they hold is read before.
		reading.Wait()
		child.err = child.howItEnded(cmd.Wait())
		close(child.done)
	}()
	return child, nil
}

// heard takes a line of the child's standard output.
func (p *Process) heard(line string, ears Ears) {
	switch word, rest, _ := strings.Cut(line, " "); word {
	case "ready":
		ears.Ready(line)
	case "failed":
		p.failure = rest
	default:
		ears.Said(line)
	}
}

func (p *Process) howItEnded(err error) error {
	switch {
	case p.failure != "":
		return errors.New(p.failure)
	case err != nil:
		return fmt.Errorf("%w: %w", ErrEnded, err)
	}
	return nil
}

// ID is the number by which the system knows the process.
func (p *Process) ID() int { return p.cmd.Process.Pid }

// Done is closed once the child has ended and all it said was heard.
func (p *Process) Done() <-chan struct{} { return p.done }

// Err is how the child ended: nil for a good end by itself, else the reason that
// it gave, or an error that wraps ErrEnded. Call it after Done.
func (p *Process) Err() error { return p.err }

// Kill ends the child without asking. It does not wait.
func (p *Process) Kill() {
	// The only error is that it has ended already.
	_ = p.cmd.Process.Kill()
}

// Stop asks the child to end and waits until it has. When ctx is done it is
// killed; the error then wraps ErrStuck. Otherwise the error is Err's.
func (p *Process) Stop(ctx context.Context) error {
	_ = p.cmd.Process.Signal(syscall.SIGTERM) // refused if it has ended, which is as good
	select {
	case <-p.done:
		if endedBy(p.cmd, syscall.SIGTERM) {
			return nil // it was asked before it had learnt to listen
		}
		return p.err
	case <-ctx.Done():
		p.Kill()
		<-p.done
		return fmt.Errorf("%w: %w", ErrStuck, context.Cause(ctx))
	}
}

func endedBy(cmd *exec.Cmd, signal syscall.Signal) bool {
	status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus)
	return ok && status.Signaled() && status.Signal() == signal
}

// longestLine bounds what is kept of a child's line; the rest of a longer one is
// told as lines of its own.
const longestLine = 64 << 10

func eachLine(from io.Reader, tell func(line string)) {
	in := bufio.NewReaderSize(from, longestLine)
	for {
		line, err := in.ReadSlice('\n')
		if len(line) > 0 {
			tell(strings.TrimSuffix(string(line), "\n"))
		}
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return
		}
	}
}
