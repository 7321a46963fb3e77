package peers

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"

	"proxyherd/bench/peers/peer"
	"proxyherd/herd/upstream/standin"
)

// Whatever order the reports of clients come in, and over however many connections at
// once, the newest of each is what a database keeps, and no two statements wait for each
// other for ever.
func TestADatabaseKeepsTheNewest(t *testing.T) {
	const clients, reports, connections = 20, 50, 4
	web := httptest.NewServer(standin.New(standin.Options{}))
	t.Cleanup(web.Close)
	at := place(t)
	for _, p := range all(t) {
		if p.Database == "" {
			continue
		}
		t.Run(p.Name, func(t *testing.T) {
			build(t, &p, at)
			servers, err := p.Run(t.Context(), at, Settings{Dir: t.TempDir(), Upstream: web.URL + "/search.json"})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { Stop(servers) })
			var lines []string
			for n := range clients * reports {
				lines = append(lines, fmt.Sprintf("IAMAT c%d +10+20 %d\n", n%clients, 1700000000+n))
			}
			random := rand.New(rand.NewPCG(1, 2))
			var told []*peer.Client
			for range connections {
				own := slices.Clone(lines)
				random.Shuffle(len(own), func(i, j int) { own[i], own[j] = own[j], own[i] })
				c := dial(t, servers[0])
				c.Send([]byte(strings.Join(own, "")))
				c.End()
				told = append(told, c)
			}
			all := &single{t: t, server: servers[0]}
			for _, c := range told {
				if !all.Wait(c.Ended) || bytes.Count(c.Received(), []byte("\n")) != len(lines) {
					t.Fatalf("%d answers, want %d", bytes.Count(c.Received(), []byte("\n")), len(lines))
				}
			}
			asks := dial(t, servers[0])
			for n := range clients {
				asks.Send(fmt.Appendf(nil, "WHATSAT c%d 10 0\n", n))
				line, err := asks.Line()
				if err != nil {
					t.Fatal(err)
				}
				newest := fmt.Sprintf(" c%d +10+20 %d", n, 1700000000+clients*(reports-1)+n)
				if !strings.HasPrefix(line, "AT ") || !strings.HasSuffix(line, newest) {
					t.Errorf("%q is kept, want what ends in %q", line, newest)
				}
				if _, err := asks.Line(); err != nil {
					t.Fatal(err)
				}
			}
			endTheDatabase(t, servers[0])
		})
	}
}

// A database is part of its server: its processes count, its end is noticed, and nothing
// of it is left behind.
func endTheDatabase(t *testing.T, s *Server) {
	t.Helper()
	if pids := s.PIDs(); len(pids) != 2 || pids[0] != s.PID || pids[1] != s.database.PID || !s.Alive() {
		t.Errorf("its processes are %v, and it is alive: %t", pids, s.Alive())
	}
	if err := s.database.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	<-s.database.done
	if s.Alive() {
		t.Error("without its database it counts as alive")
	}
	Stop([]*Server{s})
	if _, err := os.Stat(s.database.dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%s is left behind: %v", s.database.dir, err)
	}
}

func dial(t *testing.T, s *Server) *peer.Client {
	t.Helper()
	c, err := peer.Dial(s.Address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}
