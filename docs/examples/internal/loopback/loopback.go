// Package loopback tests an example on real sockets: on the reactor that the
// example itself runs on, on ports of 127.0.0.1 that the system chooses.
package loopback

import (
	"io"
	"net"
	"net/netip"
	"testing"
	"time"

	"proxyherd/reactor"
	"proxyherd/reactor/gnetreactor"
)

// Anywhere is the address to start a server on: the system chooses the port.
var Anywhere = netip.MustParseAddrPort("127.0.0.1:0")

// within is how long what should take milliseconds may take before the test is
// called hung.
const within = 20 * time.Second

// Reactor is a gnet reactor that remembers which ports it opened.
type Reactor struct {
	*gnetreactor.Reactor
	ports []string
}

// ListenTCP opens a port and remembers its address.
func (r *Reactor) ListenTCP(port int, factory reactor.Factory, backlog int, iface string) (reactor.ListeningPort, error) {
	opened, err := r.Reactor.ListenTCP(port, factory, backlog, iface)
	if err == nil {
		r.ports = append(r.ports, opened.GetHost().String())
	}
	return opened, err
}

// Serve runs what start sets up, which is an example's server, while client
// talks to it on a goroutine of its own. ports are the addresses that start
// listens on, in order. The reactor is stopped when client returns. Serve fails
// the test with the first error of the three.
func Serve(t *testing.T, start func(loop *Reactor) error, client func(ports []string) error) {
	t.Helper()
	loop := New(t)
	if err := start(loop); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	loop.CallWhenRunning(func() {
		ports := loop.ports
		go func() {
			done <- client(ports)
			loop.CallFromThread(func() { _ = loop.Stop() }) // it may have been stopped for being late
		}()
	})
	if err := loop.Run(); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-done:
		if err != nil {
			t.Fatal(err)
		}
	case <-time.After(within):
		t.Fatal("the client of the test never ended")
	}
}

// New makes a reactor that fails the test, instead of running for ever, where
// nothing stops it.
func New(t *testing.T) *Reactor {
	loop := &Reactor{Reactor: gnetreactor.New(gnetreactor.Config{NoSignalHandlers: true})}
	loop.CallWhenRunning(func() {
		loop.CallLater(within, func() {
			t.Error("the reactor was not stopped in time")
			_ = loop.Stop() // it runs, for it has just called
		})
	})
	return loop
}

// Exchange dials address, sends what to send and returns everything that comes
// until the other side closes.
func Exchange(address, send string) (string, error) {
	return exchange(address, send, io.ReadAll)
}

// ExchangeN is Exchange with a side that does not close: it returns the first n
// bytes that come, and closes.
func ExchangeN(address, send string, n int) (string, error) {
	return exchange(address, send, func(r io.Reader) ([]byte, error) {
		got := make([]byte, n)
		_, err := io.ReadFull(r, got)
		return got, err
	})
}

func exchange(address, send string, receive func(io.Reader) ([]byte, error)) (string, error) {
	conn, err := Dial(address)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, send); err != nil {
		return "", err
	}
	got, err := receive(conn)
	return string(got), err
}

// Dial connects to address. What takes too long on the connection fails.
func Dial(address string) (net.Conn, error) {
	conn, err := net.DialTimeout("tcp", address, within)
	if err != nil {
		return nil, err
	}
	return conn, conn.SetDeadline(time.Now().Add(within))
}

// Echo is a server, without a reactor, that writes back what one connection
// sends and then ends. It returns where it is.
func Echo(t *testing.T) netip.AddrPort {
	t.Helper()
	listener, err := net.Listen("tcp", Anywhere.String())
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	t.Cleanup(func() {
		listener.Close() // wakes an Accept that nobody came to
		<-ended
	})
	go func() {
		defer close(ended)
		conn, err := listener.Accept()
		if err != nil {
			return // the test that sees no echo says what went wrong
		}
		defer conn.Close()
		_, _ = io.Copy(conn, conn) // ends with the connection, however that does
	}()
	return listener.Addr().(*net.TCPAddr).AddrPort()
}
