package ingoroutines

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"proxyherd/bench/peers/peer"
	"proxyherd/herd"
	"proxyherd/herd/freeport"
	"proxyherd/herd/goroutineherd"
	"proxyherd/herd/herdtest"
	"proxyherd/herd/upstream"
)

// fenced is the built-in herd on sockets of loopback, each server with a fence.
type fenced struct {
	t       *testing.T
	config  herd.Config
	fences  map[string]string
	patient peer.Herd // for its patience alone
}

const suffix = ".fence"

// nothing answers no WHATSAT.
type nothing struct{}

func (nothing) Fetch(context.Context, upstream.Query) upstream.Result { return upstream.Result{} }

func start(t *testing.T) *fenced {
	t.Helper()
	f := &fenced{t: t, config: herd.Default(), fences: map[string]string{}}
	ports, err := freeport.Find(2 * len(f.config.Servers))
	if err != nil {
		t.Fatal(err)
	}
	for i := range f.config.Servers {
		s := &f.config.Servers[i]
		s.Clients, s.Peers = ports[2*i], ports[2*i+1]
	}
	if _, err := f.config.Check(); err != nil {
		t.Fatal(err)
	}
	var servers []*goroutineherd.Server
	for _, s := range f.config.Servers {
		servers = append(servers, f.serve(s.Name))
	}
	linked := func() bool {
		for _, s := range servers {
			for _, l := range s.Status().Links {
				if !l.Up {
					return false
				}
			}
		}
		return true
	}
	if !f.Wait(linked) {
		t.Fatal("the herd's links did not open")
	}
	return f
}

// serve starts a server, which the test's end stops.
func (f *fenced) serve(name string) *goroutineherd.Server {
	f.t.Helper()
	service := New(nil)
	server, err := goroutineherd.New(goroutineherd.Options{
		Name: name, Config: f.config, Keys: [][]byte{[]byte(herdtest.Secret)},
		Upstream: nothing{}, Kind: upstream.Twitter{}, Onlooker: service,
	})
	if err == nil {
		err = server.Start()
	}
	if err != nil {
		f.t.Fatal(err)
	}
	f.t.Cleanup(func() {
		server.Stop()
		server.Wait()
		service.Wait()
	})
	at, err := service.Start(server, "127.0.0.1:0")
	if err != nil {
		f.t.Fatal(err)
	}
	f.fences[name] = at.String()
	return server
}

func (f *fenced) At(herd.Timestamp)                 {}
func (f *fenced) ExactTime() bool                   { return false }
func (f *fenced) Kill(string)                       { f.t.Fatal("no script kills") }
func (f *fenced) Start(string)                      { f.t.Fatal("no script starts") }
func (f *fenced) Wait(condition func() bool) bool   { return f.patient.Wait(condition) }
func (f *fenced) Connect(to string) herdtest.Client { return f.dial(to) }

// dial connects to a server, or with the suffix to its fence.
func (f *fenced) dial(to string) *peer.Client {
	f.t.Helper()
	name, isFence := strings.CutSuffix(to, suffix)
	address := f.fences[name]
	if !isFence {
		server, _ := f.config.Server(name)
		address = server.Clients
	}
	c, err := peer.Dial(address)
	if err != nil {
		f.t.Fatal(err)
	}
	f.t.Cleanup(c.Close)
	return c
}

func TestScripts(t *testing.T) {
	scripts, err := filepath.Glob("../testdata/*.txt")
	if err != nil || len(scripts) < 4 {
		t.Fatalf("%d scripts found (%v)", len(scripts), err)
	}
	for _, path := range scripts {
		t.Run(filepath.Base(path), func(t *testing.T) { herdtest.Play(t, start(t), path) })
	}
}

// Many report at a time, and fences are set meanwhile: whoever has one is told of each
// client that it is inside and outside in turn, and at last as it is.
func TestManyAtATime(t *testing.T) {
	const reporters, watchers, clients, reports = 8, 4, 10, 12
	f := start(t)
	var all sync.WaitGroup
	for r := range reporters {
		c := f.dial("Gasol")
		all.Go(func() { report(t, c, r, clients, reports) })
	}
	watching := make([]*peer.Client, watchers)
	for w := range watching {
		watching[w] = f.dial("Gasol" + suffix)
		watching[w].Send([]byte("FENCE home +10+20 5\n"))
	}
	all.Wait()
	// Behind this everything that was told before has come.
	for _, w := range watching {
		w.Send([]byte("end\n"))
		checkTold(t, w, func(id string) bool { return strings.HasSuffix(id, "in") }, reporters*clients/2)
	}
}

// report has clients of its own go in and out, of which half stay in at last.
func report(t *testing.T, c *peer.Client, r, clients, reports int) {
	for n := range reports {
		for id := range clients {
			name, last := "out", "+50+20"
			if id%2 == 0 {
				name, last = "in", "+10+20"
			}
			location := []string{"+10+20", "+50+20"}[n%2]
			if n == reports-1 {
				location = last
			}
			c.Send(fmt.Appendf(nil, "IAMAT %d.%d.%s %s %d\n", r, id, name, location, 1_600_000_000+n))
		}
		for range clients {
			if _, err := c.Line(); err != nil {
				t.Error(err)
				return
			}
		}
	}
}

// checkTold reads what somebody was told who has one fence.
func checkTold(t *testing.T, w *peer.Client, stays func(id string) bool, want int) {
	t.Helper()
	inside := map[string]bool{}
	for {
		line, err := w.Line()
		if err != nil {
			t.Fatal(err)
		}
		fields := strings.Fields(line)
		switch {
		case line == "? end":
			for id, is := range inside {
				if is != stays(id) {
					t.Errorf("%s: inside %v", id, is)
				}
				if is {
					want--
				}
			}
			if want != 0 {
				t.Errorf("%d more should be inside", want)
			}
			return
		case line == "OK home":
		case len(fields) == 5 && inside[fields[2]] != (fields[0] == "ENTER"):
			inside[fields[2]] = fields[0] == "ENTER"
		default:
			t.Fatalf("%q, and that it was already", line)
		}
	}
}
