package main

import (
	"errors"
	"net"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"proxyherd/bench/peers/peer"
	"proxyherd/herd"
	"proxyherd/herd/herdtest"
	"proxyherd/herd/upstream/standin"
)

// root is the module's folder, from this package.
const root = "../../.."

// TestMain lets go test's cache know what the servers are made of: it notes the files that
// a test looks at, but not those of a program that it builds or runs.
func TestMain(m *testing.M) {
	_ = filepath.WalkDir(root, func(path string, entry os.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && slices.Contains([]string{".go", ".py", ".js"}, filepath.Ext(path)) {
			_, _ = os.Stat(path)
		}
		return nil // what cannot be read, the compilers will complain about
	})
	os.Exit(m.Run())
}

// fenced is a stage that scripts are played on.
type fenced struct {
	*stage
	t        *testing.T
	patience time.Duration
}

// eachHost runs a test on a herd of each kind of servers. Those whose runtime is missing
// are named.
func eachHost(t *testing.T, test func(t *testing.T, f *fenced)) {
	for _, h := range hosts {
		if only := os.Getenv(onHost); only != "" && only != h.name {
			continue
		}
		t.Run(h.name, func(t *testing.T) {
			at := place{root: root, sources: os.Getenv(fromSources), bin: t.TempDir(), flags: strings.Fields(os.Getenv(builtWith))}
			program, err := h.program(at)
			if errors.Is(err, peer.ErrMissing) {
				t.Skip(err)
			} else if err != nil {
				t.Fatal(err)
			}
			test(t, start(t, program))
		})
	}
}

// start starts a herd, which the test's end asks to end in order.
func start(t *testing.T, program func(server, config string) []string) *fenced {
	t.Helper()
	web := httptest.NewServer(standin.New(standin.Options{}))
	t.Cleanup(web.Close)
	s, err := newStage(program, web.URL+"/search.json", func(*herd.Config) {})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	f := &fenced{s, t, peer.Patience}
	if text := os.Getenv(whosePatience); text != "" {
		if f.patience, err = time.ParseDuration(text); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(f.end)
	if err := s.StartAll(); err != nil {
		t.Fatal(err)
	}
	return f
}

// end stops the servers. What their logs warn of is shown, for whoever looks.
func (f *fenced) end() {
	for _, s := range f.Config.Servers {
		if f.t.Failed() {
			f.t.Logf("%s: %s", s.Name, f.Output(s.Name))
		}
		if err := f.Stop(s.Name); err != nil {
			f.t.Error(err)
		}
		events, err := f.events(s.Name)
		if err != nil {
			f.t.Error(err)
		}
		for _, event := range events {
			f.t.Logf("log of %s: %s", s.Name, event)
		}
	}
}

// At does nothing: real time goes its own way.
func (f *fenced) At(herd.Timestamp) {}

// ExactTime is false.
func (f *fenced) ExactTime() bool { return false }

// Wait looks until condition holds, for as long as this test's patience is.
func (f *fenced) Wait(condition func() bool) bool {
	late := time.Now().Add(f.patience)
	held := false
	return f.Herd.Wait(func() bool {
		held = condition()
		return held || time.Now().After(late)
	}) && held
}

// Connect opens a connection, which the test's end closes.
func (f *fenced) Connect(to string) herdtest.Client {
	f.t.Helper()
	c, err := f.connect(to)
	if err != nil {
		f.t.Fatal(err)
	}
	f.t.Cleanup(c.Close)
	return c
}

// Start brings a server back.
func (f *fenced) Start(server string) {
	f.t.Helper()
	if err := f.Herd.Start(server); err != nil {
		f.t.Fatal(err)
	}
}

// line waits for a connection's next line, and takes it.
func (f *fenced) line(c herdtest.Client) string {
	f.t.Helper()
	var line string
	if !f.Wait(func() bool {
		var found bool
		if line, _, found = strings.Cut(string(c.Received()), "\n"); found {
			c.Take(len(line) + 1)
		}
		return found
	}) {
		f.t.Fatalf("no line came (%q, ended: %v)", c.Received(), c.Ended())
	}
	return line
}

// mute connects to a server's fence, with little room for what comes, which nobody reads.
func (f *fenced) mute(server string) net.Conn {
	f.t.Helper()
	const room = 4096
	dialler := net.Dialer{Control: func(_, _ string, raw syscall.RawConn) (err error) {
		failed := raw.Control(func(fd uintptr) {
			err = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF, room)
		})
		return errors.Join(failed, err)
	}}
	conn, err := dialler.Dial("tcp", f.fences[server])
	if err != nil {
		f.t.Fatal(err)
	}
	f.t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// warnings are events.
func (f *fenced) warnings(server string) []string {
	f.t.Helper()
	events, err := f.events(server)
	if err != nil {
		f.t.Fatal(err)
	}
	return events
}

// say sends a line on a new connection, and returns the answer.
func (f *fenced) say(to, line string) string {
	f.t.Helper()
	c := f.Connect(to)
	c.Send([]byte(line + "\n"))
	defer c.(*peer.Client).Close()
	return f.line(c)
}

// scriptsIn are the scripts of a folder of the module's.
func scriptsIn(t *testing.T, folder string, least int) []string {
	t.Helper()
	scripts, err := filepath.Glob(filepath.Join(root, folder, "*.txt"))
	if err != nil || len(scripts) < least {
		t.Fatalf("%d scripts found in %s (%v)", len(scripts), folder, err)
	}
	return scripts
}
