// Package calls counts the system calls of a server that is measured, as perf sees them:
// in the kernel, at next to no cost for the server. strace would stop it twice at each
// call, and so change how many events it finds in a turn.
package calls

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Counts are the system calls of a process while they were counted.
type Counts struct {
	Read  int64 `json:"read"`  // and its like
	Write int64 `json:"write"` // and its like, also to an eventfd
	Wait  int64 `json:"wait"`  // for events
	Turns int64 `json:"turns"` // waits that returned some
	All   int64 `json:"all"`   // whatever they are, the Go runtime's own included

	// Missing says why nothing was counted; empty where something was.
	Missing string `json:"missing,omitempty"`
}

// tracepoint is a place in the kernel that is counted, and into what.
type tracepoint struct {
	name   string
	filter string // what must hold there; empty: nothing
	into   func(*Counts) *int64
}

var tracepoints = []tracepoint{
	{"syscalls:sys_enter_read", "", func(c *Counts) *int64 { return &c.Read }},
	{"syscalls:sys_enter_readv", "", func(c *Counts) *int64 { return &c.Read }},
	{"syscalls:sys_enter_recvfrom", "", func(c *Counts) *int64 { return &c.Read }},
	{"syscalls:sys_enter_recvmsg", "", func(c *Counts) *int64 { return &c.Read }},
	{"syscalls:sys_enter_write", "", func(c *Counts) *int64 { return &c.Write }},
	{"syscalls:sys_enter_writev", "", func(c *Counts) *int64 { return &c.Write }},
	{"syscalls:sys_enter_sendto", "", func(c *Counts) *int64 { return &c.Write }},
	{"syscalls:sys_enter_sendmsg", "", func(c *Counts) *int64 { return &c.Write }},
	{"syscalls:sys_enter_epoll_wait", "", func(c *Counts) *int64 { return &c.Wait }},
	{"syscalls:sys_enter_epoll_pwait", "", func(c *Counts) *int64 { return &c.Wait }},
	{"syscalls:sys_exit_epoll_wait", "ret > 0", func(c *Counts) *int64 { return &c.Turns }},
	{"syscalls:sys_exit_epoll_pwait", "ret > 0", func(c *Counts) *int64 { return &c.Turns }},
	{"raw_syscalls:sys_enter", "", func(c *Counts) *int64 { return &c.All }},
}

// errNotCounted is a perf that does not do what is asked.
var errNotCounted = errors.New("perf counts no system calls here (it must be installed, and its user may need to be root)")

// Count counts a process's calls from now on until stop. Where they cannot be counted Missing says why.
func Count(ctx context.Context, pid int) (stop func() *Counts) {
	missing := func(err error) func() *Counts {
		return func() *Counts { return &Counts{Missing: err.Error()} }
	}
	args := []string{"stat", "--field-separator", ",", "--delay", "-1", "--control", "fd:3,4", "--pid", strconv.Itoa(pid)}
	for _, t := range tracepoints {
		args = append(args, "--event", t.name)
		if t.filter != "" {
			args = append(args, "--filter", t.filter)
		}
	}
	var told bytes.Buffer
	cmd := exec.CommandContext(ctx, "perf", args...)
	cmd.Stderr = &told
	orders, order, err := os.Pipe()
	if err != nil {
		return missing(err)
	}
	ack, acks, err := os.Pipe()
	if err != nil {
		return missing(errors.Join(err, orders.Close(), order.Close()))
	}
	cmd.ExtraFiles = []*os.File{orders, acks} // 3 and 4
	err = cmd.Start()
	err = errors.Join(err, orders.Close(), acks.Close())
	if err == nil {
		// It has to be told, and says when it has begun: to attach takes it a while.
		err = enable(order, ack)
	}
	if err != nil {
		end(cmd, order, ack)
		return missing(fmt.Errorf("%w: %w: %s", errNotCounted, err, firstLine(told.String())))
	}
	return func() *Counts {
		end(cmd, order, ack)
		counts, err := parse(told.String())
		if err != nil {
			return &Counts{Missing: err.Error()}
		}
		return counts
	}
}

func enable(order io.Writer, ack *os.File) error {
	if _, err := io.WriteString(order, "enable\n"); err != nil {
		return err
	}
	const patience = 10 * time.Second
	if err := ack.SetReadDeadline(time.Now().Add(patience)); err != nil {
		return err
	}
	_, err := bufio.NewReader(ack).ReadString('\n')
	return err
}

// end ends perf, which then writes what it has counted.
func end(cmd *exec.Cmd, files ...*os.File) {
	if cmd.Process != nil {
		_ = cmd.Process.Signal(os.Interrupt) // it may have ended already
		_ = cmd.Wait()                       // by a signal, and so with an error
	}
	for _, f := range files {
		_ = f.Close()
	}
}

// parse reads lines such as "123,,syscalls:sys_enter_read,...".
func parse(text string) (*Counts, error) {
	counts, found := &Counts{}, 0
	for line := range strings.Lines(text) {
		fields := strings.Split(line, ",")
		if len(fields) < 3 {
			continue
		}
		at := slices.IndexFunc(tracepoints, func(t tracepoint) bool { return t.name == fields[2] })
		n, err := strconv.ParseInt(fields[0], 10, 64)
		if at < 0 || err != nil {
			continue // such as "<not supported>"
		}
		*tracepoints[at].into(counts) += n
		found++
	}
	if found == 0 || counts.All == 0 {
		return nil, fmt.Errorf("%w: %s", errNotCounted, firstLine(text))
	}
	return counts, nil
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	return line
}
