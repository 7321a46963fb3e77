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

// BuildProtocol makes a link on which the other end is nobody yet.
func (f *peerFactory) BuildProtocol(from reactor.Address) reactor.Protocol {
	nonce, err := f.server.nonce()
	if err != nil {
		f.server.event(wirelog.Error, "no link: no randomness for a nonce", wirelog.F("address", from.String()), wirelog.F("error", err))
		return nil
	}
	return newLink(f.server, herd.NewAcceptor(f.server.identity, nonce), nil)
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
// came from.
func (s *Server) flood(line []byte, from *link) {
	for _, n := range s.neighbours {
		if n.link != nil && n.link != from {
			n.link.forward(line)
		}
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
		old.lose(why)
	}
	s.event(wirelog.Info, "peer connected", wirelog.F("peer", theirs.From),
		wirelog.F("role", string(l.info.Role)), wirelog.F("boot", theirs.Boot.String()))
	l.begin()
}

func opposite(r herd.Role) herd.Role {
	if r == herd.Dialler {
		return herd.Acceptor
	}
	return herd.Dialler
}
