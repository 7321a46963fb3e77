package peers

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"proxyherd/herd"
	"proxyherd/herd/configfile"
	"proxyherd/herd/freeport"
)

// Settings are how a peer's servers run.
type Settings struct {
	// Dir takes the config and the logs. Required.
	Dir string

	// Name is that of a server that is alone. Empty: the built-in herd's first.
	Name string

	// Herd runs the built-in herd's five servers, each of this peer, instead of one
	// that is alone.
	Herd bool

	// Servers are the herd's instead: their names and who talks to whom. Their
	// addresses and their design are filled in.
	Servers []herd.Server

	// Backbone is what joins them in place of links. The zero one: links do.
	Backbone herd.Backbone

	// Only names those servers that are started. Empty: all.
	Only []string

	// Journal has servers of ours keep their records in Dir too, safe when that says:
	// one of herd.Fsyncs. Empty: they do not.
	Journal string

	// CPUs are the cores that the servers run on. Empty: all.
	CPUs []int

	// Lines writes every line to the wire log, where there is one.
	Lines bool

	// Environment is added to the servers', as NAME=VALUE.
	Environment []string

	// Upstream is the address that answers WHATSATs, where the peer has one.
	Upstream string
}

// Server is one that runs.
type Server struct {
	Name    string
	Address string // where it takes clients
	PID     int
	Log     string // the path of its wire log, if it writes one
	HTTP    string // where its pages are, if it has some
	Config  string // the path of its herd's config

	args     []string
	settings Settings
	database *Server // that it keeps its records in; nil: in its own memory

	dir  string              // is removed at its end; empty: it has none of its own
	as   *syscall.Credential // the account that it runs under; nil: ours
	cmd  *exec.Cmd
	said bytes.Buffer // read once it has ended
	done chan struct{}
}

const (
	// patience is how long a server may take to be there, or to end.
	patience = 30 * time.Second
)

// ErrNotThere is a server that does not take connections.
var ErrNotThere = errors.New("the server is not there")

// Run starts the peer's servers and waits until they take connections. They run until
// Stop.
func (p *Peer) Run(ctx context.Context, at Place, s Settings) (servers []*Server, err error) {
	config, err := p.config(s)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(s.Dir, 0o755); err != nil {
		return nil, err
	}
	path := filepath.Join(s.Dir, "herd.json")
	var text bytes.Buffer
	if err := configfile.Write(&text, config); err != nil {
		return nil, err
	}
	secret := make([]byte, 32)
	rand.Read(secret) // never fails: it ends the program rather than give weak bytes
	err = errors.Join(
		os.WriteFile(path, text.Bytes(), 0o600),
		// Ours would make it where it is missing, the others would not.
		os.WriteFile(filepath.Join(s.Dir, configfile.SecretName), []byte(hex.EncodeToString(secret)+"\n"), 0o600))
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			Stop(servers)
		}
	}()
	for _, c := range config.Servers {
		if len(s.Only) > 0 && !slices.Contains(s.Only, c.Name) {
			continue
		}
		host, port, err := net.SplitHostPort(c.Clients)
		if err != nil {
			return servers, err
		}
		server := &Server{Name: c.Name, Address: c.Clients, Config: path, done: make(chan struct{})}
		if p.Does(Herd) {
			server.Log, server.HTTP = filepath.Join(config.Log.Dir, c.Name+".log"), c.HTTP
		}
		records := "" // where they are kept
		if kind := databaseNamed(p.Database); kind != nil {
			if server.database, records, err = kind.run(ctx, s); err != nil {
				return servers, err
			}
		}
		args, err := p.start(at, c.Name, host, port, path, records)
		if err == nil {
			server.args, server.settings = args, s
			err = server.start()
		}
		if err != nil {
			if server.database != nil {
				Stop([]*Server{server.database})
			}
			return servers, fmt.Errorf("starting %s: %w", p.Title, err)
		}
		servers = append(servers, server)
	}
	for _, server := range servers {
		if err := server.wait(ctx, p.Title, server.Address); err != nil {
			return servers, err
		}
	}
	return servers, nil
}

