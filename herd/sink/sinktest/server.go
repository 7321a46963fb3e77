package sinktest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"proxyherd/herd"
	"proxyherd/herd/freeport"
)

// deadline bounds each wait. What is waited for takes a moment; a busy machine may
// make that a long one.
const deadline = 60 * time.Second

// install is how to get what is missing.
const install = "run make sinks-install (Debian's redis-server and postgresql) to have it tested"

// Server is a real database on a free port of the machine, whose data outlive its
// process.
type Server struct {
	Kind string // one of herd.SinkKinds
	URL  string // for a herd's sink.url

	t       testing.TB
	path    string // of its program
	dir     string
	port    int
	owner   *syscall.SysProcAttr // whom its process is of
	cmd     *exec.Cmd
	stopped bool
}

// Start runs a database until the test ends. Where its program is missing, the test is
// skipped, and says so.
func Start(t testing.TB, kind string) *Server {
	t.Helper()
	s := &Server{Kind: kind, t: t, dir: filepath.Join(t.TempDir(), kind), port: freePort(t), owner: &syscall.SysProcAttr{}}
	s.path = programOf(t, kind)
	if err := os.Mkdir(s.dir, 0o700); err != nil {
		t.Fatal(err)
	}
	s.URL = fmt.Sprintf("redis://127.0.0.1:%d/0", s.port)
	if kind == herd.SinkPostgres {
		s.URL = fmt.Sprintf("postgres://herd@127.0.0.1:%d/postgres?sslmode=disable", s.port)
		s.initialise()
	}
	t.Cleanup(func() {
		if s.cmd != nil {
			s.Kill()
		}
	})
	s.Run()
	return s
}

// programOf finds the program of a kind of database.
func programOf(t testing.TB, kind string) string {
	t.Helper()
	name := "redis-server"
	if kind == herd.SinkPostgres {
		name = "postgres"
		// Debian keeps one for each version, and none of them in the path.
		if found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/postgres"); len(found) > 0 {
			slices.SortFunc(found, func(a, b string) int { return len(a) - len(b) + strings.Compare(a, b) })
			return found[len(found)-1]
		}
	}
	path, err := exec.LookPath(name)
	if err != nil {
		t.Skipf("%s is not installed: %s", name, install)
	}
	return path
}

func freePort(t testing.TB) int {
	t.Helper()
	found, err := freeport.Find(1)
	if err != nil {
		t.Fatal(err)
	}
	return int(netip.MustParseAddrPort(found[0]).Port())
}

