//go:build linux

package gnetreactor

import (
	"bytes"
	"errors"
	"io"
	"net"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"proxyherd/reactor"
)

// These tests are about what gnet's poller does under the reactor: each holds
// one of its traps shut.

func TestADescriptorUsedAgainInOneBatchGetsNoEventOfItsOldOwner(t *testing.T) {
	// Two clients send in one batch. The first one's callback closes the
	// second's connection and dials out: were the number closed at once, the
	// new socket would get it, and with it the second's waiting event.
	r, _ := newTestReactor(t, Config{})
	var server []*conversation
	var wrong []byte
	refused := false
	number := listen(t, r, each(func() *conversation {
		c := &conversation{}
		server = append(server, c)
		c.received = func(c *conversation, data []byte) error {
			other := server[0]
			if c == other {
				other = server[1]
			}
			if !other.transport.(*transport).connected {
				return nil
			}
			old := other.transport.(*transport).fd
			other.transport.(*transport).connectionLost(reactor.ErrConnectionDone)
			f := each(func() *conversation {
				return &conversation{received: func(_ *conversation, d []byte) error { wrong = append(wrong, d...); return nil }}
			})
			f.failed = func(err error) { refused = errors.Is(err, reactor.ErrConnectionRefused); stop(r) }
			f.lost = func(error) { t.Error("a refused connection counted as made"); stop(r) }
			r.ConnectTCP("127.0.0.1", closedPort(t), f, 0, nil)
			for _, fd := range r.closing {
				if fd == old {
					return nil
				}
			}
			t.Error("the descriptor was closed inside the batch")
			return nil
		}
		if len(server) == 2 {
			r.CallLater(0, func() { sendBoth(t, server) })
		}
		return c
	}))
	clients = [2]*conn{}
	r.CallWhenRunning(func() { clients[0], clients[1] = dial(t, number), dial(t, number) })
	run(t, r)
	if !refused || len(wrong) > 0 {
		t.Fatalf("refused: %v; bytes that reached the wrong protocol: %q", refused, wrong)
	}
}

// clients are the two peers of the test above; sendBoth writes on both while
// the loop is busy, so that their events come in one batch.
var clients [2]*conn

func sendBoth(t *testing.T, _ []*conversation) {
	for _, c := range clients {
		if _, err := c.Write([]byte("x")); err != nil {
			t.Error(err)
		}
	}
}

// closedPort is a port on which nobody listens.
func closedPort(t *testing.T) int {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

func TestACallThatPostsItselfDoesNotStarveIO(t *testing.T) {
	r, _ := newTestReactor(t, Config{})
	echoed := false
	turns := 0
	var again func()
	again = func() {
		if turns++; !echoed {
			r.CallFromThread(again)
		}
	}
	number := listen(t, r, each(func() *conversation {
		return &conversation{received: func(c *conversation, data []byte) error {
			echoed = true
			stop(r)
			return nil
		}}
	}))
	r.CallWhenRunning(func() {
		again()
		c := dial(t, number)
		if _, err := c.Write([]byte("hello")); err != nil {
			t.Error(err)
		}
	})
	run(t, r)
	if !echoed || turns < 2 {
		t.Fatalf("echoed: %v after %d posts", echoed, turns)
	}
}

func TestPostsKeepTheirOrderFromEachGoroutine(t *testing.T) {
	const goroutines, posts = 8, 5000 // more than gnet's queue keeps in order
	r, _ := newTestReactor(t, Config{})
	next := make([]int, goroutines)
	left, disorder := goroutines*posts, 0
	var start sync.WaitGroup
	start.Add(1)
	for g := range goroutines {
		go func() {
			start.Wait()
			for i := range posts {
				r.CallFromThread(func() {
					if next[g] != i {
						disorder++
					}
					next[g]++
					if left--; left == 0 {
						stop(r)
					}
				})
			}
		}()
	}
	r.CallWhenRunning(start.Done)
	run(t, r)
	if disorder != 0 || left != 0 {
		t.Fatalf("%d posts out of order, %d missing", disorder, left)
	}
}

func TestAPostAfterTheEndIsRefusedAndWritesToNoDescriptor(t *testing.T) {
	r, _ := newTestReactor(t, Config{})
	r.CallWhenRunning(func() { stop(r) })
	run(t, r)
	// Whoever opens descriptors next gets the numbers that the poller had.
	var pipes [8][2]int
	for i := range pipes {
		if err := unix.Pipe2(pipes[i][:], unix.O_NONBLOCK|unix.O_CLOEXEC); err != nil {
			t.Fatal(err)
		}
	}
	if r.CallFromThread(func() { t.Error("ran after the end") }) {
		t.Error("a post after the end was accepted")
	}
	for _, p := range pipes {
		buf := make([]byte, 8)
		if n, err := unix.Read(p[0], buf); err != unix.EAGAIN {
			t.Errorf("a descriptor opened after the end got %d bytes (%v)", n, err)
		}
		unix.Close(p[0])
		unix.Close(p[1])
	}
}

func TestNoDescriptorIsLeftAfterRun(t *testing.T) {
	open := func() int {
		var limit unix.Rlimit
		if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
			t.Fatal(err)
		}
		n := 0
		for fd := range int(min(limit.Cur, 4096)) {
			if _, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0); err == nil {
				n++
			}
		}
		return n
	}
	turn := func() {
		r, _ := newTestReactor(t, Config{})
		number := listen(t, r, each(func() *conversation {
			return &conversation{received: func(c *conversation, d []byte) error { stop(r); return nil }}
		}))
		f := each(func() *conversation {
			return &conversation{made: func(c *conversation) { c.transport.Write([]byte("x")) }}
		})
		r.ConnectTCP("127.0.0.1", number, f, 0, nil)
		r.ConnectTCP("127.0.0.1", closedPort(t), each(nil), 0, nil)
		run(t, r)
	}
	turn() // what the runtime opens once and keeps
	before := open()
	for range 20 {
		turn()
	}
	if after := open(); after != before {
		t.Fatalf("%d descriptors before, %d after 20 reactors", before, after)
	}
}

