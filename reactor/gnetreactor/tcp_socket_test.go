//go:build linux

package gnetreactor

import (
	"bytes"
	"errors"
	"testing"

	"golang.org/x/sys/unix"

	"proxyherd/reactor"
	"proxyherd/reactor/deferred"
)

// TestSocketOptions is twisted/test/test_tcp.py LoopbackTestCase: each option
// is off at first, and can be read and set on either end.
func TestSocketOptions(t *testing.T) {
	type side struct {
		name string
		conn *transport
	}
	for _, o := range []struct {
		name          string
		level, option int
		get           func(reactor.TCPTransport) (bool, error)
		set           func(reactor.TCPTransport, bool) error
	}{
		{"TCP_NODELAY", unix.IPPROTO_TCP, unix.TCP_NODELAY, reactor.TCPTransport.GetTcpNoDelay, reactor.TCPTransport.SetTcpNoDelay},
		{"SO_KEEPALIVE", unix.SOL_SOCKET, unix.SO_KEEPALIVE, reactor.TCPTransport.GetTcpKeepAlive, reactor.TCPTransport.SetTcpKeepAlive},
	} {
		t.Run(o.name, func(t *testing.T) {
			r, _ := newTestReactor(t, Config{})
			checked := 0
			check := func(s side) {
				for i, on := range []bool{false, true, false, true} {
					if i > 0 {
						if err := o.set(s.conn, on); err != nil {
							t.Errorf("setting it on the %s: %v", s.name, err)
						}
					}
					said, err := o.get(s.conn)
					is, err2 := unix.GetsockoptInt(s.conn.fd, o.level, o.option)
					if said != on || (is != 0) != on || err != nil || err2 != nil {
						t.Errorf("step %d on the %s: it says %t (%v), the system %d (%v); want %t", i, s.name, said, err, is, err2, on)
					}
					checked++
				}
			}
			number := listen(t, r, each(func() *conversation {
				return &conversation{made: func(c *conversation) {
					check(side{"server", c.transport.(*transport)})
					c.transport.Write([]byte("x"))
				}}
			}))
			r.ConnectTCP("127.0.0.1", number, each(func() *conversation {
				return &conversation{
					made:     func(c *conversation) { check(side{"client", c.transport.(*transport)}) },
					received: func(*conversation, []byte) error { stop(r); return nil },
				}
			}), 0, nil)
			run(t, r)
			if checked != 8 {
				t.Errorf("%d of 8 steps were checked", checked)
			}
		})
	}
}

