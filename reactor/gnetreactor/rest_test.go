//go:build linux

package gnetreactor

import (
	"io"
	"net"
	"runtime"
	"sync"
	"testing"
	"time"

	"proxyherd/reactor"
)

// busy keeps a reactor busy on so many Ps, with connections to itself that never fall
// silent, until more returns false. more is called with each message, on the loop.
func busy(t *testing.T, r *Reactor, ps int, more func() bool) {
	t.Helper()
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(ps))
	answer := func(c *conversation, data []byte) error {
		if !more() {
			stop(r)
			return nil
		}
		c.transport.Write(data)
		return nil
	}
	const pairs = 16
	port, err := r.ListenTCP(0, each(func() *conversation { return &conversation{received: answer} }), pairs, "127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	_, number := reactor.SplitAddress(port.GetHost())
	first := func(c *conversation) { c.transport.Write([]byte("x")) }
	for range pairs {
		r.ConnectTCP("127.0.0.1", number, each(func() *conversation { return &conversation{made: first, received: answer} }), time.Minute, nil)
	}
	run(t, r)
}

// A job on sockets of Go's own, which asks an echo of its own some twenty times, is done
// while the loop is busy, and has been let run.
func TestABusyLoopRestsWhileJobsAreUnderWay(t *testing.T) {
	r, _ := newTestReactor(t, Config{})
	echo, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer echo.Close()
	go func() {
		c, err := echo.Accept()
		if err == nil {
			_, _ = io.Copy(c, c)
			_ = c.Close()
		}
	}()
	done := false
	job := func() {
		defer r.CallFromThread(func() { done = true })
		c, err := net.Dial("tcp", echo.Addr().String())
		if err != nil {
			t.Error(err)
			return
		}
		defer c.Close()
		for range 20 {
			_, _ = c.Write([]byte("?"))
			if _, err := io.ReadFull(c, make([]byte, 1)); err != nil {
				t.Error(err)
				return
			}
		}
	}
	begin := sync.OnceFunc(func() { r.CallInThread(job) })
	busy(t, r, 1, func() bool {
		begin() // with the first message: from then on the loop is busy
		return !done
	})
	if r.rest.taken == 0 {
		t.Error("the loop has not rested once")
	}
	if r.rest.file != nil {
		t.Error("its descriptor is still open")
	}
}

// Nobody waits on Go's poller, or others have a P of their own.
func TestABusyLoopDoesNotRestForNobody(t *testing.T) {
	for name, with := range map[string]struct {
		ps     int
		job    bool
		yields bool
	}{
		"no job is under way": {1, false, true},
		"there are two Ps":    {2, true, false},
	} {
		t.Run(name, func(t *testing.T) {
			r, _ := newTestReactor(t, Config{})
			over := make(chan struct{})
			if with.job {
				r.CallWhenRunning(func() { r.CallInThread(func() { <-over }) })
			}
			ended := sync.OnceFunc(func() { close(over) })
			messages, began := 0, time.Now()
			busy(t, r, with.ps, func() bool {
				messages++
				if messages < 1000 || time.Since(began) < 10*yieldEvery {
					return true
				}
				ended()
				return false
			})
			if r.rest.taken != 0 {
				t.Errorf("it rested %d times", r.rest.taken)
			}
			if yields := r.rest.yields > 0; yields != with.yields {
				t.Errorf("it yielded %d times", r.rest.yields)
			}
			if r.rest.last.IsZero() {
				t.Error("it asks for the number of Ps in each turn")
			}
		})
	}
}
