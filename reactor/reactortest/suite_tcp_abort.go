package reactortest

import (
	"errors"

	"proxyherd/reactor"
)

// abortRules are twisted/internet/test/test_tcp.py AbortConnectionMixin.
var abortRules = []rule{
	{"in DataReceived it tells the protocol later", func(s *stage) { // TR17
		inside := false
		server, client := s.aborted(func(a *actor) {
			inside = true
			a.AbortConnection()
			inside = false
		})
		told := server.lost
		server.lost = func(a *actor, reason error) {
			if inside {
				s.t.Error("ConnectionLost was called inside DataReceived")
			}
			told(a, reason)
		}
		s.pair(server, client)
		s.wantAborted(server, client)
	}},

	{"twice by a client is once", func(s *stage) {
		client, server := s.aborted(func(a *actor) { a.AbortConnection(); a.AbortConnection() })
		s.pair(server, client)
		s.wantAborted(client, server)
	}},

	{"twice by a server is once", func(s *stage) {
		server, client := s.aborted(func(a *actor) { a.AbortConnection(); a.AbortConnection() })
		s.pair(server, client)
		s.wantAborted(server, client)
	}},

	{"LoseConnection after it by a client changes nothing", func(s *stage) {
		client, server := s.aborted(func(a *actor) { a.AbortConnection(); a.LoseConnection() })
		s.pair(server, client)
		s.wantAborted(client, server)
	}},

	{"LoseConnection after it by a server changes nothing", func(s *stage) {
		server, client := s.aborted(func(a *actor) { a.AbortConnection(); a.LoseConnection() })
		s.pair(server, client)
		s.wantAborted(server, client)
	}},

	{"in a timer it outlasts every other way to end", func(s *stage) {
		// The turn ends with a flush, before the one in which the protocol is
		// told: none of these may end the connection in between.
		for _, end := range []struct {
			name string
			call func(*actor)
		}{
			{"LoseConnection", func(a *actor) { a.LoseConnection() }},
			{"StopProducing", func(a *actor) { a.StopProducing() }},
			{"LoseWriteConnection", func(a *actor) { a.LoseWriteConnection() }},
			{"UnregisterProducer", func(a *actor) { a.LoseConnection(); a.UnregisterProducer() }},
		} {
			client := &actor{name: "client, then " + end.name}
			client.made = func(a *actor) {
				s.CallLater(0, func() { a.Write([]byte("dropped")); a.AbortConnection(); end.call(a); a.Write([]byte("dropped too")) })
			}
			client.lost = func(*actor, error) { s.note("lost") }
			server := &actor{name: "server, then " + end.name}
			s.pair(server, client)
			s.trigger(reactor.After, "shutdown", func() {
				s.wantEnd(client, reactor.ErrConnectionAborted)
				s.wantEnd(server, reactor.ErrConnectionLost)
				if len(server.data) != 0 {
					s.t.Errorf("%s got %q", server.name, server.data)
				}
			})
		}
		s.afterRoundTrips(20, s.stop)
		s.run()
		s.wantSteps("lost", "lost", "lost", "lost")
	}},

	{"with the write half closed it outlasts LoseConnection", func(s *stage) { // TR16, TR17
		client, server := &halfCloser{}, &halfCloser{}
		client.name, server.name = "client", "server"
		client.made = func(a *actor) { a.LoseWriteConnection() }
		client.writeLost = func() {
			client.AbortConnection()
			client.LoseConnection()
			if len(client.reasons) != 0 {
				s.t.Error("LoseConnection told the protocol before it returned")
			}
		}
		client.lost = func(*actor, error) { s.stop() }
		s.pair(server, client)
		s.run()
		s.wantEnd(&client.actor, reactor.ErrConnectionAborted)
	}},

	{"in ResumeProducing it tells the protocol later", func(s *stage) {
		client := &actor{name: "client"}
		client.made = func(a *actor) { s.abortingProducer(a) }
		server := &actor{name: "server"}
		s.pair(server, client)
		s.run()
		s.wantSteps("asked", "asked", "StopProducing", "ConnectionLost")
		s.wantEnd(client, reactor.ErrConnectionAborted)
	}},

	{"in ResumeProducing after data it tells the protocol later", func(s *stage) {
		client := &actor{name: "client", received: func(a *actor, _ []byte) error { s.abortingProducer(a); return nil }}
		server := &actor{name: "server", made: func(a *actor) { a.Write([]byte("x")) }}
		s.pair(server, client)
		s.run()
		s.wantSteps("asked", "asked", "StopProducing", "ConnectionLost")
		s.wantEnd(client, reactor.ErrConnectionAborted)
	}},

	{"with a full buffer it does not wait for the peer", func(s *stage) {
		server := &actor{name: "server", made: func(a *actor) { a.PauseProducing() }}
		client := &actor{name: "client", made: func(a *actor) { s.fillAndAbort(a) }}
		s.pair(server, client)
		s.run()
		s.wantEnd(client, reactor.ErrConnectionAborted)
	}},

	{"with a full buffer and after an exchange it does not wait for the peer", func(s *stage) {
		server := &actor{name: "server", made: func(a *actor) { a.Write([]byte("x")) }}
		server.received = func(a *actor, _ []byte) error { a.PauseProducing(); return nil }
		client := &actor{name: "client", received: func(a *actor, _ []byte) error { s.fillAndAbort(a); return nil }}
		s.pair(server, client)
		s.run()
		s.wantEnd(client, reactor.ErrConnectionAborted)
		if len(server.data) == 0 || len(client.data) == 0 {
			s.t.Errorf("the server got %d bytes and the client %d, want some each", len(server.data), len(client.data))
		}
	}},

	{"and then an error in DataReceived ends it with that error", func(s *stage) { // TR17, TR18: in order
		server, client := s.aborted(func(a *actor) { a.AbortConnection(); panic("after the abort") })
		s.pair(server, client)
		s.run("after the abort")
		s.wantPanic(server, "after the abort")
		s.wantEnd(client, reactor.ErrConnectionDone)
	}},

	{"as what DataReceived returns it resets the connection", func(s *stage) { // TR3, TR18
		server, client := s.aborted(func(*actor) {})
		server.received = func(*actor, []byte) error { return reactor.ErrConnectionAborted }
		s.pair(server, client)
		s.run(reactor.ErrConnectionAborted.Error())
		s.wantEnd(server, reactor.ErrConnectionAborted)
		s.wantEnd(client, reactor.ErrConnectionLost)
	}},

	{"and then a push producer that writes on is paused, for nothing", func(s *stage) { // TR17, PC3
		server, client := s.aborted(func(a *actor) {
			producer := &pushy{}
			_ = a.RegisterProducer(producer, true) // the first: the transport has none yet
			a.AbortConnection()
			written := 0
			for ; producer.paused == 0 && written <= 2*highWater; written += 1000 {
				a.Write(make([]byte, 1000))
			}
			if waiting := a.Unsent(); waiting != 0 {
				s.t.Errorf("%d bytes are said to wait", waiting)
			}
			if written > highWater+1000 {
				s.t.Errorf("the producer wrote %d bytes, and was not paused", written)
			}
		})
		s.pair(server, client)
		s.wantAborted(server, client)
		if len(client.data) != 0 {
			s.t.Errorf("the peer of the one that aborted got %d bytes", len(client.data))
		}
	}},

	{"and then an error in ResumeProducing ends it with that error", func(s *stage) {
		client := &actor{name: "client", lost: func(*actor, error) { s.stop() }}
		client.made = func(a *actor) {
			p := &pushy{}
			p.resume = func() {
				if p.resumed > 1 { // not within RegisterProducer
					a.AbortConnection()
					panic("after the abort")
				}
				a.Write([]byte("x"))
			}
			_ = a.RegisterProducer(p, false) // the first: the transport has none yet
		}
		s.pair(&actor{}, client)
		s.run("after the abort")
		s.wantPanic(client, "after the abort")
	}},
}

