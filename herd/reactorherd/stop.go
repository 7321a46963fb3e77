package reactorherd

import (
	"time"

	"proxyherd/herd/wirelog"
	"proxyherd/reactor"
	"proxyherd/reactor/deferred"
)

// flushTime is how long links may take to send what waits when the server
// stops.
const flushTime = 2 * time.Second

// drain runs before the reactor shuts down, which waits for its Deferred: no
// new connections, answers to what clients have asked, then the links' output.
//
// Twin: each step hands on to the next by a callback; Stop waits for a Deferred.
func (s *Server) drain() *deferred.Deferred[struct{}] {
	s.stopping = true
	s.event(wirelog.Info, "server stopping", wirelog.F("server", s.name),
		wirelog.F("connections", len(s.sessions)), wirelog.F("waiting", s.waiting))
	s.stopListening()
	for _, n := range s.neighbours {
		n.stopDialling()
	}
	drained := deferred.New[struct{}](nil)
	s.whenOver(time.Duration(s.config.Upstream.Timeout), s.noSessions, func() {
		if s.member != nil {
			s.member.Leave()
		}
		s.whenOver(flushTime, s.noLinks, func() { drained.Callback(struct{}{}) })
		for _, l := range s.openLinks() {
			l.finish()
		}
	})
	for i := len(s.sessions) - 1; i >= 0; i-- {
		c := s.sessions[i]
		c.guard(func() { c.finish(causeStopping) })
	}
	return drained
}

// whenOver calls then once over holds, or once the time is up.
func (s *Server) whenOver(most time.Duration, over func() bool, then func()) {
	var late reactor.DelayedCall
	done := func() {
		s.idle = nil
		then()
	}
	late = s.reactor.CallLater(most, done)
	s.idle = func() {
		if over() {
			_ = late.Cancel() // pending: it would have cleared idle
			done()
		}
	}
	// In a turn of its own: nothing may be open as it is.
	s.reactor.CallLater(0, s.gone)
}

// gone is called when a session or a link has ended.
func (s *Server) gone() {
	if s.idle != nil {
		s.idle()
	}
}

func (s *Server) noSessions() bool { return len(s.sessions) == 0 }
func (s *Server) noLinks() bool    { return len(s.openLinks()) == 0 }
