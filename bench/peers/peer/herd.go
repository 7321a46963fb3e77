package peer

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"proxyherd/herd"
	"proxyherd/herd/configfile"
	"proxyherd/herd/freeport"
)

// ErrPatience says that something took too long.
var ErrPatience = errors.New("it took too long")

// Patience is how long Wait waits, on a machine that may be slow and busy.
const Patience = 30 * time.Second

// again is how often Wait looks.
const again = 5 * time.Millisecond

// Spec says what a herd is made of.
type Spec struct {
	// Program says how a server is started with a config file: as Peer.Program or
	// Ours returns it.
	Program func(server, config string) []string
	// Configure may change the built-in herd's settings.
	Configure func(c *herd.Config)
	// Upstream is the address of the service that WHATSATs ask.
	Upstream string
}

// Herd is the built-in five servers as processes. It is for one goroutine at a
// time.
type Herd struct {
	Config  herd.Config
	dir     string
	spec    Spec
	running map[string]*process
}

type process struct {
	cmd    *exec.Cmd
	output output
}

// output is what a process says, on both of its outputs.
type output struct {
	mu   sync.Mutex
	text []byte
}

func (o *output) Write(text []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.text = append(o.text, text...)
	return len(text), nil
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return string(o.text)
}

// New writes the herd's settings into a directory of its own and starts no server
// yet. Close ends what Start has started, and removes the directory.
func New(spec Spec) (h *Herd, err error) {
	h = &Herd{Config: herd.Default(), spec: spec, running: map[string]*process{}}
	if h.dir, err = os.MkdirTemp("", "peers"); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			h.Close()
		}
	}()
	ports, err := freeport.Find(3 * len(h.Config.Servers))
	if err != nil {
		return nil, err
	}
	for i := range h.Config.Servers {
		s := &h.Config.Servers[i]
		s.Clients, s.Peers, s.HTTP = ports[3*i], ports[3*i+1], ports[3*i+2]
	}
	h.Config.Upstream.URL = spec.Upstream
	h.Config.Log.Dir = filepath.Join(h.dir, "logs")
	if spec.Configure != nil {
		spec.Configure(&h.Config)
	}
	var text bytes.Buffer
	if err := configfile.Write(&text, h.Config); err != nil {
		return nil, err
	}
	secret := make([]byte, 32)
	rand.Read(secret) // never fails: it ends the program rather than give weak bytes
	return h, errors.Join(
		os.WriteFile(h.path("herd.json"), text.Bytes(), 0o600),
		os.WriteFile(h.path(configfile.SecretName), []byte(hex.EncodeToString(secret)+"\n"), 0o600))
}

func (h *Herd) path(name string) string { return filepath.Join(h.dir, name) }

// StartAll starts every server, and waits until each takes clients.
func (h *Herd) StartAll() error {
	for _, s := range h.Config.Servers {
		if err := h.launch(s.Name); err != nil {
			return err
		}
	}
	for _, s := range h.Config.Servers {
		if err := h.ready(s.Name); err != nil {
			return err
		}
	}
	return nil
}

// Start starts a server, and waits until it takes clients.
func (h *Herd) Start(name string) error {
	if err := h.launch(name); err != nil {
		return err
	}
	return h.ready(name)
}

func (h *Herd) launch(name string) error {
	args := h.spec.Program(name, h.path("herd.json"))
	p := &process{cmd: exec.Command(args[0], args[1:]...)}
	p.cmd.Stdout, p.cmd.Stderr = &p.output, &p.output
	// A server's settings are those of its file alone.
	p.cmd.Env = slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "HERD_") })
	if err := p.cmd.Start(); err != nil {
		return fmt.Errorf("starting %s: %w", name, err)
	}
	h.running[name] = p
	return nil
}

func (h *Herd) ready(name string) error {
	var why error
	if !h.Wait(func() bool {
		var c *Client
		if c, why = h.Connect(name); why == nil {
			c.Close()
		}
		return why == nil || !h.Alive(name)
	}) {
		why = ErrPatience
	}
	if why != nil {
		why = fmt.Errorf("starting %s: %w\n%s", name, why, h.Output(name))
	}
	return why
}

// Kill ends a server with SIGKILL, as a crash does.
func (h *Herd) Kill(name string) { h.end(name, syscall.SIGKILL) }

// Stop asks a server to end, and returns nil if it ended with status 0.
func (h *Herd) Stop(name string) error { return h.end(name, syscall.SIGTERM) }

