package peer_test

import (
	"net/http/httptest"
	"strings"
	"testing"

	"proxyherd/bench/peers/peer"
	"proxyherd/herd"
	"proxyherd/herd/herdtest"
	"proxyherd/herd/upstream/standin"
)

// processes makes a peer.Herd a herd that herdtest can play scripts on.
type processes struct {
	*peer.Herd
	t *testing.T
}

// newProcesses starts a herd. upstream is empty for a stand-in that answers.
func newProcesses(t *testing.T, spec peer.Spec) *processes {
	t.Helper()
	if spec.Upstream == "" {
		web := httptest.NewServer(standin.New(standin.Options{}))
		t.Cleanup(web.Close)
		spec.Upstream = web.URL + "/search.json"
	}
	h, err := peer.New(spec)
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
	return p.client(server)
}

func (p *processes) client(server string) *peer.Client {
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

// say sends lines to a server and returns as many answers.
func (p *processes) say(server string, lines ...string) (answers []string) {
	p.t.Helper()
	c := p.client(server)
	c.Send([]byte(strings.Join(lines, "\n") + "\n"))
	for range lines {
		answers = append(answers, p.line(c))
	}
	c.Close()
	return answers
}

func (p *processes) line(c *peer.Client) string {
	p.t.Helper()
	line, err := c.Line()
	if err != nil {
		p.t.Fatal(err)
	}
	return line
}

// knows waits until a server answers for a client.
func (p *processes) knows(server, id string) (at string) {
	p.t.Helper()
	if !p.Wait(func() bool {
		at = p.say(server, "WHATSAT "+id+" 0 0")[0]
		return strings.HasPrefix(at, "AT ")
	}) {
		p.t.Fatalf("%s does not come to know %s: %q", server, id, at)
	}
	return at
}

var (
	buildDir string // for what must be built before it can be run
	built    = map[string]func(server, config string) []string{}
)
