// Package ingoroutines joins the geofence to a server of the herd in goroutines.
//
// The server shows what its stores take on the goroutine of whoever brought it, with a
// lock held. So the fences are under a lock of their own, and who is told has a goroutine
// that writes, as a write may wait. A connection's reads have another.
package ingoroutines

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"proxyherd/docs/examples/geofence"
	"proxyherd/herd"
	"proxyherd/herd/goroutineherd"
	"proxyherd/herd/wirelog"
)

// closeTimeout is how long a connection may take to its end.
const closeTimeout = 10 * time.Second

// Service is the geofence of one server. It is the Onlooker that the server is made with.
type Service struct {
	log    *wirelog.Log
	server *goroutineherd.Server // from Start on
	fences atomic.Int64          // how many: the server asks before each record

	// mu guards what follows, and what sessions say is guarded. It is taken with a
	// lock of the server's held, and none is taken while it is.
	mu       sync.Mutex
	set      geofence.Set
	sessions map[*session]struct{}
	stopping bool

	running sync.WaitGroup // goroutines
}

// New makes a service that nobody can connect to before Start. A nil log takes nothing.
func New(log *wirelog.Log) *Service {
	return &Service{log: log, sessions: map[*session]struct{}{}}
}

// Start listens at an address, until the server stops, and returns where.
func (s *Service) Start(server *goroutineherd.Server, address string) (net.Addr, error) {
	listening, err := net.Listen("tcp", address)
	if err != nil {
		return nil, err
	}
	s.server = server
	server.BeforeStop(func() { s.stop(listening) })
	s.running.Go(func() { s.accept(listening) })
	return listening.Addr(), nil
}

// Wait returns once the server has stopped and nothing of the service runs any more.
func (s *Service) Wait() { s.running.Wait() }

func (s *Service) stop(listening net.Listener) {
	_ = listening.Close() // accept returns with it
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stopping = true
	for c := range s.sessions {
		_ = c.conn.Close() // its goroutines end with it
	}
}

func (s *Service) accept(listening net.Listener) {
	const pause = 100 * time.Millisecond // where descriptors run out
	for {
		conn, err := listening.Accept()
		switch {
		case err == nil:
			s.begin(conn)
		case errors.Is(err, net.ErrClosed):
			return
		default:
			time.Sleep(pause)
		}
	}
}

// Looking implements herd.Onlooker.
func (s *Service) Looking() bool { return s.fences.Load() > 0 }

// Passed implements herd.Onlooker. Records of one client come in their order, as the
// server has the lock of that client's store.
func (s *Service) Passed(line []byte, _ string, _ []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.set.Saw(line)
}

// session is one connection of somebody who sets fences.
type session struct {
	service *Service
	conn    net.Conn
	wake    chan struct{} // holds one: there is something to write; closed at the end

	unsent  []byte // guarded by Service.mu
	leaving int    // bytes that a write has; guarded by Service.mu
	cut     bool   // guarded by Service.mu
}

func (s *Service) begin(conn net.Conn) {
	c := &session{service: s, conn: conn, wake: make(chan struct{}, 1)}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopping {
		_ = conn.Close()
		return
	}
	s.sessions[c] = struct{}{}
	s.running.Go(c.read)
	s.running.Go(c.write)
}

// read carries out commands until the connection ends.
func (c *session) read() {
	defer c.leave()
	input := bufio.NewReaderSize(c.conn, geofence.MaxLine+1)
	for {
		line, err := input.ReadSlice('\n')
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			c.service.mu.Lock()
			c.Tell(geofence.TooLong)
			c.service.mu.Unlock()
			return
		case err != nil:
			return
		}
		if !c.carryOut(bytes.TrimSuffix(line[:len(line)-1], []byte{'\r'})) {
			return
		}
	}
}

// carryOut reports whether to go on.
func (c *session) carryOut(line []byte) bool {
	s := c.service
	f := c.receive(line)
	if f == nil {
		return !herd.EndsInHTTPVersion(line) // what follows may be a web page's
	}
	s.server.Records(func(line []byte) {
		s.mu.Lock()
		defer s.mu.Unlock()
		f.Saw(line)
	})
	s.mu.Lock()
	defer s.mu.Unlock()
	f.Opened()
	return true
}

func (c *session) receive(line []byte) *geofence.Fence {
	s := c.service
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.set.Receive(c, line)
	s.fences.Store(int64(s.set.Len()))
	return f
}

// leave takes the fences away, and has the writer end the connection.
func (c *session) leave() {
	s := c.service
	s.mu.Lock()
	defer s.mu.Unlock()
	s.set.Leave(c)
	s.fences.Store(int64(s.set.Len()))
	_ = c.conn.SetDeadline(time.Now().Add(closeTimeout))
	close(c.wake)
}

// Tell implements geofence.Watcher. Whoever does not take what it is told is cut off.
// Called with mu held.
func (c *session) Tell(lines []byte) {
	if c.cut {
		return
	}
	c.unsent = append(c.unsent, lines...)
	if len(c.unsent)+c.leaving > geofence.MaxUnsent {
		c.cutOff()
	}
	select {
	case c.wake <- struct{}{}:
	default: // it will look anyway
	}
}

func (c *session) cutOff() {
	c.cut, c.unsent = true, nil
	c.service.log.Event(time.Now(), wirelog.Warn, "fence client cut off",
		wirelog.F("client", c.conn.RemoteAddr().String()), wirelog.F("reason", geofence.SlowFence))
	if tcp, ok := c.conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0) // or what the system has would go on waiting
	}
	_ = c.conn.Close() // the reader and the writer end with it
}

// write sends what there is to tell, until the reader has ended, and then ends the
// connection.
func (c *session) write() {
	defer c.end()
	for range c.wake {
		if _, err := c.conn.Write(c.take()); err != nil {
			return // the reader sees it too
		}
	}
	// Closed with something unread the connection would be reset, and the reset might
	// overtake our last line.
	if half, ok := c.conn.(interface{ CloseWrite() error }); ok && half.CloseWrite() == nil {
		_, _ = io.Copy(io.Discard, c.conn) // however it ends
	}
}

func (c *session) end() {
	_ = c.conn.Close()
	c.service.mu.Lock()
	defer c.service.mu.Unlock()
	delete(c.service.sessions, c)
}

func (c *session) take() []byte {
	c.service.mu.Lock()
	defer c.service.mu.Unlock()
	batch := c.unsent
	c.unsent, c.leaving = nil, len(batch)
	return batch
}
