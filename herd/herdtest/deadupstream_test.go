package herdtest

import (
	"bufio"
	"fmt"
	"net"
	"slices"
	"testing"
	"time"

	"proxyherd/herd"
	"proxyherd/herd/reactorherd"
	"proxyherd/herd/upstream"
	"proxyherd/reactor"
	"proxyherd/reactor/gnetreactor"
)

// BenchmarkBesideADeadUpstream measures how long an IAMAT takes while 20 WHATSATs
// wait for an upstream that takes connections and never answers, and how long
// without them: in turns, A B B A, so that what else the machine does falls on
// both. It reports the two 99th percentiles in microseconds, and their ratio.
func BenchmarkBesideADeadUpstream(b *testing.B) {
	const waiting, each = 20, 5000
	address := aloneWithADeadUpstream(b)
	c := newCaller(b, address)
	for i := range waiting {
		c.call(b, fmt.Sprintf("IAMAT asked%d +34.0-118.0 1700000000\n", i))
	}
	var with, without []time.Duration
	for b.Loop() {
		for round := range 4 {
			beside := round == 1 || round == 2
			var asking []net.Conn
			if beside {
				asking = ask(b, address, waiting)
			}
			times := make([]time.Duration, 0, each)
			for i := range each {
				began := time.Now()
				c.call(b, fmt.Sprintf("IAMAT client%d +34.0-118.0 1700000000\n", i))
				times = append(times, time.Since(began))
			}
			if beside {
				with = append(with, times...)
			} else {
				without = append(without, times...)
			}
			for _, conn := range asking {
				conn.Close()
			}
		}
	}
	a, z := percentile(with, 99), percentile(without, 99)
	b.ReportMetric(float64(a.Nanoseconds())/1000, "p99-us-beside")
	b.ReportMetric(float64(z.Nanoseconds())/1000, "p99-us-without")
	b.ReportMetric(float64(a)/float64(z), "ratio")
	b.ReportMetric(0, "ns/op") // of four rounds: it says nothing
}

func percentile(times []time.Duration, p int) time.Duration {
	slices.Sort(times)
	return times[len(times)*p/100]
}

// aloneWithADeadUpstream runs a server without neighbours until the test ends,
// and returns where its clients are served.
func aloneWithADeadUpstream(b *testing.B) string {
	b.Helper()
	dead, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { dead.Close() })
	config := herd.Default()
	config.Servers = []herd.Server{{Name: "Alone", Clients: "127.0.0.1:0"}}
	config.Upstream.URL = "http://" + dead.Addr().String() + "/search.json"
	config.Upstream.Timeout = herd.Duration(time.Minute) // longer than a round
	client, err := upstream.New(upstream.Config{Kind: upstream.Twitter{}, URL: config.Upstream.URL, Timeout: time.Minute})
	if err != nil {
		b.Fatal(err)
	}
	r := gnetreactor.New(gnetreactor.Config{NoSignalHandlers: true})
	s, err := reactorherd.New(r, reactorherd.Options{
		Name: "Alone", Config: config, Keys: [][]byte{[]byte(Secret)}, Upstream: client, Kind: upstream.Twitter{},
	})
	if err != nil {
		b.Fatal(err)
	}
	started := make(chan string, 1)
	r.CallWhenRunning(func() {
		if err := s.Start(); err != nil {
			b.Error(err)
		}
		started <- s.Status().Clients
	})
	ended := make(chan error, 1)
	go func() { ended <- r.Run() }()
	b.Cleanup(func() {
		r.CallFromThread(func() { _ = reactor.Core(r).Stop() })
		if err := <-ended; err != nil {
			b.Error(err)
		}
		client.Close()
	})
	return <-started
}

// ask sends WHATSATs, each on a connection of its own, that wait from then on.
func ask(b *testing.B, address string, n int) (asking []net.Conn) {
	for i := range n {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			b.Fatal(err)
		}
		// With a reset at its end: after a half-close a client still wants its answer.
		if err := conn.(*net.TCPConn).SetLinger(0); err != nil {
			b.Fatal(err)
		}
		fmt.Fprintf(conn, "WHATSAT asked%d %d 5\n", i, 10+i)
		asking = append(asking, conn)
	}
	return asking
}

// caller is a client that waits for each answer.
type caller struct {
	conn    net.Conn
	answers *bufio.Reader
}

func newCaller(b *testing.B, address string) *caller {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { conn.Close() })
	return &caller{conn, bufio.NewReader(conn)}
}

func (c *caller) call(b *testing.B, line string) {
	if _, err := c.conn.Write([]byte(line)); err != nil {
		b.Fatal(err)
	}
	answer, err := c.answers.ReadString('\n')
	if err != nil || answer[:3] != "AT " {
		b.Fatalf("%q is answered %q, %v", line, answer, err)
	}
}