func (h *Herd) end(name string, how syscall.Signal) error {
	p := h.running[name]
	if p == nil {
		return nil
	}
	delete(h.running, name)
	_ = p.cmd.Process.Signal(how) // it may have ended itself
	late := time.AfterFunc(Patience, func() { _ = p.cmd.Process.Kill() })
	defer late.Stop()
	if err := p.cmd.Wait(); err != nil {
		return fmt.Errorf("%s ended with %w; its output:\n%s", name, err, &p.output)
	}
	return nil
}

// Alive reports whether a server's process is still there.
func (h *Herd) Alive(name string) bool {
	p := h.running[name]
	if p == nil {
		return false
	}
	// An ended child stays until somebody waits for it: ask for its state.
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.cmd.Process.Pid))
	if err != nil {
		return false
	}
	_, after, _ := bytes.Cut(stat, []byte(") "))
	return len(after) > 0 && after[0] != 'Z'
}

// Resident returns how many bytes of memory a server's process has, 0 if unknown.
func (h *Herd) Resident(name string) int64 {
	p := h.running[name]
	if p == nil {
		return 0
	}
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", p.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	var size, resident int64
	if _, err := fmt.Sscan(string(text), &size, &resident); err != nil {
		return 0
	}
	return resident * int64(os.Getpagesize())
}

// Output returns what a running server has written to its standard output and error,
// and the end of its log. It is for messages.
func (h *Herd) Output(name string) (text string) {
	if p := h.running[name]; p != nil {
		text = p.output.String()
	}
	log, err := h.Log(name)
	if err != nil {
		log = []byte(err.Error())
	}
	const most = 4096
	return fmt.Sprintf("%s\nlog:\n%s", text, log[max(0, len(log)-most):])
}

// Log returns a server's log.
func (h *Herd) Log(name string) ([]byte, error) {
	return os.ReadFile(filepath.Join(h.Config.Log.Dir, name+".log"))
}

// Close ends all servers, and forgets everything they wrote.
func (h *Herd) Close() {
	for _, s := range h.Config.Servers {
		h.Kill(s.Name)
	}
	_ = os.RemoveAll(h.dir) // a temporary directory
}

// Wait looks again and again until condition holds; false if that took more than
// Patience.
func (h *Herd) Wait(condition func() bool) bool {
	ticker := time.NewTicker(again)
	defer ticker.Stop()
	for late := time.After(Patience); ; {
		if condition() {
			return true
		}
		select {
		case <-ticker.C:
		case <-late:
			return condition()
		}
	}
}

// Connect opens a client's connection.
func (h *Herd) Connect(server string) (*Client, error) {
	s, found := h.Config.Server(server)
	if !found {
		return nil, fmt.Errorf("%w: %q", herd.ErrUnknownName, server)
	}
	c, err := Dial(s.Clients)
	if err != nil {
		return nil, fmt.Errorf("connecting to %s: %w", server, err)
	}
	return c, nil
}

// Client is one client's connection.
type Client struct {
	conn     *net.TCPConn
	mu       sync.Mutex
	received []byte
	ended    bool
}

// Dial connects to a server at an address.
func Dial(address string) (*Client, error) {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		return nil, err
	}
	c := &Client{conn: conn.(*net.TCPConn)}
	go c.read()
	return c, nil
}

func (c *Client) read() {
	buf := make([]byte, 64<<10)
	for {
		n, err := c.conn.Read(buf)
		c.mu.Lock()
		c.received = append(c.received, buf[:n]...)
		c.ended = err != nil // a reset counts as an end too
		c.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// Send sends data as it is. It may fail when the server has closed: what comes
// back tells.
func (c *Client) Send(data []byte) { _, _ = c.conn.Write(data) }

// End sends no more.
func (c *Client) End() { _ = c.conn.CloseWrite() }

// Close ends the connection.
func (c *Client) Close() { _ = c.conn.Close() }

// Received returns a copy of what has come and was not taken yet.
func (c *Client) Received() []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	return bytes.Clone(c.received)
}

// Take takes the first n bytes of what has come.
func (c *Client) Take(n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.received = c.received[n:]
}

// Ended reports that no more will come.
func (c *Client) Ended() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.ended
}

// Line waits for the next line and takes it, without its end. The error is
// ErrPatience, or says that the connection ended.
func (c *Client) Line() (string, error) {
	late := time.Now().Add(Patience)
	for {
		ended, got := c.Ended(), c.Received()
		if end := bytes.IndexByte(got, '\n'); end >= 0 {
			c.Take(end + 1)
			return string(got[:end]), nil
		}
		if ended {
			return "", fmt.Errorf("the connection ended after %q: %w", got, net.ErrClosed)
		}
		if time.Now().After(late) {
			return "", fmt.Errorf("after %q no line came: %w", got, ErrPatience)
		}
		time.Sleep(again)
	}
}
