package goroutineherd

import (
	"fmt"
	"io"
	"net"

	"proxyherd/herd"
	"proxyherd/herd/wirelog"
)

// tooManyUnproved is why a connection of a neighbour is refused.
const tooManyUnproved = "unproved_peers"

// peerCame makes our end of a link that a neighbour dials, on which the other end is
// nobody yet.
func (s *Server) peerCame(conn net.Conn) {
	if !s.mayProve(conn) {
		_ = conn.Close()
		return
	}
	nonce, err := s.nonce()
	if err != nil {
		s.event(wirelog.Error, "no link: no randomness for a nonce", wirelog.F("address", conn.RemoteAddr().String()), wirelog.F("error", err))
		_ = conn.Close()
		s.mu.Lock()
		s.unproved--
		s.mu.Unlock()
		return
	}
	l := newLink(s, herd.NewAcceptor(s.identity.Load(), nonce), nil)
	l.conn, l.proving = conn, true
	s.running.Go(l.run)
}

// mayProve counts a connection that has proved nothing yet, unless there are too
// many.
func (s *Server) mayProve(conn net.Conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopping {
		return false
	}
	if s.unproved >= s.limits.UnprovedPeers {
		s.closed[tooManyUnproved]++
		s.event(wirelog.Warn, "link refused: too many connections have not proved the secret",
			wirelog.F("reason", tooManyUnproved), wirelog.F("address", conn.RemoteAddr().String()), wirelog.F("limit", s.limits.UnprovedPeers))
		return false
	}
	s.unproved++
	return true
}

// nonce draws one.
func (s *Server) nonce() (nonce herd.Nonce, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err = io.ReadFull(s.random, nonce[:]); err != nil {
		err = fmt.Errorf("drawing a nonce: %w", err)
	}
	return nonce, err
}

// neighbour finds a neighbour by name; nil if we do not talk to it.
func (s *Server) neighbour(name string) *neighbour {
	for _, n := range s.neighbours {
		if n.name == name {
			return n
		}
	}
	return nil
}

// openLinks are the links on which updates travel, in the order of talks_to. The
// slice is not to be changed.
func (s *Server) openLinks() []*link { return *s.open.Load() }

// publish makes openLinks what the neighbours' links are now. Called with mu held.
func (s *Server) publish() {
	open := []*link{}
	for _, n := range s.neighbours {
		if n.link != nil {
			open = append(open, n.link)
		}
	}
	s.open.Store(&open)
}

// flood hands an AT line, with its end, to every neighbour but the one that it
// came from; and, where there is a backbone, one of our own to that. It waits for none, and wakes none: whoever has carried out a piece of
// input calls awaitFlood or flushFlood after it, for all lines at once.
func (s *Server) flood(line []byte, from *link) {
	if s.faulty.leavesUnsaid(line) {
		return
	}
	for _, l := range s.openLinks() {
		if l != from || s.faulty.Echo {
			l.forward(line)
		}
	}
	if s.member != nil && from == nil {
		s.member.Send(line)
	}
}

// flushFlood sends whatever was flooded, by a link's goroutine, which waits for no
// other link.
func (s *Server) flushFlood(from *link) {
	for _, l := range s.openLinks() {
		if l != from {
			l.outbox.flush()
		}
	}
}

// wakeLinks has the links' own goroutines send what was flooded.
func (s *Server) wakeLinks() {
	for _, l := range s.openLinks() {
		l.outbox.wakeUp()
	}
}

// awaitFlood waits until whatever was flooded has been handed to the system on every
// link, but for those that are slow. In reactorherd links are flushed before clients.
//
// Twin: the open links are a slice that is never changed but replaced. Whoever has
// flooded hands it to the system here before it answers.
func (s *Server) awaitFlood() {
	for _, l := range s.openLinks() {
		l.outbox.await()
	}
}

// linkOpened takes a link whose other end has proved itself, and closes the one
// that is too many. It reports whether the link stays. Called with l.mu held.
func (s *Server) linkOpened(l *link) bool {
	theirs := l.handshake.Theirs()
	s.log.Named(l.log, theirs.From, l.heard)
	s.mu.Lock()
	s.numbers++
	l.info = herd.Link{Number: s.numbers, Peer: theirs.From, Boot: theirs.Boot, Role: opposite(theirs.Role)}
	l.neighbour = s.neighbour(theirs.From) // the handshake let no other in
	decision := s.links.Open(l.info, timestamp(l.heard))
	if decision.Alarm != nil {
		decision.Why = decision.Alarm // so that the other end's log says it too
		s.event(wirelog.Error, "two servers under one name", wirelog.F("peer", theirs.From),
			wirelog.F("reason", herd.Reason(decision.Alarm)), wirelog.F("error", decision.Alarm))
	}
	if decision.Why != nil && decision.Close.Number == l.info.Number {
		s.mu.Unlock()
		l.lose(decision.Why)
		return false
	}
	old, why := l.neighbour.link, decision.Why
	if old != nil {
		if why == nil {
			why = herd.ErrReplaced // it is closing already
		}
		if why != herd.ErrDuplicateLink {
			l.neighbour.lost(reasonName(why))
		}
	}
	l.outbox.begin(l.terms.Heartbeat)
	l.neighbour.up(l)
	s.mu.Unlock()
	if old != nil {
		old.lose(why)
	}
	s.event(wirelog.Info, "peer connected", wirelog.F("peer", theirs.From),
		wirelog.F("role", string(l.info.Role)), wirelog.F("boot", theirs.Boot))
	return true
}

func opposite(r herd.Role) herd.Role {
	if r == herd.Dialler {
		return herd.Acceptor
	}
	return herd.Dialler
}
