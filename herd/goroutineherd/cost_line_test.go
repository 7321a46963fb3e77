package goroutineherd

import (
	"bytes"
	"context"
	"net"
	"strconv"
	"testing"
	"time"

	"proxyherd/herd"
	"proxyherd/herd/upstream"
)

// unasked is an upstream that is never asked.
type unasked struct{}

func (unasked) Fetch(context.Context, upstream.Query) upstream.Result { return upstream.Result{} }

// drain is the other end of a connection.
type drain struct {
	net.Conn
	got   [readSize]byte
	lines int
}

// take reads until there are so many lines more.
func (d *drain) take(t *testing.T, lines int) {
	for want := d.lines + lines; d.lines < want; {
		n, err := d.Read(d.got[:])
		if err != nil {
			t.Fatal(err)
		}
		d.lines += bytes.Count(d.got[:n], newline)
	}
}

// connected returns both ends of a connection.
func connected(t *testing.T) (*net.TCPConn, *drain) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	there, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	here, err := listener.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { here.Close(); there.Close() })
	if err := there.SetDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	return here.(*net.TCPConn), &drain{Conn: there}
}

// linked is a server with a client and a link to each of its two neighbours, without
// the goroutines that read and wait, and the other ends of the three: the client's first.
func linked(t *testing.T) (c *session, links []*link, ends []*drain) {
	t.Helper()
	s, err := New(Options{
		Name: "Farmar", Config: herd.Default(), Keys: [][]byte{[]byte("a secret of the tests")},
		Upstream: unasked{}, Kind: upstream.Twitter{},
	})
	if err != nil {
		t.Fatal(err)
	}
	s.started = time.Now()
	conn, end := connected(t)
	c = newSession(s, nil)
	c.begin(conn)
	ends = append(ends, end)
	for _, n := range s.neighbours {
		conn, end := connected(t)
		l := newLink(s, nil, n)
		l.conn, l.open, n.link, l.maxLength = conn, true, l, herd.MaxPeerLine+1
		l.outbox.open(conn)
		l.outbox.begin(true)
		links, ends = append(links, l), append(ends, end)
	}
	s.mu.Lock()
	s.publish()
	s.mu.Unlock()
	return c, links, ends
}

// From a piece of reports to its flood and its answers, each handed to the system, and
// from a neighbour's updates to their flood, nothing makes garbage.
func TestNoAllocationFromLineToFlood(t *testing.T) {
	const lines = 100 // of a piece
	c, links, ends := linked(t)
	count := int64(100_000_000)
	piece := func(text string) []byte {
		return bytes.Repeat([]byte(text), lines)
	}
	// newer writes a time over the fraction of each, which is the last thing in it.
	newer := func(piece []byte) []byte {
		for end := len(piece) / lines; end <= len(piece); end += len(piece) / lines {
			count++
			strconv.AppendInt(piece[:end-len("100000000\n")], count, 10)
		}
		return piece
	}
	reports := piece("IAMAT kiwi.cs.ucla.edu +27.5916+086.5640 1353118103.100000000\n")
	updates := piece("AT Meeks +0.563873386 kiwi.cs.ucla.edu +27.5916+086.5640 1353118103.100000000\n")
	for _, path := range []struct {
		name string
		turn func()
		want [3]int // lines to the client, and to each neighbour
	}{
		{"IAMAT", func() { c.turn(newer(reports)) }, [3]int{1, 1, 1}},
		{"AT", func() { links[0].dataReceived(newer(updates)); links[0].server.flushFlood(links[0]) }, [3]int{0, 0, 1}},
	} {
		most := 0.0
		if racing {
			most = lines / 10 // of a piece, and of none of its lines
		}
		n := testing.AllocsPerRun(200, func() {
			path.turn()
			for i, end := range ends {
				end.take(t, path.want[i]*lines)
			}
		})
		if n > most {
			t.Errorf("%s: %v allocations for %d lines, want at most %v", path.name, n, lines, most)
		}
	}
	counters, _ := c.server.tally.read()
	if counters.IAMAT != 201*lines || counters.PeerTaken != 201*lines { // AllocsPerRun warms up once
		t.Errorf("of %d lines each %d reports and %d updates were taken", 201*lines, counters.IAMAT, counters.PeerTaken)
	}
}
