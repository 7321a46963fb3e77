package goroutineherd_test

import (
	"context"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"proxyherd/herd/goroutineherd"
	"proxyherd/herd/herdtest"
)

// writes is the order in which a server has written to its connections.
type writes struct {
	mu   sync.Mutex
	list []string
}

func (w *writes) add(what string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.list = append(w.list, what)
}

func (w *writes) take() (list []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	list, w.list = w.list, nil
	return list
}

// around is a network whose connections tell of what is written to them.
func (w *writes) around(n goroutineherd.Network) goroutineherd.Network {
	listen, dial := n.Listen, n.Dial
	n.Listen = func(address string) (net.Listener, error) {
		l, err := listen(address)
		return &toldListener{l, w}, err
	}
	n.Dial = func(ctx context.Context, address string) (net.Conn, error) {
		conn, err := dial(ctx, address)
		if err != nil {
			return nil, err
		}
		return &toldConn{conn, w}, nil
	}
	return n
}

type toldListener struct {
	net.Listener
	writes *writes
}

func (l *toldListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &toldConn{conn, l.writes}, nil
}

type toldConn struct {
	net.Conn
	writes *writes
}

// Write tells of a link's write when it is over, and of a client's before it begins.
func (c *toldConn) Write(p []byte) (int, error) {
	if !strings.HasPrefix(string(p), "AT ") {
		return c.Conn.Write(p)
	}
	// Farmar's clients come to port 12000.
	if c.LocalAddr().(*net.TCPAddr).Port == 12000 {
		c.writes.add("answer")
		return c.Conn.Write(p)
	}
	n, err := c.Conn.Write(p)
	c.writes.add("update")
	return n, err
}

// Both links have an update before its client gets the answer; and where answers are
// to leave first, this test sees it.
func TestAnAcknowledgementLeavesAfterTheUpdate(t *testing.T) {
	for _, answerFirst := range []bool{false, true} {
		told := &writes{}
		herdtest.InBubbleSet(t, time.Time{}, nil, func(b *herdtest.Bubble) {
			b.Faulty.AnswerFirst = answerFirst
			b.Around = func(name string, n goroutineherd.Network) goroutineherd.Network {
				if name != "Farmar" {
					return n
				}
				return told.around(n)
			}
		}, func(t *testing.T, b *herdtest.Bubble) {
			c := b.Connect("Farmar")
			for i := range 50 {
				told.take()
				c.Send([]byte(report(fmt.Sprint("a", i)) + "\n" + report(fmt.Sprint("b", i)) + "\n"))
				settle(b)
				want := "update update answer"
				if answerFirst {
					want = "answer update update"
				}
				if got := strings.Join(told.take(), " "); len(lines(c)) != 2 || got != want {
					t.Fatalf("round %d, the answer first: %v: the writes were %q, want %q", i, answerFirst, got, want)
				}
			}
		})
	}
}
