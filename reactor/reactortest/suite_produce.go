package reactortest

import (
	"fmt"

	"proxyherd/reactor"
)

// pully is a pull producer of numbered pieces.
type pully struct {
	consumer reactor.Transport
	pieces   int
	made     int
	finished func()
}

func (p *pully) ResumeProducing() {
	if p.made == p.pieces {
		p.consumer.UnregisterProducer()
		p.finished()
		return
	}
	p.consumer.Write(fmt.Appendf(nil, "piece %d;", p.made))
	p.made++
}

func (p *pully) StopProducing() {}

var produceRules = []rule{
	{"a push producer is paused above 65,536 bytes, not at them", func(s *stage) { // PC2, PC3, TR13
		producer := &pushy{}
		server := &actor{name: "server", lost: func(*actor, error) { s.stop() }}
		client := &actor{name: "client"}
		client.made = func(a *actor) {
			if err := a.RegisterProducer(producer, true); err != nil {
				s.t.Errorf("RegisterProducer: %v", err)
			}
			a.Write(make([]byte, 65536))
			s.note("65536 bytes: paused %t", producer.paused > 0)
			a.Write([]byte{0})
			s.note("65537 bytes: paused %t, resumed %d", producer.paused > 0, producer.resumed)
			producer.resume = func() { s.note("resumed"); a.LoseConnection() }
		}
		s.pair(server, client)
		s.run()
		s.wantSteps("65536 bytes: paused false", "65537 bytes: paused true, resumed 0", "resumed")
		if len(server.data) != 65537 {
			s.t.Errorf("the server got %d bytes", len(server.data))
		}
	}},

	{"a push producer is resumed only when nothing waits", func(s *stage) { // PC4
		producer := &pushy{}
		server := &actor{made: func(a *actor) { a.PauseProducing() }}
		client := &actor{}
		client.made = func(a *actor) {
			_ = a.RegisterProducer(producer, true) // the first: the transport has none yet
			a.Write(s.tooMuch())
			s.afterRoundTrips(5, func() {
				s.note("peer paused: paused %t, resumed %d", producer.paused > 0, producer.resumed)
				server.ResumeProducing()
			})
			producer.resume = func() {
				s.note("peer reads: resumed")
				a.LoseConnection()
			}
		}
		server.lost = func(a *actor, _ error) { s.note("peer has all: %t", len(a.data) == len(s.tooMuch())); s.stop() }
		s.pair(server, client)
		s.run()
		s.wantSteps("peer paused: paused true, resumed 0", "peer reads: resumed", "peer has all: true")
	}},

	{"a pull producer is asked at once, and again whenever nothing waits", func(s *stage) { // PC1, TR13
		server := &actor{name: "server", lost: func(*actor, error) { s.stop() }}
		client := &actor{}
		client.made = func(a *actor) {
			p := &pully{consumer: a, pieces: 3, finished: a.LoseConnection}
			if err := a.RegisterProducer(p, false); err != nil {
				s.t.Errorf("RegisterProducer: %v", err)
			}
			s.note("asked %d times within RegisterProducer", p.made)
		}
		s.pair(server, client)
		s.run()
		s.wantSteps("asked 1 times within RegisterProducer")
		if want := "piece 0;piece 1;piece 2;"; string(server.data) != want {
			s.t.Errorf("the server got %q, want %q", server.data, want)
		}
		s.wantEnd(server, reactor.ErrConnectionDone)
	}},

	{"a second producer is refused, the first stays", func(s *stage) { // PC1
		first, second := &pushy{}, &pushy{}
		client := &actor{}
		client.made = func(a *actor) {
			_ = a.RegisterProducer(first, true) // the first: the transport has none yet
			s.wantIs(a.RegisterProducer(second, true), reactor.ErrProducerRegistered, "a second RegisterProducer")
			a.Write(make([]byte, 65537))
			s.note("paused: first %t, second %t", first.paused > 0, second.paused > 0)
			a.UnregisterProducer()
			a.UnregisterProducer()
			if err := a.RegisterProducer(second, true); err != nil {
				s.t.Errorf("RegisterProducer after UnregisterProducer: %v", err)
			}
			s.stop()
		}
		s.pair(&actor{}, client)
		s.run()
		s.wantSteps("paused: first true, second false")
		if first.stopped != 0 || second.stopped != 1 {
			s.t.Errorf("the first was stopped %d times, the second %d; want 0 and 1", first.stopped, second.stopped)
		}
	}},

	{"LoseConnection waits for a pull producer", func(s *stage) { // TR14, PC5
		server := &actor{name: "server", lost: func(*actor, error) { s.stop() }}
		client := &actor{}
		client.made = func(a *actor) {
			p := &pully{consumer: a, pieces: 4, finished: func() { s.note("the producer has finished") }}
			_ = a.RegisterProducer(p, false) // the first: the transport has none yet
			a.LoseConnection()
		}
		client.lost = func(*actor, error) { s.note("ConnectionLost") }
		s.pair(server, client)
		s.run()
		s.wantSteps("the producer has finished", "ConnectionLost")
		if want := "piece 0;piece 1;piece 2;piece 3;"; string(server.data) != want {
			s.t.Errorf("the server got %q, want %q", server.data, want)
		}
	}},

	{"LoseConnection does not wait for a push producer that is not paused", func(s *stage) { // TR14, TR18
		client := &actor{name: "client"}
		client.made = func(a *actor) {
			_ = a.RegisterProducer(&pushy{stop: s.noting("StopProducing")}, true) // the first: there is none yet
			a.Write([]byte("last words"))
			a.LoseConnection()
		}
		client.lost = func(*actor, error) { s.note("ConnectionLost"); s.stop() }
		s.pair(&actor{}, client)
		s.run()
		s.wantSteps("StopProducing", "ConnectionLost")
		s.wantEnd(client, reactor.ErrConnectionDone)
	}},

	{"a panic in StopProducing does not keep the end from the protocol", func(s *stage) { // TR18, mended
		client := &actor{name: "client", lost: func(*actor, error) { s.stop() }}
		client.made = func(a *actor) {
			_ = a.RegisterProducer(&pushy{stop: func() { panic("never stop me") }}, true) // the first: there is none yet
			a.LoseConnection()
		}
		s.pair(&actor{}, client)
		s.run("never stop me")
		s.wantEnd(client, reactor.ErrConnectionDone)
	}},

	{"a transport as a producer is stopped by LoseConnection", func(s *stage) { // PC6
		client := &actor{name: "client", lost: func(*actor, error) { s.stop() }}
		client.made = func(a *actor) {
			a.StopProducing()
			if !a.Disconnecting() {
				s.t.Error("StopProducing did not lose the connection")
			}
		}
		s.pair(&actor{}, client)
		s.run()
		s.wantEnd(client, reactor.ErrConnectionDone)
	}},

	{"a panic in ResumeProducing ends the connection for it", func(s *stage) { // LP4
		client := &actor{name: "client", lost: func(*actor, error) { s.stop() }}
		client.made = func(a *actor) {
			_ = a.RegisterProducer(&pushy{resume: func() { panic("empty hands") }}, true) // the first: there is none yet
			a.Write(make([]byte, 65537))
		}
		s.pair(&actor{}, client)
		s.run("empty hands")
		s.wantPanic(client, "empty hands")
	}},
}
