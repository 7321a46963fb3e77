package goroutineherd

import (
	"errors"
	"net"
	"net/netip"
	"sync/atomic"
	"time"

	"proxyherd/herd/wirelog"
)

// clients is who may be connected to the client port. Guarded by Server.mu.
type clients struct {
	most    int // 0: no bound
	origins map[netip.Addr]*origin
	told    [2]rarely // of refusals: that there are too many in all, and from one address
}

// origin is an address, or a network of IPv6, that clients are connected from. There is one only as
// long as one of them is.
type origin struct {
	address     netip.Addr
	connections int
}

// accept takes connections until l is closed. In reactorherd the reactor does. What
// goes wrong meanwhile, such as that there are no descriptors left, passes: the
// next attempt comes a little later.
//
// Twin: the reactor accepts, and goes on when descriptors run out. Here this loop
// has to, and a panic in it would end the process.
func (s *Server) accept(l net.Listener, take func(net.Conn)) {
	const least, most = 5 * time.Millisecond, time.Second
	wait := least
	for {
		conn, err := l.Accept()
		switch {
		case err == nil:
			wait = least
			s.admit(conn, take)
		case errors.Is(err, net.ErrClosed):
			return
		default:
			if s.toldAccept.again(time.Now()) {
				s.event(wirelog.Error, "a connection could not be accepted", wirelog.F("error", err))
			}
			time.Sleep(wait)
			wait = min(2*wait, most)
		}
	}
}

// admit hands a connection over. A panic in that refuses it, and nothing else.
func (s *Server) admit(conn net.Conn, take func(net.Conn)) {
	defer func() {
		if err := recovered(recover()); err != nil {
			_ = conn.Close()
			s.countClosed(causePanic.String())
			s.panicked("refusing a connection", conn.RemoteAddr(), err)
		}
	}()
	take(conn)
}

// clientCame makes a session, or refuses the connection.
func (s *Server) clientCame(conn net.Conn) {
	c := s.join(conn)
	if c == nil {
		_ = conn.Close()
		return
	}
	s.running.Add(1)
	go c.run()
}

// originOf finds an address among those that are connected, or makes one. Whatever
// has no address counts together.
func (s *Server) originOf(from net.Addr) *origin {
	var address netip.Addr
	if at, err := netip.ParseAddrPort(from.String()); err == nil {
		address = networkOf(at.Addr())
	}
	if known := s.clients.origins[address]; known != nil {
		return known
	}
	return &origin{address: address}
}

// networkOf is what counts of an address. One of IPv4 counts as itself, mapped into
// IPv6 or not; one of IPv6 by its first 64 bits, as a machine may have all the rest.
func networkOf(address netip.Addr) netip.Addr {
	address = address.Unmap()
	if address.Is4() {
		return address
	}
	network, _ := address.Prefix(64) // an error is for lengths that no address has
	return network.Addr()
}

// refuse counts a client that gets no session. Called with mu held.
func (s *Server) refuse(why cause, told *rarely, from net.Addr, limit int) {
	name := why.String()
	s.closed[name]++
	// They come by the thousand.
	if told.again(time.Now()) {
		s.event(wirelog.Warn, "client refused: too many connections", wirelog.F("reason", name),
			wirelog.F("client", from.String()), wirelog.F("limit", limit), wirelog.F("refused", s.closed[name]))
	}
}

// join takes a session into the server's books, if there is room for it.
func (s *Server) join(conn net.Conn) *session {
	from := conn.RemoteAddr()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopping {
		return nil
	}
	if most := s.clients.most; most > 0 && len(s.sessions) >= most {
		s.refuse(causeConnections, &s.clients.told[0], from, most)
		return nil
	}
	var o *origin
	if most := s.limits.ConnectionsPerAddress; most > 0 {
		if o = s.originOf(from); o.connections >= most {
			s.refuse(causeConnectionsPerAddress, &s.clients.told[1], from, most)
			return nil
		}
	}
	c := newSession(s, o)
	c.begin(conn)
	// It is in the books from here on, and nothing more can go wrong.
	if o != nil {
		o.connections++
		s.clients.origins[o.address] = o
	}
	c.place = int32(len(s.sessions))
	s.sessions = append(s.sessions, c)
	s.connected++
	return c
}

// leave takes a session out of the server's books, if it is there.
func (s *Server) leave(c *session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c.place == notThere {
		return
	}
	last := len(s.sessions) - 1
	moved := s.sessions[last]
	s.sessions[c.place], moved.place = moved, c.place
	s.sessions[last] = nil
	s.sessions = s.sessions[:last]
	c.place = notThere
	if o := c.origin; o != nil {
		if o.connections--; o.connections == 0 {
			delete(s.clients.origins, o.address)
		}
	}
	s.gone()
}

// rarely is for what would fill the log if it were said each time.
type rarely struct{ said atomic.Int64 }

// again reports whether to say it at this time: once a second is enough.
func (r *rarely) again(now time.Time) bool {
	said := r.said.Load()
	return now.UnixNano()-said >= int64(time.Second) && r.said.CompareAndSwap(said, now.UnixNano())
}