// initialise makes the files of a PostgreSQL, which does not run as root.
func (s *Server) initialise() {
	s.t.Helper()
	if os.Geteuid() == 0 {
		owner, err := user.Lookup("postgres")
		if err != nil {
			s.t.Skipf("PostgreSQL does not run as root, and there is no user postgres: %v: %s", err, install)
		}
		uid, _ := strconv.Atoi(owner.Uid)
		gid, _ := strconv.Atoi(owner.Gid)
		s.owner.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
		if err := os.Chown(s.dir, uid, gid); err != nil {
			s.t.Fatal(err)
		}
		// It must reach its files through the test's directories.
		for dir := filepath.Dir(s.dir); dir != os.TempDir() && dir != "/"; dir = filepath.Dir(dir) {
			if err := os.Chmod(dir, 0o711); err != nil {
				s.t.Fatal(err)
			}
		}
	}
	command := exec.Command(filepath.Join(filepath.Dir(s.path), "initdb"), "-D", s.dir, "-U", "herd", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
	command.Dir, command.SysProcAttr = s.dir, s.owner
	if out, err := command.CombinedOutput(); err != nil {
		s.t.Fatalf("initdb: %v\n%s", err, out)
	}
}

// Run starts it, and returns when it takes connections. What was written before a Kill
// is there.
func (s *Server) Run() {
	s.t.Helper()
	args := []string{"--port", strconv.Itoa(s.port), "--bind", "127.0.0.1", "--dir", s.dir, "--save", "", "--appendonly", "yes", "--appendfsync", "always", "--daemonize", "no"}
	if s.Kind == herd.SinkPostgres {
		// Without fsync a process that is killed loses nothing: only the machine could.
		args = []string{"-D", s.dir, "-p", strconv.Itoa(s.port), "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "fsync=off"}
	}
	log, err := os.OpenFile(filepath.Join(filepath.Dir(s.dir), "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		s.t.Fatal(err)
	}
	defer log.Close() // the process has its own
	s.cmd = exec.Command(s.path, args...)
	s.cmd.Dir, s.cmd.Stdout, s.cmd.Stderr, s.cmd.SysProcAttr = s.dir, log, log, s.owner
	if err := s.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for late := time.After(deadline); !s.answers(); {
		select {
		case <-again.C:
		case <-late:
			said, _ := os.ReadFile(log.Name())
			s.t.Fatalf("%s does not answer: %s", s.path, said)
		}
	}
}

// answers reports whether it can be asked something.
func (s *Server) answers() bool {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", fmt.Sprintf("127.0.0.1:%d", s.port))
	if err != nil {
		return false
	}
	defer conn.Close()
	hello, ready := "PING\r\n", "+PONG"
	if s.Kind == herd.SinkPostgres {
		// A start-up message of version 3.0 for the user herd; the answer to one that is
		// let in begins with R, while the server starts or stops it is E.
		text := "user\x00herd\x00database\x00postgres\x00\x00"
		hello, ready = string([]byte{0, 0, 0, byte(8 + len(text)), 0, 3, 0, 0})+text, "R"
	}
	if err := conn.SetDeadline(time.Now().Add(time.Second)); err != nil {
		return false
	}
	if _, err := conn.Write([]byte(hello)); err != nil {
		return false
	}
	said := make([]byte, len(ready))
	_, err = conn.Read(said)
	return err == nil && string(said) == ready
}

// Kill ends all its processes at once, and returns when they are gone.
func (s *Server) Kill() {
	s.t.Helper()
	s.signal(syscall.SIGKILL)
	_ = s.cmd.Wait() // it was killed
	s.cmd, s.stopped = nil, false
}

// Stop lets all its processes stand still, until Continue: its port takes connections
// still, and nobody answers.
func (s *Server) Stop() {
	s.t.Helper()
	s.signal(syscall.SIGSTOP)
	s.stopped = true
}

// Continue lets them go on.
func (s *Server) Continue() {
	s.t.Helper()
	s.signal(syscall.SIGCONT)
	s.stopped = false
}

// signal sends a signal to the process, and then to those that it has started, which
// cannot become more when it stands still.
func (s *Server) signal(number syscall.Signal) {
	s.t.Helper()
	first := s.cmd.Process.Pid
	if number == syscall.SIGKILL && !s.stopped {
		s.send(first, syscall.SIGSTOP)
	}
	children := childrenOf(first)
	s.send(first, number)
	for _, pid := range children {
		s.send(pid, number)
	}
	if number == syscall.SIGKILL {
		for _, pid := range children {
			s.untilGone(pid)
		}
	}
}

func (s *Server) send(pid int, number syscall.Signal) {
	s.t.Helper()
	if err := syscall.Kill(pid, number); err != nil && !errors.Is(err, syscall.ESRCH) {
		s.t.Fatal(err)
	}
}

// untilGone waits until a process is no more, or has nothing left but its exit code.
func (s *Server) untilGone(pid int) {
	s.t.Helper()
	again := time.NewTicker(5 * time.Millisecond)
	defer again.Stop()
	for late := time.After(deadline); ; {
		if _, state, found := look(pid); !found || state == "Z" || state == "X" {
			return
		}
		select {
		case <-again.C:
		case <-late:
			s.t.Fatalf("process %d of %s does not end", pid, s.Kind)
		}
	}
}

// childrenOf finds the processes that one has started.
func childrenOf(parent int) (list []int) {
	names, _ := filepath.Glob("/proc/[0-9]*") // the pattern is a good one
	for _, name := range names {
		pid, _ := strconv.Atoi(filepath.Base(name))
		if of, _, found := look(pid); found && of == parent {
			list = append(list, pid)
		}
	}
	return list
}

// look finds a process's parent and state.
func look(pid int) (parent int, state string, found bool) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, "", false
	}
	// Its name, in parentheses, may have anything in it.
	fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
	if len(fields) < 2 {
		return 0, "", false
	}
	parent, err = strconv.Atoi(fields[1])
	return parent, fields[0], err == nil
}
