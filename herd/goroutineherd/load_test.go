package goroutineherd_test

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"proxyherd/herd"
	"proxyherd/herd/freeport"
	"proxyherd/herd/goroutineherd"
	"proxyherd/herd/herdtest"
	"proxyherd/herd/upstream"
)

// guard bounds what takes a moment, on a machine that may be slow and busy.
const guard = time.Minute

// untilAgreed looks at what three servers hold until it is the same, or guard is
// over, and returns the digest and the number of each one's records.
func untilAgreed(servers []*goroutineherd.Server) (roots []string) {
	again, late := time.NewTicker(10*time.Millisecond), time.After(guard)
	defer again.Stop()
	for {
		roots = roots[:0]
		for _, s := range servers {
			roots = append(roots, fmt.Sprintf("%s %d", s.Status().Root, s.Status().Records))
		}
		if roots[0] == roots[1] && roots[1] == roots[2] {
			return roots
		}
		select {
		case <-again.C:
		case <-late:
			return roots
		}
	}
}

// Clients report to three servers over TCP, all at once, to many clients' records
// and to the same few; some ask, some leave in the middle, and a link goes. In the
// end all servers hold the same. It is for the race detector above all.
func TestUnderLoadOverTCP(t *testing.T) {
	for _, mac := range []bool{false, true} {
		servers, config := overTCP(t, func(c *herd.Config) { c.LinkMAC = mac })
		var clients sync.WaitGroup
		for n := range 24 {
			member := config.Servers[n%len(config.Servers)]
			clients.Go(func() { load(t, member.Clients, n) })
		}
		clients.Wait()
		roots := untilAgreed(servers)
		if roots[0] != roots[1] || roots[1] != roots[2] || strings.HasSuffix(roots[0], " 0") {
			t.Errorf("the servers hold %q", roots)
		}
		for i := range servers[1:] {
			if goroutineherd.Records(servers[0]) != goroutineherd.Records(servers[i+1]) {
				t.Errorf("%s holds other records than %s", config.Servers[i+1].Name, config.Servers[0].Name)
			}
		}
		for _, s := range servers {
			if st := s.Status(); st.Closed["panic"] != 0 || st.Counters.PeerDropped != 0 || st.Waiting != 0 {
				t.Errorf("%s counts %+v, %v, and %d WHATSATs wait", st.Name, st.Counters, st.Closed, st.Waiting)
			}
		}
	}
}

// load is what one client does.
func load(t *testing.T, address string, n int) {
	const rounds, batch = 20, 25
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Error(err)
		return
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(guard)); err != nil {
		t.Error(err)
		return
	}
	answers := bufio.NewReader(conn)
	for round := range rounds {
		var lines strings.Builder
		for i := range batch {
			// A few ids that all report for, and some of the client's own.
			id := fmt.Sprint("shared", i%5)
			if i%2 == 0 {
				id = fmt.Sprintf("client%d-%d", n, i)
			}
			fmt.Fprintf(&lines, "IAMAT %s +%d.5-%d.25 %d.%09d\n", id, i, n, 1_700_000_000+round, n)
		}
		fmt.Fprintf(&lines, "WHATSAT shared1 %d 1\n", n)
		if _, err := conn.Write([]byte(lines.String())); err != nil {
			t.Error(err)
			return
		}
		if n%8 == 7 && round == rounds/2 {
			return // in the middle
		}
		for i := range batch + 2 {
			answer, err := answers.ReadString('\n')
			if err != nil || i <= batch && !strings.HasPrefix(answer, "AT ") {
				t.Errorf("client %d, answer %d: %q, %v", n, i, answer, err)
				return
			}
		}
	}
}

// overTCP runs three servers, in a row, until the test ends.
func overTCP(t *testing.T, change func(*herd.Config)) (servers []*goroutineherd.Server, config herd.Config) {
	t.Helper()
	ports, err := freeport.Find(6)
	if err != nil {
		t.Fatal(err)
	}
	config = herd.Default()
	config.Servers = []herd.Server{
		{Name: "A", Clients: ports[0], Peers: ports[1], TalksTo: []string{"B"}},
		{Name: "B", Clients: ports[2], Peers: ports[3], TalksTo: []string{"A", "C"}},
		{Name: "C", Clients: ports[4], Peers: ports[5], TalksTo: []string{"B"}},
	}
	change(&config)
	for _, member := range config.Servers {
		s, err := goroutineherd.New(goroutineherd.Options{
			Name: member.Name, Config: config, Keys: [][]byte{[]byte(herdtest.Secret)}, Upstream: prompt{}, Kind: upstream.Twitter{},
		})
		if err == nil {
			err = s.Start()
		}
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			s.Stop()
			s.Wait()
		})
		servers = append(servers, s)
	}
	return servers, config
}

// prompt is an upstream that answers at once.
type prompt struct{}

func (prompt) Fetch(context.Context, upstream.Query) upstream.Result {
	return upstream.Result{Line: []byte(`{"results":[]}`)}
}
