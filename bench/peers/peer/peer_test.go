package peer_test

import (
	"errors"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"proxyherd/bench/peers/peer"
	"proxyherd/herd"
	"proxyherd/herd/herdtest"
	"proxyherd/herd/upstream/standin"
)

// root is the module's directory, from this package.
const root = "../../.."

// processes makes a peer.Herd a herd that herdtest can play scripts on.
type processes struct {
	*peer.Herd
	t *testing.T
}

func newProcesses(t *testing.T, program func(server string) []string) *processes {
	t.Helper()
	web := httptest.NewServer(standin.New(standin.Options{}))
	t.Cleanup(web.Close)
	h, err := peer.New(peer.Spec{Program: program, Upstream: web.URL + "/search.json"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(h.Close)
	t.Cleanup(func() {
		if t.Failed() {
			for _, s := range h.Config.Servers {
				t.Logf("%s: %s", s.Name, h.Output(s.Name))
			}
		}
	})
	if err := h.StartAll(); err != nil {
		t.Fatal(err)
	}
	return &processes{h, t}
}

// At does nothing: real time goes its own way.
func (p *processes) At(herd.Timestamp) {}

// ExactTime is false.
func (p *processes) ExactTime() bool { return false }

// Connect opens a client's connection, which the test's end closes.
func (p *processes) Connect(server string) herdtest.Client {
	p.t.Helper()
	c, err := p.Herd.Connect(server)
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(c.Close)
	return c
}

// Start brings a server back.
func (p *processes) Start(server string) {
	p.t.Helper()
	if err := p.Herd.Start(server); err != nil {
		p.t.Fatal(err)
	}
}

// built returns how to start a server of a peer, which is built if it must be.
// Without its runtime the test is skipped.
func built(t *testing.T, p peer.Peer) []string {
	t.Helper()
	dir := t.TempDir()
	if err := p.Build(root, dir); errors.Is(err, peer.ErrMissing) {
		t.Skip(err)
	} else if err != nil {
		t.Fatal(err)
	}
	args, err := p.Program(root, dir)
	if err != nil {
		t.Fatal(err)
	}
	return args
}

func TestScripts(t *testing.T) {
	scripts, err := filepath.Glob(root + "/herd/testdata/*.txt")
	if err != nil || len(scripts) < 5 {
		t.Fatalf("%d scripts found (%v)", len(scripts), err)
	}
	for _, p := range peer.All() {
		t.Run(p.Name, func(t *testing.T) {
			args := built(t, p)
			program := func(string) []string { return args }
			if os.Getenv("HERD_PEERS") == "" {
				h := newProcesses(t, program)
				for _, path := range scripts {
					herdtest.Play(t, h, path)
				}
				return
			}
			for _, path := range scripts {
				t.Run(filepath.Base(path), func(t *testing.T) { herdtest.Play(t, newProcesses(t, program), path) })
			}
		})
	}
	_ = fmt.Sprint
}
