package main

import (
	"bufio"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"proxyherd/herd"
	"proxyherd/herd/configfile"
)

// deadline bounds each wait of these tests. What is waited for takes a moment; a
// busy machine may make that a long one.
const deadline = 60 * time.Second

// process is the program at work, as a user would start it.
type process struct {
	cmd  *exec.Cmd
	done chan struct{} // closed when it has ended

	mu    sync.Mutex
	lines []string // of both its outputs
	more  chan struct{}
	taken int // lines that await has passed
}

// testVariables are those by which these tests are told how much to do: the program
// would take them for settings that it does not know.
var testVariables = []string{"HERD_CROWD", "HERD_LONG", "HERD_PEERS"}

// start runs the program in dir until the test ends.
func start(t testing.TB, dir string, args ...string) *process {
	t.Helper()
	return startCommand(t, dir, exec.Command(binary, args...))
}

func startCommand(t testing.TB, dir string, cmd *exec.Cmd) *process {
	t.Helper()
	out, in, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, in, in
	cmd.Env = slices.DeleteFunc(cmd.Environ(), func(variable string) bool {
		name, _, _ := strings.Cut(variable, "=")
		return slices.Contains(testVariables, name)
	})
	p := &process{cmd: cmd, done: make(chan struct{}), more: make(chan struct{}, 1)}
	err = cmd.Start()
	_ = in.Close() // the child has its own; without it ours would never end
	if err != nil {
		t.Fatal(err)
	}
	go p.read(out)
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // it has ended, as a rule
		<-p.done
		if t.Failed() {
			t.Logf("%v said:\n%s", cmd.Args, p.said())
		}
	})
	return p
}

// read takes the output to its end, and then the exit code.
func (p *process) read(out *os.File) {
	defer close(p.done)
	defer out.Close()
	scanner := bufio.NewScanner(out)
	for scanner.Scan() {
		p.mu.Lock()
		p.lines = append(p.lines, scanner.Text())
		p.mu.Unlock()
		select {
		case p.more <- struct{}{}:
		default:
		}
	}
	_ = p.cmd.Wait() // ProcessState has what it would say
}

func (p *process) said() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return strings.Join(p.lines, "\n")
}

// await takes lines until one holds text, and returns that.
func (p *process) await(t testing.TB, text string) string {
	t.Helper()
	late := time.After(deadline)
	for {
		if line, found := p.take(text); found {
			return line
		}
		select {
		case <-p.more:
		case <-p.done:
			if line, found := p.take(text); found {
				return line
			}
			t.Fatalf("it ended without saying %q", text)
		case <-late:
			t.Fatalf("it has not said %q", text)
		}
	}
}

func (p *process) take(text string) (line string, found bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for p.taken < len(p.lines) {
		line = p.lines[p.taken]
		p.taken++
		if strings.Contains(line, text) {
			return line, true
		}
	}
	return "", false
}

func (p *process) signal(t testing.TB, s syscall.Signal) {
	t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		t.Fatal(err)
	}
}

// ends waits for the end and checks the exit code.
func (p *process) ends(t testing.TB, code int) {
	t.Helper()
	select {
	case <-p.done:
	case <-time.After(deadline):
		t.Fatal("it has not ended")
	}
	if got := p.cmd.ProcessState.ExitCode(); got != code {
		t.Errorf("it ended with %v, want exit code %d", p.cmd.ProcessState, code)
	}
}

// until asks again and again, until it is so.
func until(t *testing.T, what string, isSo func() bool) {
	t.Helper()
	again := time.NewTicker(10 * time.Millisecond)
	defer again.Stop()
	for late := time.After(deadline); !isSo(); {
		select {
		case <-again.C:
		case <-late:
			t.Fatalf("it never came about: %s", what)
		}
	}
}

// gone tells whether a process has ended. One that its parent has not buried yet,
// because the parent is the test machine's first process, has ended too.
func gone(pid int) bool {
	text, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	if errors.Is(err, os.ErrNotExist) || errors.Is(err, syscall.ESRCH) {
		return true
	}
	_, rest, _ := strings.Cut(string(text), ") ")
	return strings.HasPrefix(rest, "Z") || strings.HasPrefix(rest, "X")
}

// inDir makes a directory with the config of a herd on free ports.
func inDir(t testing.TB, change func(*herd.Config)) (dir string, config herd.Config) {
	t.Helper()
	dir = t.TempDir()
	config, err := elsewhere(filepath.Join(dir, "logs"))
	if err != nil {
		t.Fatal(err)
	}
	if change != nil {
		change(&config)
	}
	writeFile(t, filepath.Join(dir, usualConfig), func(w io.Writer) error { return configfile.Write(w, config) })
	return dir, config
}

func writeFile(t testing.TB, path string, write func(io.Writer) error) {
	t.Helper()
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(write(file), file.Close()); err != nil {
		t.Fatal(err)
	}
}