func TestAPausedConnectionDoesNotSpin(t *testing.T) {
	for _, peerEnds := range []bool{false, true} {
		r, _ := newTestReactor(t, Config{})
		var before, after uint64
		number := listen(t, r, each(func() *conversation {
			return &conversation{received: func(c *conversation, d []byte) error {
				c.transport.PauseProducing()
				before = r.pace.seen
				r.CallLater(50*time.Millisecond, func() { after = r.pace.seen; stop(r) })
				return nil
			}}
		}))
		r.CallWhenRunning(func() {
			c := dial(t, number)
			_, _ = c.Write(bytes.Repeat([]byte("x"), 100_000)) // more than one read
			if peerEnds {
				_ = c.CloseWrite()
			}
		})
		run(t, r)
		if events := after - before; after == 0 || events > 20 {
			t.Errorf("peer ended: %v: %d events in 50 ms of pause", peerEnds, events)
		}
	}
}

func TestAResetIsNoticedWhilePaused(t *testing.T) {
	r, _ := newTestReactor(t, Config{})
	var reason error
	var peer *net.TCPConn
	number := listen(t, r, each(func() *conversation {
		return &conversation{
			received: func(c *conversation, d []byte) error {
				c.transport.PauseProducing()
				r.CallLater(time.Millisecond, func() {
					_ = peer.SetLinger(0)
					_ = peer.Close()
				})
				return nil
			},
			lost: func(_ *conversation, err error) { reason = err; stop(r) },
		}
	}))
	r.CallWhenRunning(func() {
		peer = dial(t, number)
		_, _ = peer.Write([]byte("x"))
	})
	run(t, r)
	if !errors.Is(reason, reactor.ErrConnectionLost) || !errors.Is(reason, unix.ECONNRESET) {
		t.Fatalf("reason: %v", reason)
	}
}

func TestALateAnswerReachesAPeerThatHalfClosed(t *testing.T) {
	r, _ := newTestReactor(t, Config{})
	number := listen(t, r, &builder{build: func(reactor.Address) reactor.Protocol {
		return &halfCloser{r: r}
	}})
	got := make(chan []byte, 1)
	r.CallWhenRunning(func() {
		c := dial(t, number)
		go func() {
			_, _ = c.Write([]byte("question"))
			_ = c.CloseWrite()
			answer, err := io.ReadAll(c)
			if err != nil {
				t.Error(err)
			}
			got <- answer
			r.CallFromThread(func() { stop(r) })
		}()
	})
	run(t, r)
	if answer := <-got; len(answer) != 1<<20 {
		t.Fatalf("%d bytes of the answer arrived, want %d", len(answer), 1<<20)
	}
}

// halfCloser answers 20 ms after the peer has ended.
type halfCloser struct {
	conversation
	r *Reactor
}

func (h *halfCloser) MakeConnection(_ reactor.Protocol, t reactor.Transport) {
	h.transport = t.(reactor.TCPTransport)
}
func (h *halfCloser) ReadConnectionLost() {
	h.r.CallLater(20*time.Millisecond, func() {
		h.transport.Write(make([]byte, 1<<20))
		h.transport.LoseConnection()
	})
}
func (h *halfCloser) WriteConnectionLost() {}

func TestProducersThatFeedEachOtherLetEventsIn(t *testing.T) {
	// Each writes to the other's connection when its own is drained. What a
	// flush writes belongs to the next turn, and between two turns the poller
	// is asked.
	r, _ := newTestReactor(t, Config{})
	var pair []*feeder
	pieces := 0
	number := listen(t, r, each(func() *conversation {
		return &conversation{made: func(c *conversation) {
			pair = append(pair, &feeder{t: t, r: r, pieces: &pieces, own: c.transport})
			if len(pair) < 2 {
				return
			}
			for i, f := range pair {
				f.other = pair[1-i].own
			}
			for _, f := range pair {
				if err := f.own.RegisterProducer(f, false); err != nil {
					t.Error(err)
				}
			}
		}}
	}))
	r.CallWhenRunning(func() {
		for range 2 {
			c := dial(t, number)
			go func() { _, _ = io.Copy(io.Discard, c) }()
		}
	})
	run(t, r)
	if pieces != enoughPieces {
		t.Errorf("%d pieces were asked for", pieces)
	}
}

const enoughPieces = 100

// feeder is the pull producer of one connection, which writes to another.
type feeder struct {
	t          *testing.T
	r          *Reactor
	own, other reactor.Transport
	pieces     *int
	seen       uint64
	idle       int
}

func (f *feeder) ResumeProducing() {
	// An end of turn that was rung for by an event needs no second one.
	if f.r.pace.seen != f.seen {
		f.idle = 0
	} else if f.idle++; f.idle == 3 {
		f.t.Error("several turns without asking the poller between them")
	}
	f.seen = f.r.pace.seen
	if *f.pieces++; *f.pieces == enoughPieces {
		stop(f.r)
	}
	f.other.Write([]byte("x"))
}

func (f *feeder) StopProducing() {}
