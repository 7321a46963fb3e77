//go:build linux

package gnetreactor

import (
	"bytes"
	"errors"
	"io"
	"os"
	"os/signal"
	"strings"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"

	"proxyherd/reactor"
	"proxyherd/reactor/deferred"
)

func TestStopInAnIOCallbackLosesNeitherEventsNorPosts(t *testing.T) {
	// Ended from the callback itself, the poller would drop what else is in the
	// batch, and every posted task.
	r, _ := newTestReactor(t, Config{})
	var received, posted int
	clients = [2]*conn{}
	number := listen(t, r, each(func() *conversation {
		c := &conversation{}
		c.received = func(*conversation, []byte) error {
			received++
			r.CallFromThread(func() { posted++ })
			stop(r)
			return nil
		}
		return c
	}))
	r.CallWhenRunning(func() {
		// Both are accepted in the next batch, and are readable in the one after.
		clients[0], clients[1] = dial(t, number), dial(t, number)
		sendBoth(t, nil)
	})
	run(t, r)
	if received != 2 || posted != 2 {
		t.Errorf("%d of 2 events and %d of 2 posts arrived", received, posted)
	}
}

// TestWhatIsReadyWhenStopIsCalledIsTaken: the turn of Stop ends with what the
// poller has ready then, and not, as Twisted's (RS3), with the events before.
func TestWhatIsReadyWhenStopIsCalledIsTaken(t *testing.T) {
	r, _ := newTestReactor(t, Config{})
	var other *conn
	received := ""
	number := listen(t, r, each(func() *conversation {
		return &conversation{received: func(_ *conversation, data []byte) error {
			received += string(data)
			if string(data) == "first" {
				stop(r)
				if _, err := other.Write([]byte(" second")); err != nil {
					t.Error(err)
				}
			}
			return nil
		}}
	}))
	r.CallWhenRunning(func() {
		other = dial(t, number)
		if _, err := dial(t, number).Write([]byte("first")); err != nil {
			t.Error(err)
		}
	})
	run(t, r)
	if received != "first second" {
		t.Errorf("the reactor took %q, want what came after Stop too", received)
	}
}

// TestClosingBeforeAResetWasReadIsAnOrderlyEnd: ours closes in the same turn, and
// does not ask the poller first, which in Twisted (TR10) tells of the reset.
func TestClosingBeforeAResetWasReadIsAnOrderlyEnd(t *testing.T) {
	r, _ := newTestReactor(t, Config{})
	var client *conn
	var reason error
	number := listen(t, r, each(func() *conversation {
		return &conversation{
			received: func(c *conversation, _ []byte) error {
				if err := errors.Join(client.SetLinger(0), client.Close()); err != nil {
					t.Error(err)
				}
				c.transport.LoseConnection()
				return nil
			},
			lost: func(_ *conversation, err error) { reason = err; stop(r) },
		}
	}))
	r.CallWhenRunning(func() {
		client = dial(t, number)
		if _, err := client.Write([]byte("x")); err != nil {
			t.Error(err)
		}
	})
	run(t, r)
	if !errors.Is(reason, reactor.ErrConnectionDone) {
		t.Errorf("reason: %v", reason)
	}
}

func TestACrashedReactorRunsAgain(t *testing.T) {
	r, _ := newTestReactor(t, Config{})
	lost := 0
	var echoed []byte
	number := listen(t, r, each(func() *conversation {
		return &conversation{
			received: func(c *conversation, data []byte) error { c.transport.Write(data); return nil },
			lost:     func(*conversation, error) { lost++ },
		}
	}))
	var client *conversation
	f := each(func() *conversation {
		client = &conversation{
			made: func(c *conversation) { r.Crash() },
			received: func(c *conversation, data []byte) error {
				echoed = append(echoed, data...)
				stop(r)
				return nil
			},
		}
		return client
	})
	r.ConnectTCP("127.0.0.1", number, f, 0, nil)
	run(t, r)
	if lost != 0 || r.Running() {
		t.Fatalf("after a crash %d connections were told, and running is %v", lost, r.Running())
	}
	// Between two runs: posted, scheduled and written as before the first.
	inOrder := ""
	r.CallFromThread(func() { inOrder += "p" })
	r.CallLater(0, func() { inOrder += "t" })
	client.transport.Write([]byte("again"))
	run(t, r)
	if string(echoed) != "again" || inOrder != "pt" || lost != 1 {
		t.Errorf("echoed %q, calls %q, %d connections lost in the end", echoed, inOrder, lost)
	}
	if err := r.Run(); !errors.Is(err, reactor.ErrReactorNotRestartable) {
		t.Errorf("a third run after Stop: %v", err)
	}
}

func TestWhatIsWrittenAfterTheEndReachesNobody(t *testing.T) {
	// The connection that is lost and the one that is made next have the same
	// descriptor, one after the other.
	r, _ := newTestReactor(t, Config{})
	var old *conversation
	var oldFD int
	number := listen(t, r, each(func() *conversation {
		c := &conversation{}
		c.received = func(c *conversation, data []byte) error {
			if old == nil {
				old, oldFD = c, c.transport.(*transport).fd
				c.transport.AbortConnection()
				return nil
			}
			old.transport.Write([]byte("misdirected"))
			old.transport.LoseConnection()
			old.transport.AbortConnection()
			old.transport.PauseProducing()
			c.transport.Write([]byte("answer"))
			c.transport.LoseConnection()
			if c.transport.(*transport).fd != oldFD {
				t.Logf("descriptor %d was not used again", oldFD)
			}
			return nil
		}
		return c
	}))
	r.CallWhenRunning(func() {
		go func() {
			first := dial(t, number)
			_, _ = first.Write([]byte("x"))
			_, _ = io.ReadAll(first) // ends with the reset
			second := dial(t, number)
			_, _ = second.Write([]byte("x"))
			answer, err := io.ReadAll(second)
			if err != nil || string(answer) != "answer" {
				t.Errorf("the second client got %q (%v)", answer, err)
			}
			r.CallFromThread(func() { stop(r) })
		}()
	})
	run(t, r)
}

