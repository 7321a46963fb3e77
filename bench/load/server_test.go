package load

import (
	"bufio"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"proxyherd/herd"
)

// testServer answers as a server of the herd does, but for what a test wants otherwise.
type testServer struct {
	address string
	lives   atomic.Int64 // connections so far

	mu    sync.Mutex
	lines int
	// change, if set, changes the answer to line n, counted from 1 over all
	// connections; nil ends the connection. It may take its time.
	change func(n int, answer []byte) []byte
	// heard, if set, is told of each AT line.
	heard func(at []byte)
}

func serve(t *testing.T, s *testServer) *testServer {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	s.address = listener.Addr().String()
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			s.lives.Add(1)
			go s.talk(conn)
		}
	}()
	return s
}

func (s *testServer) talk(conn net.Conn) {
	defer conn.Close()
	known := map[string][]byte{}
	for lines := bufio.NewScanner(conn); lines.Scan(); {
		answer := s.answer(known, lines.Bytes())
		if answer == nil {
			return
		}
		if _, err := conn.Write(answer); err != nil {
			return
		}
	}
}

// answer is under one lock, so that a test that takes its time holds all connections.
func (s *testServer) answer(known map[string][]byte, line []byte) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lines++
	answer := append(append([]byte("? "), line...), '\n')
	var c herd.Command
	if herd.ParseCommand(line, &c) {
		if c.Verb == herd.IAMAT {
			now := time.Now()
			r := herd.Record{
				Server: []byte("Test"), Difference: herd.AppendDifference(nil, herd.Unix(now.Unix(), now.Nanosecond()).Sub(c.Client)),
				ID: c.ID, Location: c.Location, Time: c.Time,
			}
			known[string(c.ID)] = r.AppendLine(nil)
			if s.heard != nil {
				s.heard(known[string(c.ID)])
			}
			answer = append([]byte(nil), known[string(c.ID)]...)
		} else if at := known[string(c.ID)]; at != nil {
			answer = append(append([]byte(nil), at...), `{"results":[]}`+"\n"...)
		}
	}
	if s.change != nil {
		return s.change(s.lines, answer)
	}
	return answer
}

// some is a small load.
func some(s *testServer) Options {
	return Options{
		Addresses: []string{s.address}, Connections: 4, Clients: 100, Duration: 400 * time.Millisecond,
		PIDs: []int{os.Getpid()}, Seed: 1,
	}
}
