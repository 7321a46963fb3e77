package herdtest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"proxyherd/herd"
	"proxyherd/herd/configfile"
	"proxyherd/herd/freeport"
	"proxyherd/herd/upstream/standin"
)

// Processes is the built-in herd as real processes on free ports of loopback.
type Processes struct {
	t       *testing.T
	binary  string
	Config  herd.Config
	path    string // of the config file
	running map[string]*exec.Cmd
	stderr  map[string]*bytes.Buffer
}

// realPatience is how much real time a condition may take, on a machine that
// may be slow and busy.
const realPatience = 30 * time.Second

// NewProcesses starts the built-in herd from the herd binary, with its links
// open. Its servers are of the design that design says for each.
func NewProcesses(t *testing.T, binary string, design func(server string) string) *Processes {
	t.Helper()
	web := httptest.NewServer(standin.New(standin.Options{}))
	t.Cleanup(web.Close)
	p := &Processes{
		t: t, binary: binary, Config: herd.Default(), path: filepath.Join(t.TempDir(), "herd.json"),
		running: map[string]*exec.Cmd{}, stderr: map[string]*bytes.Buffer{},
	}
	ports, err := freeport.Find(3 * len(p.Config.Servers))
	if err != nil {
		t.Fatal(err)
	}
	for i := range p.Config.Servers {
		s := &p.Config.Servers[i]
		s.Clients, s.Peers, s.HTTP = ports[3*i], ports[3*i+1], ports[3*i+2]
		s.Design = design(s.Name)
	}
	p.Config.Upstream.URL = web.URL + "/search.json"
	p.Config.Log.Dir = filepath.Join(t.TempDir(), "logs")
	var text bytes.Buffer
	if err := configfile.Write(&text, p.Config); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(p.path, text.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.close)
	for _, s := range p.Config.Servers {
		p.launch(s.Name)
	}
	p.waitForLinks()
	return p
}

// Start brings a server back.
func (p *Processes) Start(name string) {
	p.t.Helper()
	p.launch(name)
	p.waitForLinks()
}

func (p *Processes) launch(name string) {
	p.t.Helper()
	cmd := exec.Command(p.binary, "serve", name, "--config", p.path)
	out := &bytes.Buffer{}
	cmd.Stderr = out
	if err := cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	p.running[name], p.stderr[name] = cmd, out
}

func (p *Processes) waitForLinks() {
	p.t.Helper()
	var why error
	if !p.Wait(func() bool { why = p.linked(); return why == nil }) {
		p.t.Fatalf("the herd's links did not open: %v", why)
	}
}

// linked returns what is still missing.
func (p *Processes) linked() error {
	for _, s := range p.Config.Servers {
		if p.running[s.Name] == nil {
			continue
		}
		st, err := p.Status(s.Name)
		if err != nil {
			return err
		}
		for _, l := range st.Links {
			if !l.Up && p.running[l.Peer] != nil {
				return fmt.Errorf("no link between %s and %s", s.Name, l.Peer)
			}
		}
	}
	return nil
}

// Status reads a server's status page.
func (p *Processes) Status(name string) (st herd.Status, err error) {
	s, _ := p.Config.Server(name)
	response, err := http.Get("http://" + s.HTTP + "/status.json")
	if err != nil {
		return st, err
	}
	defer response.Body.Close()
	return st, json.NewDecoder(response.Body).Decode(&st)
}

// Kill ends a server with SIGKILL.
func (p *Processes) Kill(name string) {
	cmd := p.running[name]
	delete(p.running, name)
	_ = cmd.Process.Kill()
	_ = cmd.Wait() // it says that it was killed
}

// close ends all, and shows what they said if the test failed.
func (p *Processes) close() {
	for _, s := range p.Config.Servers {
		if p.running[s.Name] != nil {
			p.Kill(s.Name)
		}
		if p.t.Failed() {
			p.t.Logf("%s said:\n%s", s.Name, p.stderr[s.Name])
		}
	}
}

// At does nothing: real time goes its own way.
func (p *Processes) At(herd.Timestamp) {}

// ExactTime is false.
func (p *Processes) ExactTime() bool { return false }

// Wait asks until condition holds.
func (p *Processes) Wait(condition func() bool) bool {
	again := time.NewTicker(5 * time.Millisecond)
	defer again.Stop()
	for late := time.After(realPatience); ; {
		if condition() {
			return true
		}
		select {
		case <-again.C:
		case <-late:
			return condition()
		}
	}
}

// Connect opens a client's connection.
func (p *Processes) Connect(server string) Client {
	p.t.Helper()
	s, found := p.Config.Server(server)
	if !found {
		p.t.Fatalf("there is no server %s", server)
	}
	conn, err := net.Dial("tcp", s.Clients)
	if err != nil {
		p.t.Fatalf("connecting to %s: %v", server, err)
	}
	c := &realClient{conn: conn.(halfCloser)}
	p.t.Cleanup(func() { _ = conn.Close() })
	go c.read()
	return c
}

// realClient is a connection over TCP, or over what is like it.
type realClient struct {
	conn     halfCloser
	mu       sync.Mutex
	received []byte
	ended    bool
}

func (c *realClient) read() {
	buf := make([]byte, 64<<10)
	for {
		n, err := c.conn.Read(buf)
		c.mu.Lock()
		c.received = append(c.received, buf[:n]...)
		c.ended = err != nil
		c.mu.Unlock()
		if err != nil {
			return // a reset counts as an end too: the script says what had to come
		}
	}
}

// Send may fail when the server has closed: what comes back tells.
func (c *realClient) Send(data []byte) { _, _ = c.conn.Write(data) }
func (c *realClient) End()             { _ = c.conn.CloseWrite() }

func (c *realClient) Received() []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	return bytes.Clone(c.received)
}

func (c *realClient) Take(n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.received = c.received[n:]
}

func (c *realClient) Ended() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.ended
}
