package goroutineherd

import (
	"slices"
	"time"

	"proxyherd/herd/wirelog"
)

// flushTime is how long links may take to send what waits when the server
// stops.
const flushTime = 2 * time.Second

// Stop begins the server's orderly end, and returns at once: no new connections,
// answers to what clients have asked, then the links' output. Further calls do
// nothing. Call it after Start.
func (s *Server) Stop() {
	s.mu.Lock()
	again := s.stopping
	s.stopping = true
	s.mu.Unlock()
	if !again {
		go s.drain()
	}
}

// BeforeStop has f called when the server begins to stop, before it does anything
// else. Call it before Stop.
func (s *Server) BeforeStop(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.farewells = append(s.farewells, f)
}

// Wait returns once the server has stopped, and nothing of it runs any more.
func (s *Server) Wait() { <-s.ended }

// Twin: the steps stand one after the other, and wait: for a condition, and at last
// for every goroutine.
func (s *Server) drain() {
	s.mu.Lock()
	sessions, farewells := slices.Clone(s.sessions), s.farewells
	s.mu.Unlock()
	for _, f := range farewells {
		f()
	}
	s.event(wirelog.Info, "server stopping", wirelog.F("server", s.name),
		wirelog.F("connections", len(sessions)), wirelog.F("waiting", s.waiting.Load()))
	s.stopListening()
	s.hangUp()
	for _, c := range sessions {
		c.guard(func() {
			c.mu.Lock()
			defer c.mu.Unlock()
			c.finish(causeStopping)
		})
	}
	s.whenOver(time.Duration(s.config.Upstream.Timeout), func() bool { return len(s.sessions) == 0 })
	if s.member != nil {
		s.seat.end()
	}
	for _, l := range s.openLinks() {
		l.finish()
	}
	s.whenOver(flushTime, func() bool { return len(s.openLinks()) == 0 })
	s.cutAll()
	if s.journal != nil {
		close(s.unsaved.ended)
	}
	s.running.Wait()
	close(s.ended)
}

// whenOver waits until over holds, or the time is up. over is called with mu held.
func (s *Server) whenOver(most time.Duration, over func() bool) {
	late := false
	timer := time.AfterFunc(most, func() {
		s.mu.Lock()
		late = true
		s.mu.Unlock()
		s.left.Broadcast()
	})
	defer timer.Stop()
	s.mu.Lock()
	defer s.mu.Unlock()
	for !late && !over() {
		s.left.Wait()
	}
}

// gone is called when a session or a link has ended.
func (s *Server) gone() { s.left.Broadcast() }

// cutAll ends what is left, which a reactor does when it shuts down.
func (s *Server) cutAll() {
	s.mu.Lock()
	sessions := slices.Clone(s.sessions)
	var links []*link
	for l := range s.peers {
		links = append(links, l)
	}
	s.mu.Unlock()
	for _, c := range sessions {
		c.guard(func() {
			c.mu.Lock()
			defer c.mu.Unlock()
			c.abort(causeStopping)
		})
	}
	for _, l := range links {
		l.lose(errStopping)
		l.guard(l.hangUp)
	}
}
