package herdtest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"sync"
	"syscall"
	"time"

	"proxyherd/herd/goroutineherd"
)

// Memory is a network in memory for goroutines: connections that close their two
// directions one by one, as TCP's do, and nothing that would keep the time of a
// synctest bubble from passing. The zero value is ready for use.
type Memory struct {
	mu        sync.Mutex
	listening map[string]*memoryListener
	conns     []*memoryConn // both ends of all that were made
	cut       map[[2]string]bool
	ports     uint16
}

// errRefused is a port on which nobody listens.
var errRefused = fmt.Errorf("memory: %w", syscall.ECONNREFUSED)

// Host is the network as one machine sees it.
func (m *Memory) Host(name string) goroutineherd.Network {
	return goroutineherd.Network{
		Listen: func(address string) (net.Listener, error) { return m.listen(name, address) },
		Dial: func(ctx context.Context, address string) (net.Conn, error) {
			return m.dial(ctx, name, address)
		},
	}
}

func (m *Memory) listen(host, address string) (net.Listener, error) {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.listening[address] != nil {
		return nil, fmt.Errorf("memory: %w", syscall.EADDRINUSE)
	}
	l := &memoryListener{network: m, host: host, address: net.TCPAddrFromAddrPort(at), came: make(chan net.Conn), closed: make(chan struct{})}
	if m.listening == nil {
		m.listening = map[string]*memoryListener{}
	}
	m.listening[address] = l
	return l, nil
}