// config is the herd of the settings on free ports, the built-in one, or its first server
// alone.
func (p *Peer) config(s Settings) (herd.Config, error) {
	config := herd.Default()
	if len(s.Servers) > 0 {
		config.Servers = slices.Clone(s.Servers)
	} else if !s.Herd {
		config.Servers = config.Servers[:1]
		config.Servers[0].TalksTo = nil
		if s.Name != "" {
			config.Servers[0].Name = s.Name
		}
	}
	const each = 3
	ports, err := freeport.Find(each * len(config.Servers))
	if err != nil {
		return config, err
	}
	for i := range config.Servers {
		c, own := &config.Servers[i], ports[each*i:]
		c.Clients, c.Peers, c.HTTP, c.Design = own[0], own[1], own[2], p.Design
	}
	if s.Backbone != (herd.Backbone{}) {
		config.Backbone = s.Backbone
	}
	config.Log.Dir, config.Log.Lines = filepath.Join(s.Dir, "logs"), s.Lines
	if s.Journal != "" {
		config.Journal = herd.Journal{Dir: filepath.Join(s.Dir, "journal"), Fsync: s.Journal}
	}
	if s.Upstream != "" {
		config.Upstream.URL = s.Upstream
	}
	return config, nil
}

// start starts the process on its cores: a child runs where its parent's thread did.
func (s *Server) start() error {
	settings := s.settings
	s.cmd = exec.Command(s.args[0], s.args[1:]...)
	s.cmd.Env = append(os.Environ(), settings.Environment...)
	s.cmd.Stdout, s.cmd.Stderr = &s.said, &s.said
	s.cmd.Dir = s.dir
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Credential: s.as} // a Ctrl-C is for the bench
	failed := make(chan error)
	go func() {
		runtime.LockOSThread() // for good: the thread ends with the goroutine
		if len(settings.CPUs) > 0 {
			var set unix.CPUSet
			for _, cpu := range settings.CPUs {
				set.Set(cpu)
			}
			if err := unix.SchedSetaffinity(0, &set); err != nil {
				failed <- fmt.Errorf("cores %v: %w", settings.CPUs, err)
				return
			}
		}
		failed <- s.cmd.Start()
	}()
	if err := <-failed; err != nil {
		return err
	}
	s.PID = s.cmd.Process.Pid
	go func() {
		_ = s.cmd.Wait() // how it ended is said where somebody waits for it
		close(s.done)
	}()
	return nil
}

// Kill ends the server by SIGKILL, as a crash does.
func (s *Server) Kill() {
	_ = s.cmd.Process.Kill() // it may have ended already
	<-s.done
}

// Restart starts a server that was killed, and waits until it takes connections.
func (s *Server) Restart(ctx context.Context) error {
	s.done = make(chan struct{})
	s.said.Reset()
	if err := s.start(); err != nil {
		close(s.done)
		return fmt.Errorf("starting %s again: %w", s.Name, err)
	}
	return s.wait(ctx, s.Name, s.Address)
}

// WaitForPages waits until the server's pages are there. It opens them last, a moment after
// the port of its clients: that of its neighbours is open too by then.
func (s *Server) WaitForPages(ctx context.Context) error { return s.wait(ctx, s.Name, s.HTTP) }

// wait waits until the server takes a connection at an address of its own.
func (s *Server) wait(ctx context.Context, title, address string) error {
	again := time.NewTicker(5 * time.Millisecond)
	defer again.Stop()
	for late := time.After(patience); ; {
		conn, err := net.Dial("tcp", address)
		if err == nil {
			return conn.Close()
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			return ctx.Err()
		case <-late:
			return fmt.Errorf("%w: %s, after %v", ErrNotThere, title, patience)
		case <-s.done:
			return fmt.Errorf("%w: %s has ended (%v): %s", ErrNotThere, title, s.cmd.ProcessState, s.said.String())
		}
	}
}

// PIDs are the server's process, and its database's, whose children are its too.
func (s *Server) PIDs() []int {
	if s.database == nil {
		return []int{s.PID}
	}
	return []int{s.PID, s.database.PID}
}

// Alive reports whether the server's process runs, and its database's.
func (s *Server) Alive() bool {
	if s.database != nil && !s.database.Alive() {
		return false
	}
	select {
	case <-s.done:
		return false
	default:
		return true
	}
}

// Stop ends servers, all at once, and then their databases: by SIGTERM, and by SIGKILL if
// that takes too long.
func Stop(servers []*Server) {
	for _, s := range servers {
		_ = s.cmd.Process.Signal(syscall.SIGTERM) // it may have ended already
	}
	for _, s := range servers {
		s.awaitEnd()
	}
}

// awaitEnd waits for the end of a server that was told to end, and then ends what it has
// of its own.
func (s *Server) awaitEnd() {
	select {
	case <-s.done:
	case <-time.After(patience):
		_ = s.cmd.Process.Kill()
		<-s.done
	}
	if s.database != nil {
		Stop([]*Server{s.database})
	}
	if s.dir != "" {
		_ = os.RemoveAll(s.dir) // a temporary directory
	}
}
