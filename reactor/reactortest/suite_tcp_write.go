package reactortest

import (
	"bytes"

	"proxyherd/reactor"
)

// writeRules are what becomes of output, and who hears of it:
// twisted/internet/abstract.py FileDescriptor.
var writeRules = []rule{
	{"WriteSequence alone sends its parts in order", func(s *stage) { // TR9
		server := &actor{lost: func(*actor, error) { s.stop() }}
		s.pair(server, &actor{made: func(a *actor) {
			a.WriteSequence([][]byte{[]byte("some "), nil, []byte("th"), []byte("ing")})
			a.LoseConnection()
		}})
		s.run()
		if string(server.data) != "some thing" {
			s.t.Errorf("the server got %q", server.data)
		}
	}},

	{"Write and WriteSequence keep their order", func(s *stage) { // TR9
		server := &actor{lost: func(*actor, error) { s.stop() }}
		s.pair(server, &actor{made: func(a *actor) {
			a.Write([]byte("a"))
			a.WriteSequence([][]byte{[]byte("b"), []byte("c")})
			a.Write([]byte("d"))
			s.CallLater(0, func() { a.WriteSequence([][]byte{[]byte("e")}); a.Write([]byte("f")); a.LoseConnection() })
		}})
		s.run()
		if string(server.data) != "abcdef" {
			s.t.Errorf("the server got %q", server.data)
		}
	}},

	{"Write after the end is dropped", func(s *stage) { // TR9, TR19
		s.writeAfterTheEnd(func(a *actor) { a.Write([]byte("too late")) })
	}},

	{"WriteSequence after the end is dropped", func(s *stage) { // TR9, TR19
		s.writeAfterTheEnd(func(a *actor) { a.WriteSequence([][]byte{[]byte("too"), []byte("late")}) })
	}},

	{"WriteSequence pauses a push producer once, and it is resumed", func(s *stage) { // TR9, PC2, PC3, PC4
		producer := &pushy{}
		server := &actor{lost: func(*actor, error) { s.stop() }}
		s.pair(server, &actor{made: func(a *actor) {
			_ = a.RegisterProducer(producer, true) // the first: the transport has none yet
			whole := make([]byte, 65536)
			a.WriteSequence([][]byte{whole})
			s.note("65536 bytes: paused %d times", producer.paused)
			a.WriteSequence([][]byte{whole, whole, whole})
			s.note("262144 bytes: paused %d times", producer.paused)
			producer.resume = func() { s.note("resumed"); a.LoseConnection() }
		}})
		s.run()
		s.wantSteps("65536 bytes: paused 0 times", "262144 bytes: paused 1 times", "resumed")
		if len(server.data) != 4*65536 {
			s.t.Errorf("the server got %d bytes", len(server.data))
		}
	}},

	{"WriteSequence never pauses a pull producer", func(s *stage) { // PC3
		// A pushy registered as a pull producer would note a pause.
		producer := &pushy{}
		server := &actor{lost: func(*actor, error) { s.stop() }}
		s.pair(server, &actor{made: func(a *actor) {
			producer.resume = func() {
				switch producer.resumed {
				case 1:
					a.WriteSequence([][]byte{make([]byte, 65536), make([]byte, 65537)})
				case 2:
					a.UnregisterProducer()
					a.LoseConnection()
				}
			}
			_ = a.RegisterProducer(producer, false) // the first: the transport has none yet
		}})
		s.run()
		if producer.paused != 0 || producer.resumed != 2 || len(server.data) != 2*65536+1 {
			s.t.Errorf("paused %d and asked %d times, the server got %d bytes; want 0, 2 and all", producer.paused, producer.resumed, len(server.data))
		}
	}},

	{"empty parts ask for a flush, no parts and no bytes do not", func(s *stage) { // TR9
		producer := &pushy{}
		s.pair(&actor{}, &actor{made: func(a *actor) {
			_ = a.RegisterProducer(producer, false) // the first: the transport has none yet
			s.afterRoundTrips(3, func() {
				a.Write(nil)
				a.WriteSequence(nil)
				s.afterRoundTrips(3, func() {
					s.note("after nothing: asked %d times", producer.resumed)
					a.WriteSequence([][]byte{nil, {}})
					s.afterRoundTrips(3, func() { s.note("after empty parts: asked %d times", producer.resumed); s.stop() })
				})
			})
		}})
		s.run()
		s.wantSteps("after nothing: asked 1 times", "after empty parts: asked 2 times")
	}},

	{"each Write above 65,536 bytes pauses the push producer again", func(s *stage) { // PC3
		producer := &pushy{}
		s.pair(&actor{}, &actor{made: func(a *actor) {
			_ = a.RegisterProducer(producer, true) // the first: the transport has none yet
			a.Write(make([]byte, 65536))
			for range 3 {
				a.Write([]byte{0})
			}
			a.Write(nil) // is no write
			s.note("paused %d times", producer.paused)
			s.stop()
		}})
		s.run()
		s.wantSteps("paused 3 times")
	}},

	{"what is written a turn after LoseConnection is sent, if something still waits", func(s *stage) { // TR11
		client := &actor{name: "client", made: func(a *actor) { a.PauseProducing() }}
		client.lost = func(*actor, error) { s.stop() }
		whole := s.tooMuch()
		server := &actor{made: func(a *actor) {
			a.Write(whole)
			a.LoseConnection()
			a.Write([]byte("B"))
			s.afterRoundTrips(3, func() { a.Write([]byte("C")); client.ResumeProducing() })
		}}
		s.pair(server, client)
		s.run()
		if !bytes.HasSuffix(client.data, []byte("\x00BC")) || len(client.data) != len(whole)+2 {
			s.t.Errorf("the client got %d bytes, want all of %d", len(client.data), len(whole)+2)
		}
	}},

	{"writing to a peer that has gone is noticed while nobody reads", func(s *stage) {
		server := &actor{name: "server", made: func(a *actor) { a.PauseProducing() }}
		server.lost = func(*actor, error) { s.stop() }
		client := &actor{made: func(a *actor) { a.LoseConnection() }}
		client.lost = func(*actor, error) {
			s.afterRoundTrips(3, func() {
				if len(server.reasons) != 0 {
					s.t.Errorf("before it wrote the paused server was told %v", server.reasons)
				}
				server.Write([]byte("are you there?")) // the answer is a reset
			})
		}
		s.pair(server, client)
		s.run()
		s.wantEnd(server, reactor.ErrConnectionLost)
	}},

	{"the peer's end goes unnoticed while LoseConnection waits", func(s *stage) { // TR12
		server := &actor{name: "server", lost: func(*actor, error) { s.note("the server's end") }}
		client := &actor{name: "client", lost: func(*actor, error) { s.stop() }}
		client.made = func(a *actor) { a.PauseProducing(); a.LoseWriteConnection() }
		server.made = func(a *actor) {
			a.Write(s.tooMuch())
			a.LoseConnection()
			s.afterRoundTrips(10, func() { s.note("the client reads"); client.ResumeProducing() })
		}
		s.pair(server, client)
		s.run()
		s.wantSteps("the client reads", "the server's end")
		if len(client.data) != len(s.tooMuch()) {
			s.t.Errorf("the client got %d bytes", len(client.data))
		}
		s.wantEnd(server, reactor.ErrConnectionDone)
	}},

	{"LoseConnection waits for a push producer that is paused", func(s *stage) { // TR14, PC5
		producer := &pushy{}
		client := &actor{name: "client", lost: func(*actor, error) { s.note("ConnectionLost"); s.stop() }}
		client.made = func(a *actor) {
			_ = a.RegisterProducer(producer, true) // the first: the transport has none yet
			a.Write(make([]byte, 65537))
			a.LoseConnection()
			producer.resume = func() {
				s.note("resumed")
				s.afterRoundTrips(10, func() { s.note("unregistered"); a.UnregisterProducer() })
			}
		}
		s.pair(&actor{}, client)
		s.run()
		s.wantSteps("resumed", "unregistered", "ConnectionLost")
		s.wantEnd(client, reactor.ErrConnectionDone)
		if producer.stopped != 0 {
			s.t.Error("a producer that was unregistered was stopped")
		}
	}},

	{"when all is sent a producer comes before the end, and the end before a half-close", func(s *stage) { // TR13
		client := &halfCloser{writeLost: func() { s.note("WriteConnectionLost") }}
		client.lost = func(*actor, error) { s.note("ConnectionLost") }
		client.made = func(a *actor) {
			p := &pully{consumer: a, pieces: 2, finished: s.noting("the producer has finished")}
			_ = a.RegisterProducer(p, false) // the first: the transport has none yet
			a.LoseWriteConnection()
			a.LoseConnection()
		}
		server := &actor{lost: func(*actor, error) { s.stop() }}
		s.pair(server, client)
		s.run()
		s.wantSteps("the producer has finished", "ConnectionLost")
		if string(server.data) != "piece 0;piece 1;" {
			s.t.Errorf("the server got %q", server.data)
		}
	}},

	{"a producer may lose or abort the connection that stops it", func(s *stage) { // TR18, TR19
		client := &actor{name: "client", lost: func(*actor, error) { s.note("ConnectionLost") }}
		client.made = func(a *actor) {
			_ = a.RegisterProducer(&pushy{stop: func() { // the first: the transport has none yet
				s.note("StopProducing")
				a.UnregisterProducer()
				a.Write([]byte("too late"))
				a.LoseConnection()
				a.AbortConnection()
			}}, true)
			a.LoseConnection()
		}
		s.connectTo(s.listen(casting(&actor{})), &director{
			build: func(reactor.Address) reactor.Protocol { return client },
			ended: func(reactor.Connector, error) {
				s.note("ClientConnectionLost")
				s.afterRoundTrips(3, s.stop)
			},
		})
		s.run()
		s.wantSteps("StopProducing", "ConnectionLost", "ClientConnectionLost")
		s.wantEnd(client, reactor.ErrConnectionDone)
	}},

	{"to stop consuming is to unregister and to lose the connection", func(s *stage) { // PC6
		producer := &pushy{}
		client := &actor{name: "client", lost: func(*actor, error) { s.stop() }}
		server := &actor{}
		client.made = func(a *actor) {
			_ = a.RegisterProducer(producer, true) // the first: the transport has none yet
			a.Write(make([]byte, 65537))
			a.UnregisterProducer()
			a.LoseConnection()
		}
		s.pair(server, client)
		s.run()
		s.wantEnd(client, reactor.ErrConnectionDone)
		if producer.paused != 1 || producer.resumed+producer.stopped != 0 {
			s.t.Errorf("the producer that was let go was resumed %d and stopped %d times", producer.resumed, producer.stopped)
		}
	}},
}

// writeAfterTheEnd has a server write on its connection in ConnectionLost and
// later, to a client that would go on reading.
func (s *stage) writeAfterTheEnd(write func(*actor)) {
	client := &halfCloser{}
	client.name = "client"
	server := &actor{name: "server", made: func(a *actor) { a.LoseConnection() }}
	server.lost = func(a *actor, _ error) {
		write(a)
		s.CallLater(0, func() { write(a); s.afterRoundTrips(5, s.stop) })
	}
	s.pair(server, client)
	s.run()
	s.wantEnd(server, reactor.ErrConnectionDone)
	if len(client.data) != 0 {
		s.t.Errorf("the client got %q", client.data)
	}
}
