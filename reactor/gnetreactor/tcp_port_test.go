//go:build linux

package gnetreactor

import (
	"errors"
	"fmt"
	"testing"

	"golang.org/x/sys/unix"

	"proxyherd/reactor"
)

// listenOn opens a port and gives it as what it is, for a look inside.
func listenOn(t *testing.T, r *Reactor, number int, f reactor.Factory, backlog int, iface string) *port {
	t.Helper()
	p, err := r.ListenTCP(number, f, backlog, iface)
	if err != nil {
		t.Fatal(err)
	}
	return p.(*port)
}

// whenClosed closes p and then calls then.
func whenClosed(p *port, then func()) {
	p.StopListening().AddCallback(func(v struct{}) (struct{}, error) { then(); return v, nil })
}

// greeter is a factory of protocols that send one byte.
func greeter() *builder {
	return each(func() *conversation {
		return &conversation{made: func(c *conversation) { c.transport.Write([]byte("x")) }}
	})
}

// TestPort is twisted/test/test_tcp.py ListeningTestCase, on sockets.
func TestPort(t *testing.T) {
	t.Run("is a ListeningPort on the number that it was given", func(t *testing.T) {
		r, _ := newTestReactor(t, Config{})
		free := closedPort(t)
		p, err := r.ListenTCP(free, each(nil), 0, "127.0.0.1")
		if err != nil {
			t.Fatal(err)
		}
		if want := (reactor.IPv4Address{Host: "127.0.0.1", Port: free}); p.GetHost() != want {
			t.Errorf("it is at %v, want %v", p.GetHost(), want)
		}
		p.StopListening()
	})

	t.Run("can be bound by anybody once it is closed", func(t *testing.T) {
		r, _ := newTestReactor(t, Config{})
		p := listenOn(t, r, 0, each(nil), 0, "127.0.0.1")
		_, number := reactor.SplitAddress(p.GetHost())
		r.CallWhenRunning(func() {
			whenClosed(p, func() {
				again := listenOn(t, r, number, each(nil), 0, "127.0.0.1")
				whenClosed(again, func() { stop(r) })
			})
		})
		run(t, r)
	})

	t.Run("listens on one address only", func(t *testing.T) {
		r, _ := newTestReactor(t, Config{})
		p := listenOn(t, r, 0, greeter(), 0, "127.0.0.2")
		host, number := reactor.SplitAddress(p.GetHost())
		var refused error
		other := each(nil)
		other.failed = func(err error) {
			refused = err
			r.ConnectTCP(host, number, each(func() *conversation {
				return &conversation{received: func(*conversation, []byte) error { stop(r); return nil }}
			}), 0, nil)
		}
		r.ConnectTCP("127.0.0.1", number, other, 0, nil)
		run(t, r)
		if host != "127.0.0.2" || !errors.Is(refused, reactor.ErrConnectionRefused) {
			t.Errorf("it is on %s, and on 127.0.0.1 the answer was %v", host, refused)
		}
	})

	t.Run("says its number only while it listens", func(t *testing.T) {
		r, _ := newTestReactor(t, Config{})
		p := listenOn(t, r, 0, each(nil), 0, "127.0.0.1")
		_, number := reactor.SplitAddress(p.GetHost())
		if want := fmt.Sprintf("port of gnetreactor.builder on 127.0.0.1:%d", number); p.String() != want {
			t.Errorf("it is %q, want %q", p, want)
		}
		r.CallWhenRunning(func() { whenClosed(p, func() { stop(r) }) })
		run(t, r)
		if want := "port of gnetreactor.builder (not listening)"; p.String() != want {
			t.Errorf("closed it is %q, want %q", p, want)
		}
	})

	t.Run("takes the queue's length from its caller, or 50", func(t *testing.T) {
		r, _ := newTestReactor(t, Config{})
		for asked, want := range map[int]uint32{0: 50, -1: 50, 3: 3, 7: 7} {
			p := listenOn(t, r, 0, each(nil), asked, "127.0.0.1")
			info, err := unix.GetsockoptTCPInfo(p.fd, unix.IPPROTO_TCP, unix.TCP_INFO)
			if err != nil {
				t.Fatal(err)
			}
			// Of a listener, sacked is the longest its queue may be.
			if info.Sacked != want {
				t.Errorf("asked for %d it has room for %d, want %d", asked, info.Sacked, want)
			}
			p.StopListening()
		}
	})

	t.Run("can be had again while old connections linger", func(t *testing.T) {
		r, _ := newTestReactor(t, Config{})
		p := listenOn(t, r, 0, each(func() *conversation {
			return &conversation{made: func(c *conversation) { c.transport.LoseConnection() }} // the server's side waits in TIME_WAIT
		}), 0, "127.0.0.1")
		_, number := reactor.SplitAddress(p.GetHost())
		f := each(func() *conversation { return &conversation{} })
		f.lost = func(error) {
			whenClosed(p, func() {
				again, err := r.ListenTCP(number, each(nil), 0, "127.0.0.1")
				if err != nil {
					t.Errorf("a moment after the end of a connection: %v", err)
				} else if reuse, err := unix.GetsockoptInt(again.(*port).fd, unix.SOL_SOCKET, unix.SO_REUSEADDR); err != nil || reuse != 1 {
					t.Errorf("SO_REUSEADDR is %d (%v)", reuse, err)
				}
				stop(r)
			})
		}
		r.ConnectTCP("127.0.0.1", number, f, 0, nil)
		run(t, r)
	})

	t.Run("that the system chose is chosen anew at a restart", func(t *testing.T) {
		r, _ := newTestReactor(t, Config{})
		p := listenOn(t, r, 0, greeter(), 0, "127.0.0.1")
		first := p.GetHost()
		r.CallWhenRunning(func() {
			whenClosed(p, func() {
				holder := listenOn(t, r, first.(reactor.IPv4Address).Port, each(nil), 0, "127.0.0.1")
				if err := p.StartListening(); err != nil {
					t.Errorf("StartListening: %v", err)
				}
				if p.GetHost() == first || p.GetHost() == holder.GetHost() {
					t.Errorf("it is at %v again", p.GetHost())
				}
				stop(r)
			})
		})
		run(t, r)
	})

	t.Run("that cannot be had says where and why", func(t *testing.T) {
		r, _ := newTestReactor(t, Config{})
		p := listenOn(t, r, 0, each(nil), 0, "127.0.0.1")
		_, number := reactor.SplitAddress(p.GetHost())
		for iface, host := range map[string]string{"127.0.0.1": "127.0.0.1", "": "any"} {
			_, err := r.ListenTCP(number, each(nil), 0, iface)
			if want := fmt.Sprintf("couldn't listen on %s:%d: bind: address already in use", host, number); err == nil || err.Error() != want {
				t.Errorf("on %q: %v, want %s", iface, err, want)
			}
		}
		p.StopListening()
	})

	t.Run("that listens refuses to start again", func(t *testing.T) {
		r, _ := newTestReactor(t, Config{})
		p := listenOn(t, r, 0, each(nil), 0, "127.0.0.1")
		var cannot *reactor.CannotListenError
		if err := p.StartListening(); !errors.As(err, &cannot) {
			t.Errorf("StartListening: %v", err)
		}
		p.StopListening()
	})

	t.Run("numbers its connections from 0", func(t *testing.T) {
		r, _ := newTestReactor(t, Config{})
		var texts []string
		p := listenOn(t, r, 0, each(func() *conversation {
			return &conversation{made: func(c *conversation) {
				texts = append(texts, c.transport.(*transport).String())
				c.transport.LoseConnection()
			}}
		}), 0, "127.0.0.1")
		_, number := reactor.SplitAddress(p.GetHost())
		f := each(func() *conversation { return &conversation{} })
		left := 3
		f.lost = func(error) {
			if left--; left == 0 {
				stop(r)
			}
		}
		for range left {
			r.ConnectTCP("127.0.0.1", number, f, 0, nil)
		}
		run(t, r)
		const name = "gnetreactor.conversation #%d on %d"
		for i, text := range texts {
			if want := fmt.Sprintf(name, i, number); text != want {
				t.Errorf("connection %d is %q, want %q", i, text, want)
			}
		}
		if len(texts) != 3 {
			t.Errorf("%d connections were made", len(texts))
		}
	})
}
