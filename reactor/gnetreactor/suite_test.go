//go:build linux

package gnetreactor

import (
	"net/netip"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"proxyherd/reactor"
	"proxyherd/reactor/reactortest"
)

// TestReactor is the suite that every reactor passes, on loopback.
func TestReactor(t *testing.T) {
	reactortest.TestReactor(t, func(t *testing.T) reactortest.Harness {
		return reactortest.Harness{
			New:    func(log reactor.Logger) reactor.Reactor { return New(Config{Log: log, NoSignalHandlers: true}) },
			Host:   "127.0.0.1",
			Silent: silentPort(t),
		}
	})
}

// silentPort is one whose queue of connections is full, and which nobody
// accepts from: the system leaves a new attempt without an answer.
func silentPort(t *testing.T) reactor.IPv4Address {
	t.Helper()
	localhost := netip.MustParseAddr("127.0.0.1")
	socket := func() int {
		fd, err := newSocket(localhost)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = unix.Close(fd) })
		return fd
	}
	listener := socket()
	at, err := bindAndListen(listener, netip.AddrPortFrom(localhost, 0), 0)
	if err != nil {
		t.Fatal(err)
	}
	for range 8 {
		fd := socket()
		if err := unix.Connect(fd, sockaddr(at)); err != nil && err != unix.EINPROGRESS {
			t.Fatal(err)
		}
		connected := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLOUT}}
		n, err := unix.Poll(connected, int((20 * time.Millisecond).Milliseconds()))
		if err != nil && err != unix.EINTR {
			t.Fatal(err)
		}
		if n == 0 {
			return reactor.IPv4Address{Host: "127.0.0.1", Port: int(at.Port())}
		}
	}
	t.Fatal("the listener's queue does not fill")
	return reactor.IPv4Address{}
}
