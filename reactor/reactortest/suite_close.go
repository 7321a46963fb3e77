package reactortest

import (
	"bytes"
	"errors"
	"time"

	"proxyherd/reactor"
)

// pattern is size bytes of which no part looks like its neighbour.
func pattern(size int) []byte {
	p := make([]byte, size)
	x := uint32(1)
	for i := range p {
		x = x*1664525 + 1013904223
		p[i] = byte(x >> 24)
	}
	return p
}

// slowly makes an actor rest after each piece that it reads.
func (s *stage) slowly(a *actor) {
	a.received = func(a *actor, _ []byte) error {
		a.PauseProducing()
		s.CallLater(100*time.Microsecond, a.ResumeProducing)
		return nil
	}
}

var closeRules = []rule{
	{"LoseConnection first sends everything, to a slow reader too", func(s *stage) { // TR10, TR13, TR15
		done := s.stopAfter(2)
		lost := func(*actor, error) { done() }
		whole := pattern(1 << 20)
		server := &actor{name: "server", made: func(a *actor) { a.Write(whole); a.LoseConnection() }, lost: lost}
		client := &actor{name: "client", lost: lost}
		s.slowly(client)
		s.pair(server, client)
		s.run()
		if !bytes.Equal(client.data, whole) {
			s.t.Errorf("the client got %d bytes, want the %d that were written", len(client.data), len(whole))
		}
		s.wantEnd(server, reactor.ErrConnectionDone)
		s.wantEnd(client, reactor.ErrConnectionDone)
	}},

	{"input left unread does not keep the peer from a clean end", func(s *stage) { // TR15
		done := s.stopAfter(2)
		lost := func(*actor, error) { done() }
		server := &actor{name: "server", lost: lost, made: func(a *actor) { a.PauseProducing() }}
		client := &actor{name: "client", lost: lost, made: func(a *actor) { a.Write([]byte("nobody reads this")) }}
		s.pair(server, client)
		s.afterRoundTrips(5, func() { server.LoseConnection() })
		s.run()
		s.wantEnd(server, reactor.ErrConnectionDone)
		s.wantEnd(client, reactor.ErrConnectionDone)
	}},

	{"what is written after LoseConnection is sent too", func(s *stage) { // TR11
		client := &actor{name: "client", lost: func(*actor, error) { s.stop() }}
		server := &actor{made: func(a *actor) {
			a.Write([]byte("A"))
			a.LoseConnection()
			a.Write([]byte("B"))
			a.LoseConnection()
		}}
		s.pair(server, client)
		s.run()
		if string(client.data) != "AB" {
			s.t.Errorf("the client got %q, want both", client.data)
		}
	}},

	{"LoseConnection tells nobody before it returns", func(s *stage) { // TR10
		server := &actor{name: "server"}
		server.made = func(a *actor) {
			before := a.Disconnecting()
			a.LoseConnection()
			if before || !a.Disconnecting() || len(a.reasons) != 0 {
				s.t.Errorf("disconnecting %t, then %t; told %v", before, a.Disconnecting(), a.reasons)
			}
		}
		server.lost = func(*actor, error) { s.stop() }
		s.pair(server, &actor{})
		s.run()
		s.wantEnd(server, reactor.ErrConnectionDone)
	}},

	{"nothing is delivered after LoseConnection", func(s *stage) { // TR10, TR12
		server := &actor{name: "server", lost: func(*actor, error) { s.stop() }}
		client := &actor{name: "client"}
		client.made = func(a *actor) { a.PauseProducing(); a.Write([]byte("quit")) }
		server.received = func(a *actor, _ []byte) error {
			a.Write(s.tooMuch()) // so that the end has to wait
			a.LoseConnection()
			a.ResumeProducing() // comes too late
			client.Write([]byte("a line after quit"))
			s.afterRoundTrips(10, client.AbortConnection)
			return nil
		}
		s.pair(server, client)
		s.run()
		if string(server.data) != "quit" {
			s.t.Errorf("the server was handed %q", server.data)
		}
		s.wantEnd(server, reactor.ErrConnectionLost)
	}},

	{"AbortConnection tells each side its own reason", func(s *stage) { // TR17
		done := s.stopAfter(2)
		lost := func(*actor, error) { done() }
		server := &actor{name: "server", lost: lost}
		client := &actor{name: "client", lost: lost, made: func(a *actor) { a.Write([]byte("x")) }}
		server.received = func(a *actor, _ []byte) error {
			a.AbortConnection()
			a.AbortConnection()
			a.LoseConnection()
			a.ResumeProducing()
			if len(a.reasons) != 0 {
				s.t.Error("AbortConnection told the protocol before it returned")
			}
			return nil
		}
		s.pair(server, client)
		s.run()
		s.wantEnd(server, reactor.ErrConnectionAborted)
		s.wantEnd(client, reactor.ErrConnectionLost)
		if errors.Is(client.reasons[0], reactor.ErrConnectionAborted) {
			s.t.Errorf("the peer of the one that aborted was told %v", client.reasons[0])
		}
	}},

	{"AbortConnection ends what LoseConnection waits for", func(s *stage) { // TR17
		server := &actor{name: "server", lost: func(*actor, error) { s.stop() }}
		client := &actor{name: "client", made: func(a *actor) { a.PauseProducing() }}
		server.made = func(a *actor) {
			a.Write(s.tooMuch())
			a.LoseConnection()
			s.afterRoundTrips(5, func() {
				if len(a.reasons) != 0 {
					s.t.Error("the connection ended while its peer had not read everything")
				}
				a.AbortConnection()
			})
		}
		s.pair(server, client)
		s.run()
		s.wantEnd(server, reactor.ErrConnectionAborted)
	}},

	{"a reset is noticed while nobody reads", func(s *stage) { // TR8, mended
		server := &actor{name: "server", made: func(a *actor) { a.PauseProducing() }}
		server.lost = func(*actor, error) { s.stop() }
		client := &actor{made: func(a *actor) { s.afterRoundTrips(5, a.AbortConnection) }}
		s.pair(server, client)
		s.run()
		s.wantEnd(server, reactor.ErrConnectionLost)
	}},

	{"after the end a transport does nothing", func(s *stage) { // TR18, TR19, PC1
		producer := &pushy{}
		server := &actor{name: "server", made: func(a *actor) { a.LoseConnection() }}
		server.lost = func(a *actor, _ error) {
			use := func() {
				a.Write([]byte("too late"))
				a.WriteSequence([][]byte{[]byte("far too late")})
				a.LoseConnection()
				a.LoseWriteConnection()
				a.AbortConnection()
				a.PauseProducing()
				a.ResumeProducing()
				if err := a.RegisterProducer(producer, true); err != nil {
					s.t.Errorf("RegisterProducer: %v", err)
				}
				a.UnregisterProducer()
			}
			use()
			s.afterRoundTrips(3, func() { use(); s.afterRoundTrips(3, s.stop) })
		}
		client := &actor{name: "client"}
		s.pair(server, client)
		s.run()
		s.wantEnd(server, reactor.ErrConnectionDone)
		s.wantEnd(client, reactor.ErrConnectionDone)
		if len(client.data) != 0 {
			s.t.Errorf("the client got %q", client.data)
		}
		if producer.stopped != 2 {
			s.t.Errorf("the producer was stopped %d times, want once for each time that it came too late", producer.stopped)
		}
	}},

	{"an error from DataReceived is the reason of the end", func(s *stage) { // TR3
		refusal := errors.New("heard enough")
		server, client := s.badListener(func() error { return refusal })
		s.run("heard enough")
		s.wantEnd(server, refusal)
		s.wantEnd(client, reactor.ErrConnectionDone)
	}},

	{"a panic in DataReceived is the reason of the end", func(s *stage) { // TR4
		server, client := s.badListener(func() error { panic("heard enough") })
		s.run("heard enough")
		s.wantPanic(server, "heard enough")
		s.wantEnd(client, reactor.ErrConnectionDone)
	}},

	{"a panic in ConnectionLost is logged and the rest goes on", func(s *stage) { // LP4
		server := &actor{made: func(a *actor) { a.LoseConnection() }}
		client := &actor{lost: func(*actor, error) { panic("lost for words") }}
		s.connectTo(s.listen(casting(server)), &director{
			build: func(reactor.Address) reactor.Protocol { return client },
			ended: func(reactor.Connector, error) { s.note("ClientConnectionLost"); s.stop() },
		})
		s.run("lost for words")
		s.wantSteps("ClientConnectionLost")
	}},
}

// badListener is a server that ends each connection with what answer returns,
// after output that must be dropped, and its client.
func (s *stage) badListener(answer func() error) (server, client *actor) {
	done := s.stopAfter(2)
	lost := func(*actor, error) { done() }
	server = &actor{name: "server", lost: lost}
	server.received = func(a *actor, _ []byte) error { a.Write([]byte("never sent")); return answer() }
	client = &actor{name: "client", lost: func(a *actor, _ error) {
		if len(a.data) != 0 {
			s.t.Errorf("the client got %q, want what was not sent to be dropped", a.data)
		}
		done()
	}}
	client.made = func(a *actor) { a.Write([]byte("x")) }
	s.pair(server, client)
	return server, client
}
