package reactorherd

import (
	"context"
	"math"
	"strconv"
	"testing"
	"time"

	"proxyherd/herd"
	"proxyherd/herd/upstream"
	"proxyherd/reactor"
)

// sink is a transport that takes all and tells nothing.
type sink struct {
	reactor.TCPTransport
	peer reactor.Address
}

func (s *sink) Disconnecting() bool                           { return false }
func (s *sink) Write([]byte)                                  {}
func (s *sink) Unsent() int                                   { return 0 }
func (s *sink) GetPeer() reactor.Address                      { return s.peer }
func (s *sink) SetTcpNoDelay(bool) error                      { return nil }
func (s *sink) RegisterProducer(reactor.Producer, bool) error { return nil }

// stays is a timer that stays set.
type stays struct{ reactor.DelayedCall }

// noUpstream is never asked.
type noUpstream struct{}

func (noUpstream) Fetch(context.Context, upstream.Query) upstream.Result { return upstream.Result{} }

// crowded is a server on a loop that does not turn, with so many clients.
func crowded(tb testing.TB, clients int) *Server {
	tb.Helper()
	config := herd.Default()
	s, err := New(&still{now: time.Unix(1_353_118_104, 0)}, Options{
		Name: "Farmar", Config: config, Keys: [][]byte{[]byte("a secret of the tests")},
		Upstream: noUpstream{}, Kind: upstream.Twitter{},
	})
	if err != nil {
		tb.Fatal(err)
	}
	s.started = s.reactor.Seconds()
	s.watch.timer = &stays{} // as it is on a loop that turns
	for i := range clients {
		c := newSession(s, nil)
		c.MakeConnection(c, &sink{peer: reactor.IPv4Address{Host: "127.0.0.1", Port: 1024 + i}})
	}
	return s
}

// BenchmarkScrape is what one look at a server with 10,000 clients costs its
// loop: Status for /status.json, Measures for /metrics, and a piece of
// /connections.json.
func BenchmarkScrape(b *testing.B) {
	s := crowded(b, 10_000)
	b.Run("Status", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			s.Status()
		}
	})
	b.Run("Measures", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			s.Measures()
		}
	})
	b.Run("Connections", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			s.Connections(math.MaxInt)
		}
	})
}

// BenchmarkIAMAT is the way of a report through a session, the reactor left out.
func BenchmarkIAMAT(b *testing.B) {
	s := crowded(b, 1)
	c := s.sessions[0]
	line := []byte("IAMAT kiwi.cs.ucla.edu +27.5916+086.5640 ")
	end := len(line)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		line = append(strconv.AppendInt(line[:end], int64(i), 10), '\n')
		if err := c.DataReceived(c, line); err != nil {
			b.Fatal(err)
		}
	}
	if got := s.node.Counters().IAMAT; got != uint64(c.lines) {
		b.Errorf("%d reports in %d lines", got, c.lines)
	}
}
