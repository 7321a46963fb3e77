//go:build linux

package gnetreactor

import (
	"context"
	"errors"
	"net"
	"net/netip"
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

// answers is a Resolver that gives the next answer each time.
type answers struct {
	networks []string
	list     [][]string
}

func (a *answers) LookupNetIP(_ context.Context, network, host string) (addrs []netip.Addr, err error) {
	a.networks = append(a.networks, network)
	if len(a.list) == 0 {
		return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
	}
	for _, literal := range a.list[0] {
		addrs = append(addrs, netip.MustParseAddr(literal))
	}
	a.list = a.list[1:]
	return addrs, nil
}

// TestNames: all addresses of a name are tried, and it is looked up by each attempt.
func TestNames(t *testing.T) {
	t.Run("one address after the other is tried, IPv4 first", func(t *testing.T) {
		names := &answers{list: [][]string{{"::1", "127.0.0.3", "127.0.0.2"}}}
		r, _ := newTestReactor(t, Config{Resolver: names})
		p := listenOn(t, r, 0, greeter(), 0, "127.0.0.2")
		_, number := reactor.SplitAddress(p.GetHost())
		var told, peer reactor.Address
		f := each(func() *conversation {
			return &conversation{made: func(c *conversation) { peer = c.transport.GetPeer(); stop(r) }}
		})
		f.failed = func(err error) { t.Error(err); stop(r) }
		c := r.ConnectTCP("pear.example", number, f, 0, nil)
		told = c.GetDestination()
		run(t, r)
		if peer != p.GetHost() || told != (reactor.IPv4Address{Host: "pear.example", Port: number}) || c.State() == reactor.Connecting {
			t.Errorf("%v led to %v; it is %v", told, peer, c.State())
		}
		if len(names.networks) != 1 || names.networks[0] != "ip" {
			t.Errorf("it asked for %q", names.networks)
		}
	})
	t.Run("each attempt looks the name up", func(t *testing.T) {
		names := &answers{list: [][]string{{"127.0.0.3", "127.0.0.4"}, {"::1"}}}
		r, _ := newTestReactor(t, Config{Resolver: names})
		p := listenOn(t, r, 0, greeter(), 0, "::1")
		_, number := reactor.SplitAddress(p.GetHost())
		var connector reactor.Connector
		var failures []error
		var peer reactor.Address
		f := each(func() *conversation {
			return &conversation{made: func(c *conversation) { peer = c.transport.GetPeer(); c.transport.LoseConnection() }}
		})
		again := func() {
			if err := connector.Connect(); err != nil {
				t.Error(err)
				stop(r)
			}
		}
		f.failed = func(err error) {
			if failures = append(failures, err); len(failures) == 2 {
				stop(r)
				return
			}
			r.CallLater(0, again)
		}
		f.lost = func(error) { r.CallLater(0, again) }
		connector = r.ConnectTCP("pear.example", number, f, 0, nil)
		run(t, r)
		if peer != p.GetHost() || len(failures) != 2 || len(names.networks) != 3 {
			t.Fatalf("it led to %v, and failed with %v after %d lookups", peer, failures, len(names.networks))
		}
		if err := failures[0]; !errors.Is(err, reactor.ErrConnectionRefused) || !strings.Contains(err.Error(), "127.0.0.3: ") || !strings.Contains(err.Error(), "127.0.0.4: ") {
			t.Errorf("the first attempt failed with %v", err)
		}
		if err := failures[1]; !errors.Is(err, reactor.ErrDNSLookup) || !strings.Contains(err.Error(), "pear.example") {
			t.Errorf("the last attempt failed with %v", err)
		}
	})
	t.Run("nobody waits for one that was given up", func(t *testing.T) {
		names := &answers{list: [][]string{{"127.0.0.3", "127.0.0.4"}}}
		r, _ := newTestReactor(t, Config{Resolver: names})
		f := each(nil)
		times := 0
		f.failed = func(err error) {
			if times++; !errors.Is(err, reactor.ErrConnect) {
				t.Errorf("it failed with %v", err)
			}
			stop(r)
		}
		r.ConnectTCP("pear.example", -1, f, 0, nil) // a port that there is not
		run(t, r)
		if times != 1 || len(r.GetDelayedCalls()) != 0 {
			t.Errorf("it failed %d times, and %d calls are left", times, len(r.GetDelayedCalls()))
		}
	})
}

// TestEveryAddress: who listens on [::] is reached by IPv4 too, and its peer is then
// one of IPv4; who listens on 0.0.0.0 is not reached by IPv6.
func TestEveryAddress(t *testing.T) {
	for _, c := range []struct {
		iface, host string
		reached     bool
	}{{"::", "127.0.0.1", true}, {"::", "::1", true}, {"", "127.0.0.1", true}, {"", "::1", false}} {
		r, _ := newTestReactor(t, Config{})
		var from string
		server := each(func() *conversation {
			return &conversation{made: func(c *conversation) { from, _ = reactor.SplitAddress(c.transport.GetPeer()); stop(r) }}
		})
		_, number := reactor.SplitAddress(listenOn(t, r, 0, server, 0, c.iface).GetHost())
		f := each(func() *conversation { return &conversation{} })
		f.failed = func(error) { stop(r) }
		r.ConnectTCP(c.host, number, f, 0, nil)
		run(t, r)
		if reached := from == c.host; reached != c.reached {
			t.Errorf("listening on %q, it was reached at %s: %v, from %q", c.iface, c.host, reached, from)
		}
	}
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