func TestSignalsInterruptNothing(t *testing.T) {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, unix.SIGUSR1)
	defer signal.Stop(signals)
	r, _ := newTestReactor(t, Config{})
	const size = 16 << 20
	number := listen(t, r, each(func() *conversation {
		return &conversation{made: func(c *conversation) {
			c.transport.Write(make([]byte, size))
			c.transport.LoseConnection()
		}}
	}))
	got, ended := 0, make(chan struct{})
	f := each(func() *conversation {
		return &conversation{
			received: func(_ *conversation, data []byte) error { got += len(data); return nil },
			lost:     func(_ *conversation, reason error) { stop(r) },
		}
	})
	r.ConnectTCP("127.0.0.1", number, f, 0, nil)
	r.CallWhenRunning(func() {
		go func() {
			defer close(ended)
			for r.CallFromThread(func() {}) { // until the reactor has ended
				_ = unix.Kill(unix.Getpid(), unix.SIGUSR1)
			}
		}()
	})
	run(t, r)
	<-ended
	if got != size {
		t.Errorf("%d bytes of %d arrived under a storm of signals", got, size)
	}
}

func TestTheShutdownWaitsForABeforeTrigger(t *testing.T) {
	r, _ := newTestReactor(t, Config{})
	var story []string
	note := func(s string) { story = append(story, s) }
	waiting := deferred.New[struct{}](nil)
	number := listen(t, r, each(func() *conversation {
		return &conversation{
			received: func(*conversation, []byte) error { note("data"); waiting.Callback(struct{}{}); return nil },
			lost:     func(_ *conversation, reason error) { note("lost") },
		}
	}))
	for _, phase := range []reactor.Phase{reactor.After, reactor.During, reactor.Before} {
		if _, err := r.AddSystemEventTrigger(phase, "shutdown", func() *deferred.Deferred[struct{}] {
			note(phase.String())
			if phase == reactor.Before {
				_, _ = dial(t, number).Write([]byte("x"))
				return waiting
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	r.CallWhenRunning(func() { stop(r) })
	run(t, r)
	if got := strings.Join(story, " "); got != "before data lost during after" {
		t.Errorf("the shutdown went %q", got)
	}
}

func TestAnOutgoingConnectionComesFromItsBindAddress(t *testing.T) {
	r, _ := newTestReactor(t, Config{})
	var from reactor.Address
	number := listen(t, r, &builder{build: func(a reactor.Address) reactor.Protocol { from = a; stop(r); return nil }})
	r.ConnectTCP("127.0.0.1", number, each(func() *conversation { return &conversation{} }), 0, reactor.IPv4Address{Host: "127.0.0.2"})
	run(t, r)
	if host, _ := reactor.SplitAddress(from); host != "127.0.0.2" {
		t.Errorf("the server saw %v", from)
	}
}

func TestTwoCannotListenOnOnePort(t *testing.T) {
	first, _ := newTestReactor(t, Config{})
	second, _ := newTestReactor(t, Config{})
	number := listen(t, first, each(nil))
	_, err := second.ListenTCP(number, each(nil), 50, "127.0.0.1")
	var cannot *reactor.CannotListenError
	if !errors.As(err, &cannot) || !errors.Is(err, unix.EADDRINUSE) || cannot.Port != number {
		t.Errorf("the second listener: %v", err)
	}
	first.CallWhenRunning(func() { stop(first) })
	run(t, first)
}

func TestCloseTimeoutEndsAConnectionThatIsNotRead(t *testing.T) {
	r, _ := newTestReactor(t, Config{CloseTimeout: 1})
	var reason error
	number := listen(t, r, each(func() *conversation {
		return &conversation{
			made: func(c *conversation) {
				c.transport.Write(bytes.Repeat([]byte("x"), 64<<20)) // more than the system takes
				c.transport.LoseConnection()
			},
			lost: func(_ *conversation, err error) { reason = err; stop(r) },
		}
	}))
	r.CallWhenRunning(func() { dial(t, number) })
	run(t, r)
	if !errors.Is(reason, reactor.ErrConnectionAborted) {
		t.Errorf("reason: %v", reason)
	}
}

// A transport's size is rounded up to the next size class of the allocator, of which
// 160 is one.
func TestATransportIsSmall(t *testing.T) {
	if size := unsafe.Sizeof(transport{}); size > 160 {
		t.Errorf("a transport has %d bytes, want at most 160", size)
	}
}

func TestWritingAndFlushingAllocateNothing(t *testing.T) {
	r, _ := newTestReactor(t, Config{})
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(pair[0])
	defer unix.Close(pair[1])
	c := &transport{r: r, protocol: &conversation{}, connected: true, wantsRead: true}
	c.fd = pair[0]
	line, in := []byte("a line\n"), make([]byte, 64)
	r.collecting = true // a flush follows, and nothing has to ring for it
	allocations := testing.AllocsPerRun(1000, func() {
		c.Write(line)
		c.Write(line)
		r.flush()
		if n, err := unix.Read(pair[1], in); n != 2*len(line) || err != nil {
			t.Fatalf("read %d bytes (%v)", n, err)
		}
	})
	if allocations != 0 {
		t.Errorf("%v allocations for two writes and a flush", allocations)
	}
}
