package herdtest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"syscall"
	"time"

	"proxyherd/herd/goroutineherd"
)

// Memory is a network in memory for goroutines: connections that close their two
// directions one by one, as TCP's do, and nothing that would keep the time of a
// synctest bubble from passing. The zero value is ready for use.
type Memory struct {
	// LookUp is goroutineherd.Network's, of all machines.
	LookUp func(ctx context.Context, host string) ([]netip.Addr, error)

	mu        sync.Mutex
	listening map[string]*memoryListener
	conns     []*memoryConn // both ends of all that were made
	ways      map[[2]string]way
	owners    map[string]string // of addresses; see Own
	dials     map[[2]string]int // by whom, and of what address
	ports     uint16
}

// way is what lies between two machines, one way.
type way struct {
	cut     bool          // nothing arrives
	latency time.Duration // everything takes so long
	rate    int           // bytes a second; 0: no bound
}

// errRefused is a port on which nobody listens.
var errRefused = fmt.Errorf("memory: %w", syscall.ECONNREFUSED)

// Host is the network as one machine sees it.
func (m *Memory) Host(name string) goroutineherd.Network {
	return goroutineherd.Network{
		Listen: func(address string) (net.Listener, error) { return m.listen(name, address) },
		Dial: func(ctx context.Context, address string) (net.Conn, error) {
			return m.dial(ctx, name, net.IPv4(127, 0, 0, 1), address)
		},
		LookUp: m.LookUp,
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

func (m *Memory) dial(ctx context.Context, host string, own net.IP, address string) (net.Conn, error) {
	m.mu.Lock()
	if m.dials == nil {
		m.dials = map[[2]string]int{}
	}
	m.dials[[2]string{host, address}]++
	latency := m.ways[[2]string{host, m.owners[address]}].latency
	m.mu.Unlock()
	if latency > 0 {
		time.Sleep(latency)
	}
	m.mu.Lock()
	l := m.listening[address]
	var near, far *memoryConn
	if l != nil {
		m.ports++
		from := &net.TCPAddr{IP: own, Port: int(m.ports)}
		there, back := newStream(), newStream()
		near = &memoryConn{in: back, out: there, local: from, remote: l.address, from: host, to: l.host}
		far = &memoryConn{in: there, out: back, local: l.address, remote: from, from: l.host, to: host}
		there.become(m.ways[[2]string{host, l.host}])
		back.become(m.ways[[2]string{l.host, host}])
		there.hear(m.ways[[2]string{l.host, host}].cut)
		back.hear(m.ways[[2]string{host, l.host}].cut)
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

// Own says whose an address is, before anybody listens there: to reach it takes as
// long as the way to that machine.
func (m *Memory) Own(host, address string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.owners == nil {
		m.owners = map[string]string{}
	}
	m.owners[address] = host
}

// Dials is how often a machine has dialled an address.
func (m *Memory) Dials(host, address string) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.dials[[2]string{host, address}]
}

// Cut has nothing get from one machine to another until Heal; what is sent waits.
func (m *Memory) Cut(from, to string) { m.change(from, to, func(w *way) { w.cut = true }) }

// Heal undoes Cut.
func (m *Memory) Heal(from, to string) { m.change(from, to, func(w *way) { w.cut = false }) }

// Slow has everything that one machine sends another take a while, and at most so
// many bytes a second arrive; 0 is no bound.
func (m *Memory) Slow(from, to string, latency time.Duration, bytesPerSecond int) {
	m.change(from, to, func(w *way) { w.latency, w.rate = latency, bytesPerSecond })
}

func (m *Memory) change(from, to string, how func(w *way)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.ways == nil {
		m.ways = map[[2]string]way{}
	}
	w := m.ways[[2]string{from, to}]
	how(&w)
	m.ways[[2]string{from, to}] = w
	for _, c := range m.conns {
		if c.from == from && c.to == to {
			c.out.become(w)
			c.in.hear(w.cut)
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
			c.in.reset(reading, syscall.ECONNRESET)
			c.out.reset(writing, syscall.ECONNRESET)
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
		c.out.reset(writing, syscall.ECONNRESET)
	}
	c.out.end()
	c.in.reset(reading, errClosedEnd{})
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
