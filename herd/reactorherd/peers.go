package reactorherd

import (
	"fmt"
	"io"

	"proxyherd/factories"
	"proxyherd/herd"
	"proxyherd/herd/wirelog"
	"proxyherd/reactor"
)

// peerFactory makes our ends of the links that neighbours dial.
type peerFactory struct {
	factories.Factory
	server *Server
}

func newPeerFactory(s *Server) *peerFactory { return &peerFactory{server: s} }

// tooManyUnproved is why a connection of a neighbour is refused.
const tooManyUnproved = "unproved_peers"

// BuildProtocol makes a link on which the other end is nobody yet.
func (f *peerFactory) BuildProtocol(from reactor.Address) reactor.Protocol {
	if s := f.server; s.unproved >= s.limits.UnprovedPeers {
		s.closed[tooManyUnproved]++
		s.event(wirelog.Warn, "link refused: too many connections have not proved the secret",
			wirelog.F("reason", tooManyUnproved), wirelog.F("address", from.String()), wirelog.F("limit", s.limits.UnprovedPeers))
		return nil
	}
	nonce, err := f.server.nonce()
	if err != nil {
		f.server.event(wirelog.Error, "no link: no randomness for a nonce", wirelog.F("address", from.String()), wirelog.F("error", err))
		return nil
	}
	l := newLink(f.server, herd.NewAcceptor(f.server.identity, nonce), nil)
	l.proving = true
	f.server.unproved++
	return l
}

// nonce draws one.
func (s *Server) nonce() (nonce herd.Nonce, err error) {
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

// openLinks are the links on which updates travel, in the order of talks_to.
func (s *Server) openLinks() []*link {
	var open []*link
	for _, n := range s.neighbours {
		if n.link != nil {
			open = append(open, n.link)
		}
	}
	return open
}

// flood hands an AT line, with its end, to every neighbour but the one that it
// came from; and, where there is a backbone, one of our own to that.
//
// Twin: the links are walked as they are. Updates are on every link before their
// acknowledgement is, since links are flushed first.
func (s *Server) flood(line []byte, from *link) {
	if s.faulty.leavesUnsaid(line) {
		return
	}
	for _, n := range s.neighbours {
		if n.link != nil && (n.link != from || s.faulty.Echo) {
			n.link.forward(line)
		}
	}
	if s.member != nil && from == nil {
		s.member.Send(line)
	}
}

// linkOpened takes a link whose other end has proved itself, and closes the one
// that is too many.
func (s *Server) linkOpened(l *link) {
	theirs := l.handshake.Theirs()
	s.numbers++
	l.info = herd.Link{Number: s.numbers, Peer: theirs.From, Boot: theirs.Boot, Role: opposite(theirs.Role)}
	l.neighbour = s.neighbour(theirs.From) // the handshake let no other in
	s.log.Named(l.log, theirs.From, s.reactor.Seconds())
	decision := s.links.Open(l.info, s.now())
	if decision.Alarm != nil {
		decision.Why = decision.Alarm // so that the other end's log says it too
		s.event(wirelog.Error, "two servers under one name", wirelog.F("peer", theirs.From),
			wirelog.F("reason", herd.Reason(decision.Alarm)), wirelog.F("error", decision.Alarm))
	}
	if decision.Why != nil && decision.Close.Number == l.info.Number {
		l.lose(decision.Why)
		return
	}
	if old := l.neighbour.link; old != nil {
		why := decision.Why
		if why == nil {
			why = herd.ErrReplaced // it is closing already
		}
		l.neighbour.link = nil
		if why != herd.ErrDuplicateLink {
			l.neighbour.lost(reasonName(why))
		}
		old.lose(why)
	}
	s.event(wirelog.Info, "peer connected", wirelog.F("peer", theirs.From),
		wirelog.F("role", string(l.info.Role)), wirelog.F("boot", theirs.Boot))
	l.begin()
}

func opposite(r herd.Role) herd.Role {
	if r == herd.Dialler {
		return herd.Acceptor
	}
	return herd.Dialler
}
