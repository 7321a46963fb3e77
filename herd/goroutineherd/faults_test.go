package goroutineherd_test

import (
	"net"
	"sync"
	"syscall"
	"time"

	"proxyherd/herd/goroutineherd"
)

// faults stands between a server and its network. It panics in one call that is made
// to a connection that was accepted while it was armed: the at-th. In reactorherd it
// stands around the reactor too; here there is none, and a goroutine asks nobody
// else for anything.
type faults struct {
	mu    sync.Mutex
	armed bool

	at, calls int
	where     string // the call that panicked; empty while none did
}

// arm makes the connection that is accepted next the one, and the at-th call the one.
func (f *faults) arm(at int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.armed, f.at, f.calls, f.where = true, at, 0, ""
}

// disarm returns which call has panicked, if any.
func (f *faults) disarm() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.armed = false
	return f.where
}

func (f *faults) call(what string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.armed {
		return
	}
	if f.calls++; f.calls == f.at {
		f.where = what
		panic("a fault in " + what)
	}
}

// around is a network whose listeners on ports from first on accept what may panic.
func (f *faults) around(n goroutineherd.Network, port func(int) bool) goroutineherd.Network {
	listen := n.Listen
	n.Listen = func(address string) (net.Listener, error) {
		l, err := listen(address)
		if err == nil && port(l.Addr().(*net.TCPAddr).Port) {
			l = &faultyListener{l, f}
		}
		return l, err
	}
	return n
}

type faultyListener struct {
	net.Listener
	faults *faults
}

func (l *faultyListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	l.faults.mu.Lock()
	defer l.faults.mu.Unlock()
	if !l.faults.armed {
		return conn, nil
	}
	return &faultyConn{conn, l.faults}, nil
}

// faultyConn is a connection, seen from the server.
type faultyConn struct {
	net.Conn
	faults *faults
}

func (c *faultyConn) Read(p []byte) (int, error) {
	c.faults.call("Read")
	return c.Conn.Read(p)
}

func (c *faultyConn) Write(p []byte) (int, error) {
	c.faults.call("Write")
	return c.Conn.Write(p)
}

func (c *faultyConn) Close() error {
	c.faults.call("Close")
	return c.Conn.Close()
}

func (c *faultyConn) CloseWrite() error {
	c.faults.call("CloseWrite")
	return c.Conn.(interface{ CloseWrite() error }).CloseWrite()
}

func (c *faultyConn) SetLinger(seconds int) error {
	c.faults.call("SetLinger")
	return c.Conn.(interface{ SetLinger(int) error }).SetLinger(seconds)
}

func (c *faultyConn) RemoteAddr() net.Addr {
	c.faults.call("RemoteAddr")
	return c.Conn.RemoteAddr()
}

func (c *faultyConn) SetReadDeadline(at time.Time) error {
	c.faults.call("SetReadDeadline")
	return c.Conn.SetReadDeadline(at)
}

func (c *faultyConn) SetWriteDeadline(at time.Time) error {
	c.faults.call("SetWriteDeadline")
	return c.Conn.SetWriteDeadline(at)
}

// SyscallConn makes it ask whether it is a socket, which it is not.
func (c *faultyConn) SyscallConn() (syscall.RawConn, error) {
	c.faults.call("SyscallConn")
	return nil, syscall.ENOTSOCK
}