func TestTheSocketsAreClosedAfterTheEnd(t *testing.T) {
	r, _ := newTestReactor(t, Config{})
	fds := map[string]int{}
	left := 2
	protocol := func(name string, made func(c *conversation)) *builder {
		return each(func() *conversation {
			return &conversation{
				made: func(c *conversation) { fds[name] = c.transport.(*transport).fd; made(c) },
				lost: func(c *conversation, _ error) {
					if _, err := unix.FcntlInt(uintptr(fds[name]), unix.F_GETFD, 0); err != nil {
						t.Errorf("the %s's number was free before the turn's end: %v", name, err)
					}
					if left--; left == 0 {
						r.CallLater(0, func() { r.CallLater(0, func() { stop(r) }) })
					}
				},
			}
		})
	}
	number := listen(t, r, protocol("server", func(*conversation) {}))
	r.ConnectTCP("127.0.0.1", number, protocol("client", func(c *conversation) { c.transport.LoseConnection() }), 0, nil)
	if _, err := r.AddSystemEventTrigger(reactor.Before, "shutdown", func() *deferred.Deferred[struct{}] {
		for name, fd := range fds {
			if _, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0); err != unix.EBADF {
				t.Errorf("the %s's descriptor %d is open after its end (%v)", name, fd, err)
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	run(t, r)
	if len(fds) != 2 {
		t.Errorf("%d connections were made", len(fds))
	}
}

func TestSixtyMebibytesArriveWholeAndThenTheEnd(t *testing.T) {
	r, _ := newTestReactor(t, Config{})
	const size = 60 << 20
	part := make([]byte, 1<<20)
	for i := range part {
		part[i] = byte(i % 251) // a prime, so that pieces of any size differ
	}
	twice := append(part[:len(part):len(part)], part...)
	got, wrong := 0, 0
	number := listen(t, r, each(func() *conversation {
		return &conversation{
			received: func(_ *conversation, data []byte) error {
				from := got % len(part)
				if !bytes.Equal(data, twice[from:from+len(data)]) {
					wrong++
				}
				got += len(data)
				return nil
			},
			lost: func(_ *conversation, reason error) {
				if reason != reactor.ErrConnectionDone {
					t.Errorf("reason: %v", reason)
				}
				stop(r)
			},
		}
	}))
	r.ConnectTCP("127.0.0.1", number, each(func() *conversation {
		return &conversation{made: func(c *conversation) {
			for range size / len(part) {
				c.transport.Write(part)
			}
			c.transport.LoseConnection()
		}}
	}), 0, nil)
	run(t, r)
	if got != size || wrong != 0 {
		t.Errorf("%d bytes of %d arrived, %d pieces of them wrong", got, size, wrong)
	}
}

func TestOneEventIsOneRead(t *testing.T) {
	// So that a connection that floods leaves the others their turn.
	r, _ := newTestReactor(t, Config{})
	const size = 4 << 20
	got, pieces, last := 0, 0, uint64(0)
	number := listen(t, r, each(func() *conversation {
		return &conversation{
			received: func(_ *conversation, data []byte) error {
				if got += len(data); r.pace.seen == last {
					t.Error("two pieces for one event")
				}
				last = r.pace.seen
				if pieces++; len(data) > readSize {
					t.Errorf("a piece of %d bytes", len(data))
				}
				return nil
			},
			lost: func(*conversation, error) { stop(r) },
		}
	}))
	r.ConnectTCP("127.0.0.1", number, each(func() *conversation {
		return &conversation{made: func(c *conversation) { c.transport.Write(make([]byte, size)); c.transport.LoseConnection() }}
	}), 0, nil)
	run(t, r)
	if got != size || pieces < size/readSize {
		t.Errorf("%d bytes in %d pieces", got, pieces)
	}
}

func TestAfterTheEndAConnectionHasNoHost(t *testing.T) {
	r, _ := newTestReactor(t, Config{})
	var made, lost [2]reactor.Address
	var text string
	number := listen(t, r, each(func() *conversation {
		return &conversation{
			made: func(c *conversation) {
				made = [2]reactor.Address{c.transport.GetHost(), c.transport.GetPeer()}
				c.transport.LoseConnection()
			},
			lost: func(c *conversation, _ error) {
				lost = [2]reactor.Address{c.transport.GetHost(), c.transport.GetPeer()}
				text = c.transport.(*transport).String()
				stop(r)
			},
		}
	}))
	r.ConnectTCP("127.0.0.1", number, each(func() *conversation { return &conversation{} }), 0, nil)
	run(t, r)
	if want := (reactor.IPv4Address{}); lost[0] != want || made[0] == want || lost[1] != made[1] {
		t.Errorf("host and peer were %v, and after the end %v", made, lost)
	}
	if text != "gnetreactor.conversation #0 (closed)" {
		t.Errorf("it is %q", text)
	}
}

// resetBy resets a connection from outside, after a last word.
func resetBy(t *testing.T, peer *conn) {
	t.Helper()
	if _, err := peer.Write([]byte("last words")); err != nil {
		t.Error(err)
	}
	_ = peer.SetLinger(0)
	_ = peer.Close()
}

func TestAResetConnection(t *testing.T) {
	for _, c := range []struct {
		name     string
		do       func(*transport)
		received string
		reason   error
	}{
		{"that is half closed still delivers what came before", func(c *transport) { c.LoseWriteConnection() }, "xlast words", unix.ECONNRESET},
		{"that is aborted ends with the abort", func(c *transport) {
			c.AbortConnection()
			c.event(unix.EPOLLERR | unix.EPOLLHUP) // as when it waits in the same batch
		}, "x", reactor.ErrConnectionAborted},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, _ := newTestReactor(t, Config{})
			var peer *conn
			var received []byte
			var reason error
			number := listen(t, r, each(func() *conversation {
				return &conversation{
					received: func(s *conversation, data []byte) error {
						if received = append(received, data...); len(received) == 1 {
							resetBy(t, peer)
							c.do(s.transport.(*transport))
						}
						return nil
					},
					lost: func(_ *conversation, err error) { reason = err; stop(r) },
				}
			}))
			r.CallWhenRunning(func() {
				peer = dial(t, number)
				if _, err := peer.Write([]byte("x")); err != nil {
					t.Error(err)
				}
			})
			run(t, r)
			if string(received) != c.received || !errors.Is(reason, c.reason) {
				t.Errorf("it got %q and ended with %v", received, reason)
			}
		})
	}
}