func (m *Memory) dial(ctx context.Context, host, address string) (net.Conn, error) {
	m.mu.Lock()
	l := m.listening[address]
	var near, far *memoryConn
	if l != nil {
		m.ports++
		from := &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: int(m.ports)}
		there, back := newStream(), newStream()
		near = &memoryConn{in: back, out: there, local: from, remote: l.address, from: host, to: l.host}
		far = &memoryConn{in: there, out: back, local: l.address, remote: from, from: l.host, to: host}
		there.hold(m.cut[[2]string{host, l.host}])
		back.hold(m.cut[[2]string{l.host, host}])
		m.conns = append(m.conns, near, far)
	}
	m.mu.Unlock()
	if l == nil {
		return nil, errRefused
	}
	select {
	case l.came <- far:
		return near, nil
	case <-l.closed:
		return nil, errRefused
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Cut has nothing get from one machine to another until Heal; what is sent waits.
func (m *Memory) Cut(from, to string) { m.setCut(from, to, true) }

// Heal undoes Cut.
func (m *Memory) Heal(from, to string) { m.setCut(from, to, false) }

func (m *Memory) setCut(from, to string, cut bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.cut == nil {
		m.cut = map[[2]string]bool{}
	}
	m.cut[[2]string{from, to}] = cut
	for _, c := range m.conns {
		if c.from == from && c.to == to {
			c.out.hold(cut)
		}
	}
}

// Crash ends a machine: its ports are free, and its connections are reset.
func (m *Memory) Crash(host string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for address, l := range m.listening {
		if l.host == host {
			delete(m.listening, address)
			l.end()
		}
	}
	for _, c := range m.conns {
		if c.from == host {
			c.in.reset(syscall.ECONNRESET)
			c.out.reset(syscall.ECONNRESET)
		}
	}
}

// memoryListener is a port.
type memoryListener struct {
	network *Memory
	host    string
	address *net.TCPAddr
	came    chan net.Conn
	once    sync.Once
	closed  chan struct{}
}

func (l *memoryListener) Accept() (net.Conn, error) {
	select {
	case conn := <-l.came:
		return conn, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *memoryListener) Addr() net.Addr { return l.address }
func (l *memoryListener) end()           { l.once.Do(func() { close(l.closed) }) }

func (l *memoryListener) Close() error {
	l.network.mu.Lock()
	defer l.network.mu.Unlock()
	if at := l.address.String(); l.network.listening[at] == l {
		delete(l.network.listening, at)
	}
	l.end()
	return nil
}

// memoryWindow is how many bytes may be on their way, and not read.
const memoryWindow = 64 << 10

// stream is one direction of a connection.
type stream struct {
	mu      sync.Mutex
	changed sync.Cond
	bytes   []byte
	held    bool  // what is sent does not arrive
	ended   bool  // the writer sends no more
	broken  error // nobody does any more
	limits  [2]deadline
}

// Who waits for a stream.
const (
	reading = iota
	writing
)

type deadline struct {
	passed bool
	timer  *time.Timer
}

func newStream() *stream {
	s := &stream{}
	s.changed.L = &s.mu
	return s
}

func (s *stream) read(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		switch {
		case s.broken != nil:
			return 0, s.broken
		case s.limits[reading].passed:
			return 0, os.ErrDeadlineExceeded
		case !s.held && len(s.bytes) > 0:
			n := copy(p, s.bytes)
			s.bytes = s.bytes[n:]
			s.changed.Broadcast()
			return n, nil
		case !s.held && s.ended:
			return 0, io.EOF
		}
		s.changed.Wait()
	}
}

func (s *stream) write(p []byte) (sent int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(p) > 0 {
		switch {
		case s.broken != nil:
			return sent, s.broken
		case s.ended:
			return sent, net.ErrClosed
		case s.limits[writing].passed:
			return sent, os.ErrDeadlineExceeded
		}
		n := min(len(p), memoryWindow-len(s.bytes))
		if n == 0 {
			s.changed.Wait()
			continue
		}
		s.bytes = append(s.bytes, p[:n]...)
		p, sent = p[n:], sent+n
		s.changed.Broadcast()
	}
	return sent, nil
}

func (s *stream) change(how func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	how()
	s.changed.Broadcast()
}

func (s *stream) hold(held bool) { s.change(func() { s.held = held }) }
func (s *stream) end()           { s.change(func() { s.ended = true }) }

func (s *stream) reset(why error) {
	s.change(func() {
		if s.broken == nil {
			s.broken = why
		}
	})
}

func (s *stream) setDeadline(who int, at time.Time) {
	s.change(func() {
		d := &s.limits[who]
		if d.timer != nil {
			d.timer.Stop()
		}
		*d = deadline{passed: !at.IsZero() && !time.Now().Before(at)}
		if at.IsZero() || d.passed {
			return
		}
		var timer *time.Timer
		timer = time.AfterFunc(time.Until(at), func() {
			s.change(func() { d.passed = d.passed || d.timer == timer })
		})
		d.timer = timer
	})
}

// memoryConn is one end of a connection.
type memoryConn struct {
	in, out       *stream
	local, remote net.Addr
	from, to      string

	mu     sync.Mutex
	abrupt bool
	closed bool
}

func (c *memoryConn) Read(p []byte) (int, error)  { return c.in.read(p) }
func (c *memoryConn) Write(p []byte) (int, error) { return c.out.write(p) }
func (c *memoryConn) LocalAddr() net.Addr         { return c.local }
func (c *memoryConn) RemoteAddr() net.Addr        { return c.remote }

// CloseWrite sends no more.
func (c *memoryConn) CloseWrite() error {
	c.out.end()
	return nil
}

// SetLinger with 0 makes Close a reset.
func (c *memoryConn) SetLinger(seconds int) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.abrupt = seconds == 0
	return nil
}

// Close ends both directions. The other end gets what was sent before, but what it
// sends from now on breaks the connection.
func (c *memoryConn) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return net.ErrClosed
	}
	c.closed = true
	for who, s := range []*stream{reading: c.in, writing: c.out} {
		s.setDeadline(who, time.Time{})
	}
	if c.abrupt {
		c.out.reset(syscall.ECONNRESET)
	}
	c.out.end()
	c.in.reset(errClosedEnd{})
	return nil
}

// errClosedEnd is what both ends get from a stream whose reader has closed it.
type errClosedEnd struct{}

func (errClosedEnd) Error() string { return "memory: the reader has closed the connection" }

// Is makes it what the system would say to either of them.
func (errClosedEnd) Is(target error) bool {
	return target == net.ErrClosed || target == error(syscall.EPIPE)
}

func (c *memoryConn) SetReadDeadline(at time.Time) error {
	c.in.setDeadline(reading, at)
	return nil
}

func (c *memoryConn) SetWriteDeadline(at time.Time) error {
	c.out.setDeadline(writing, at)
	return nil
}

func (c *memoryConn) SetDeadline(at time.Time) error {
	return errors.Join(c.SetReadDeadline(at), c.SetWriteDeadline(at))
}