// aborted makes an actor that does what abort says when the first byte comes
// from its peer, and that peer. The scene ends when both are told.
func (s *stage) aborted(abort func(*actor)) (aborting, peer *actor) {
	done := s.stopAfter(2)
	lost := func(*actor, error) { done() }
	aborting = &actor{name: "the one that aborted", lost: lost}
	aborting.received = func(a *actor, _ []byte) error {
		abort(a)
		return nil
	}
	peer = &actor{name: "its peer", lost: lost, made: func(a *actor) { a.Write([]byte("x")) }}
	return aborting, peer
}

// wantAborted runs the scene and checks how it ended for either.
func (s *stage) wantAborted(aborting, peer *actor) {
	s.t.Helper()
	s.run()
	s.wantEnd(aborting, reactor.ErrConnectionAborted)
	s.wantEnd(peer, reactor.ErrConnectionLost)
	if len(peer.reasons) == 1 && errors.Is(peer.reasons[0], reactor.ErrConnectionAborted) {
		s.t.Errorf("the peer of the one that aborted was told %v", peer.reasons[0])
	}
}

// abortingProducer registers a pull producer that aborts a's connection when it
// is asked from the loop; the scene ends when a is told.
func (s *stage) abortingProducer(a *actor) {
	inside := false
	p := &pushy{stop: s.noting("StopProducing")}
	p.resume = func() {
		s.note("asked")
		if p.resumed == 1 { // within RegisterProducer
			a.Write(make([]byte, 100_000))
			return
		}
		inside = true
		a.AbortConnection()
		inside = false
	}
	a.lost = func(*actor, error) {
		s.note("ConnectionLost")
		if inside {
			s.t.Error("ConnectionLost was called inside ResumeProducing")
		}
		s.stop()
	}
	if err := a.RegisterProducer(p, false); err != nil {
		s.t.Errorf("RegisterProducer: %v", err)
	}
}

// fillAndAbort writes more than the system takes from a, whose peer does not
// read it, and then aborts the connection; the scene ends when a is told.
func (s *stage) fillAndAbort(a *actor) {
	a.lost = func(*actor, error) { s.stop() }
	a.Write(s.tooMuch())
	s.afterRoundTrips(5, func() {
		if len(a.reasons) != 0 {
			s.t.Errorf("told %v before the abort", a.reasons)
		}
		a.AbortConnection()
	})
}
