package reactorherd

import (
	"net/netip"
	"slices"
	"time"

	"proxyherd/factories"
	"proxyherd/herd/wirelog"
	"proxyherd/reactor"
)

// clientFactory makes the sessions of the client port, as many as are allowed.
type clientFactory struct {
	factories.Factory
	server  *Server
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

// Twin: a factory says yes or no to a connection that the reactor has accepted, by
// what it returns.
func newClientFactory(s *Server, most int) *clientFactory {
	return &clientFactory{server: s, most: most, origins: map[netip.Addr]*origin{}}
}

// BuildProtocol makes a session, or refuses the connection.
func (f *clientFactory) BuildProtocol(from reactor.Address) (protocol reactor.Protocol) {
	s := f.server
	defer func() {
		if err := reactor.Recovered(recover()); err != nil {
			protocol = nil
			s.closed[causePanic.String()]++
			s.panicked("refusing a client", from, err)
		}
	}()
	if f.most > 0 && len(s.sessions) >= f.most {
		f.refuse(causeConnections, &f.told[0], from, f.most)
		return nil
	}
	var o *origin
	if most := s.limits.ConnectionsPerAddress; most > 0 {
		if o = f.originOf(from); o.connections >= most {
			f.refuse(causeConnectionsPerAddress, &f.told[1], from, most)
			return nil
		}
	}
	return newSession(s, o)
}

// originOf finds an address among those that are connected, or makes one. Whatever
// has no address counts together.
func (f *clientFactory) originOf(from reactor.Address) *origin {
	host, _ := reactor.SplitAddress(from)
	address, _ := netip.ParseAddr(host)
	address = networkOf(address)
	if known := f.origins[address]; known != nil {
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

// refuse counts a client that gets no session.
func (f *clientFactory) refuse(why cause, told *rarely, from reactor.Address, limit int) {
	s, name := f.server, why.String()
	refused := s.closed[name] + 1
	// They come by the thousand.
	if told.again(s.reactor.Seconds()) {
		s.event(wirelog.Warn, "client refused: too many connections", wirelog.F("reason", name),
			wirelog.F("client", from.String()), wirelog.F("limit", limit), wirelog.F("refused", refused))
	}
	s.closed[name] = refused // last, so that a panic counts in its place
}

// join takes a session into the server's books. Nothing here can go wrong.
func (s *Server) join(c *session) {
	c.place = int32(len(s.sessions))
	if len(s.sessions) == cap(s.sessions) {
		// By doubling: append grows a large slice by a quarter, and would leave four
		// times its size as garbage.
		s.sessions = slices.Grow(s.sessions, len(s.sessions)+1)
	}
	s.sessions = append(s.sessions, c)
	s.tally.connected++
	if o := c.origin; o != nil {
		o.connections++
		s.clients.origins[o.address] = o
	}
}

// leave takes it out again, if it is there.
func (s *Server) leave(c *session) {
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
}

// rarely is for what would fill the log if it were said each time.
type rarely struct{ said time.Time }

// again reports whether to say it at this time: once a second is enough.
func (r *rarely) again(now time.Time) bool {
	if now.Sub(r.said) < time.Second {
		return false
	}
	r.said = now
	return true
}
