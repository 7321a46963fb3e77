package peers

import (
	"errors"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"proxyherd/herd"
	"proxyherd/herd/herdtest"
	"proxyherd/herd/script"
	"proxyherd/herd/upstream/standin"
)

// Every peer is held to the scripts that the herd is held to, as far as it speaks: what
// is asked of one server, the one that the script's first client connects to. Our own are
// played whole by package herdtest, and those in other languages by package peer's tests.
// A program that is there once more, started in another way, plays the order of answers.
func TestEveryPeerFollowsTheHerdsScripts(t *testing.T) {
	scripts, err := filepath.Glob("../../herd/testdata/*.txt")
	if err != nil || len(scripts) < 5 {
		t.Fatalf("%d scripts found (%v)", len(scripts), err)
	}
	web := httptest.NewServer(standin.New(standin.Options{}))
	t.Cleanup(web.Close)
	at := place(t)
	programs := map[string]bool{} // that were played whole
	for _, p := range all(t) {
		if p.Ours || p.Language != "" && len(p.Also) == 0 || !p.Does(IAMAT) {
			continue
		}
		program := strings.Join(p.Build, " ")
		again := p.Language != "" || programs[program]
		programs[program] = true
		t.Run(p.Name, func(t *testing.T) {
			build(t, &p, at)
			for _, path := range scripts {
				if again && filepath.Base(path) != "order.txt" {
					continue
				}
				t.Run(filepath.Base(path), func(t *testing.T) {
					own, server := asSpoken(t, &p, path)
					servers, err := p.Run(t.Context(), at, Settings{Dir: t.TempDir(), Name: server, Upstream: web.URL + "/search.json"})
					if err != nil {
						t.Fatal(err)
					}
					t.Cleanup(func() { Stop(servers) })
					herdtest.Play(t, &single{t: t, server: servers[0]}, own)
				})
			}
		})
	}
}

func all(t *testing.T) []Peer {
	t.Helper()
	list, err := All()
	if err != nil || len(list) < 4 {
		t.Fatalf("%d peers: %v", len(list), err)
	}
	return list
}

// build builds a peer, if this machine has what it needs.
func build(t *testing.T, p *Peer, at Place) {
	t.Helper()
	err := p.Make(t.Context(), at)
	if errors.Is(err, ErrMissing) {
		t.Skipf("%s: %v (make peers, as root, installs all that the peers need)", p.Title, err)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// place builds into a folder of the test's.
func place(t *testing.T) Place {
	t.Helper()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	return Place{Root: root, Bin: t.TempDir()}
}

// asSpoken writes the part of a script that a peer speaks, alone, into a file of its own,
// and returns its path and the server it is about.
func asSpoken(t *testing.T, p *Peer, path string) (own, server string) {
	t.Helper()
	statements, err := script.Read(path)
	if err != nil {
		t.Fatal(err)
	}
	elsewhere := map[string]bool{} // clients of other servers
	var lines []string
	for i, st := range statements {
		switch {
		case st.Verb == "->" && server == "":
			server = st.Text
		case st.Verb == "->" && st.Text != server:
			elsewhere[st.Name] = true
		}
		if strings.HasPrefix(st.Text, "{json ") && !p.Does(WHATSAT) {
			st.Text = "{json error}"
		}
		if next := i + 1; !p.Does(HalfClose) && st.Verb == ">|" && next < len(statements) && statements[next].Verb == "ends" {
			st.Text += "\n"
		}
		switch {
		case elsewhere[st.Name], st.Verb == "knows", st.Verb == "kill", st.Verb == "start":
		case st.Verb == "unknown" && !slices.Contains(st.Rest, server):
		case st.Verb == "unknown":
			lines = append(lines, "unknown "+st.Name+" "+server)
		case !p.Does(HalfClose) && (st.Verb == "ends" || st.Verb == "closed" && ended(statements[:i], st.Name)):
		default:
			lines = append(lines, st.String())
		}
	}
	own = filepath.Join(t.TempDir(), filepath.Base(path))
	if err := os.WriteFile(own, []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return own, server
}

// ended says whether a client has half-closed.
func ended(statements []script.Statement, client string) bool {
	for _, st := range statements {
		if st.Verb == "ends" && st.Name == client {
			return true
		}
	}
	return false
}

// single is a herd of one server.
type single struct {
	t      *testing.T
	server *Server
}

func (s *single) At(herd.Timestamp) {}
func (s *single) ExactTime() bool   { return false }
func (s *single) Kill(string)       { s.t.Fatal("a lone server is not killed") }
func (s *single) Start(string)      { s.t.Fatal("a lone server is not started again") }

func (s *single) Wait(condition func() bool) bool {
	again := time.NewTicker(time.Millisecond)
	defer again.Stop()
	for late := time.After(patience); ; {
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

func (s *single) Connect(string) herdtest.Client {
	s.t.Helper()
	return dial(s.t, s.server)
}
