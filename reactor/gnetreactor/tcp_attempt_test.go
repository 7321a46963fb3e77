//go:build linux

package gnetreactor

import (
	"errors"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"proxyherd/reactor"
)

func TestAttempt(t *testing.T) {
	t.Run("a refusal carries the system's error", func(t *testing.T) {
		r, _ := newTestReactor(t, Config{})
		f := each(nil)
		var failed error
		f.failed = func(err error) { failed = err; stop(r) }
		r.ConnectTCP("127.0.0.1", closedPort(t), f, 0, nil)
		run(t, r)
		var number unix.Errno
		if !errors.Is(failed, reactor.ErrConnectionRefused) || !errors.As(failed, &number) || number != unix.ECONNREFUSED {
			t.Errorf("it failed with %v, and the error number %d", failed, number)
		}
	})

	t.Run("a local address in use is ErrConnectBind", func(t *testing.T) {
		// Once that of a connection to the same port, and once that of a port.
		r, _ := newTestReactor(t, Config{})
		p := listenOn(t, r, 0, each(func() *conversation { return &conversation{} }), 0, "127.0.0.1")
		_, number := reactor.SplitAddress(p.GetHost())
		var failed []error
		second := each(nil)
		second.failed = func(err error) {
			if failed = append(failed, err); len(failed) == 2 {
				stop(r)
			}
		}
		first := each(func() *conversation {
			return &conversation{made: func(c *conversation) {
				r.ConnectTCP("127.0.0.1", number, second, 0, c.transport.GetHost())
				r.ConnectTCP("127.0.0.1", number, second, 0, p.GetHost())
			}}
		})
		r.ConnectTCP("127.0.0.1", number, first, 0, reactor.IPv4Address{Host: "127.0.0.1"})
		run(t, r)
		for i, err := range failed {
			if !errors.Is(err, reactor.ErrConnectBind) {
				t.Errorf("attempt %d failed with %v", i, err)
			}
		}
	})

	t.Run("a local port can be had again as soon as its connection has ended", func(t *testing.T) {
		r, _ := newTestReactor(t, Config{})
		number := listen(t, r, each(func() *conversation { return &conversation{} }))
		other := listen(t, r, each(func() *conversation { return &conversation{} }))
		var local reactor.Address
		f := each(func() *conversation {
			return &conversation{made: func(c *conversation) {
				if local == nil {
					local = c.transport.GetHost()
				} else if c.transport.GetHost() != local {
					t.Errorf("it left from %v, want %v", c.transport.GetHost(), local)
				}
				c.transport.LoseConnection() // our side waits in TIME_WAIT
			}}
		})
		ends := 0
		f.failed = func(err error) { t.Error(err); stop(r) }
		f.lost = func(error) {
			if ends++; ends == 2 {
				stop(r)
				return
			}
			r.ConnectTCP("127.0.0.1", other, f, 0, local)
		}
		r.ConnectTCP("127.0.0.1", number, f, 0, reactor.IPv4Address{Host: "127.0.0.1"})
		run(t, r)
		if ends != 2 {
			t.Errorf("%d connections ended", ends)
		}
	})

	t.Run("without a descriptor it is ErrConnectBind", func(t *testing.T) {
		r, _ := newTestReactor(t, Config{})
		number := listen(t, r, each(nil))
		var old unix.Rlimit
		if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &old); err != nil {
			t.Fatal(err)
		}
		f := each(nil)
		var failed error
		f.failed = func(err error) {
			if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &old); err != nil {
				t.Error(err)
			}
			failed = err
			stop(r)
		}
		r.CallWhenRunning(func() {
			limit := old
			limit.Cur = lowestFree(t)
			if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
				t.Error(err)
			}
			r.ConnectTCP("127.0.0.1", number, f, 0, nil)
		})
		run(t, r)
		if !errors.Is(failed, reactor.ErrConnectBind) || !errors.Is(failed, unix.EMFILE) {
			t.Errorf("it failed with %v", failed)
		}
	})

	t.Run("a name is looked up off the loop", func(t *testing.T) {
		// The only worker is busy: the lookup waits, and the loop does not.
		r, _ := newTestReactor(t, Config{ThreadPoolSize: 1})
		number := listen(t, r, greeter())
		free := make(chan struct{})
		r.CallInThread(func() { <-free })
		var story []string
		f := each(func() *conversation {
			return &conversation{made: func(*conversation) { story = append(story, "connected"); stop(r) }}
		})
		f.failed = func(err error) { t.Error(err); stop(r) }
		r.CallWhenRunning(func() {
			r.ConnectTCP("localhost", number, f, 0, nil)
			r.CallLater(5*time.Millisecond, func() { story = append(story, "a timer"); close(free) })
		})
		run(t, r)
		if got := strings.Join(story, ", "); got != "a timer, connected" {
			t.Errorf("what happened: %s", got)
		}
	})
}

// TestServiceNames: a port is a number here, and a service's name is looked up
// before it is asked for.
func TestServiceNames(t *testing.T) {
	t.Run("a name is looked up by the caller", func(t *testing.T) {
		r, _ := newTestReactor(t, Config{})
		number, err := net.LookupPort("tcp", "http")
		if err != nil {
			t.Fatal(err)
		}
		c := r.ConnectTCP("127.0.0.1", number, each(nil), 0, nil)
		if want := (reactor.IPv4Address{Host: "127.0.0.1", Port: 80}); c.GetDestination() != want {
			t.Errorf("it goes to %v, want %v", c.GetDestination(), want)
		}
		if err := c.StopConnecting(); err != nil { // before anything is dialled
			t.Error(err)
		}
	})
	t.Run("a name that nobody knows never gets as far as ConnectTCP", func(t *testing.T) {
		number, err := net.LookupPort("tcp", "no-such-service")
		if err == nil {
			t.Fatalf("it is %d", number)
		}
		// What would be asked for regardless is not a port that exists.
		r, _ := newTestReactor(t, Config{})
		f := each(nil)
		var failed error
		f.failed = func(err error) { failed = err; stop(r) }
		r.ConnectTCP("127.0.0.1", -1, f, 0, nil)
		run(t, r)
		if !errors.Is(failed, reactor.ErrConnect) || !strings.Contains(failed.Error(), strconv.Itoa(-1)) {
			t.Errorf("the attempt failed with %v", failed)
		}
	})
}
