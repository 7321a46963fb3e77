package reactortest

import "proxyherd/reactor"

// consumerRules is what a transport does with its producer.
var consumerRules = []rule{
	{"a pull producer is asked at once, and a second producer refused", func(s *stage) { // PC1
		first, second := &pushy{}, &pushy{}
		s.pair(&actor{}, &actor{made: func(a *actor) {
			if err := a.RegisterProducer(first, false); err != nil {
				s.t.Errorf("RegisterProducer: %v", err)
			}
			s.note("asked %d times", first.resumed)
			for _, streaming := range []bool{false, true} {
				s.wantIs(a.RegisterProducer(second, streaming), reactor.ErrProducerRegistered, "a second RegisterProducer")
			}
			s.note("the second was asked %d times", second.resumed)
			s.stop()
		}})
		s.run()
		s.wantSteps("asked 1 times", "the second was asked 0 times")
		if first.stopped != 1 || second.stopped != 0 {
			s.t.Errorf("the first was stopped %d times, the second %d; want 1 and 0", first.stopped, second.stopped)
		}
	}},

	{"a producer that is registered after the end is stopped, and not kept", func(s *stage) { // PC1
		late, later := &pushy{}, &pushy{}
		client := &actor{made: func(a *actor) { a.LoseConnection() }}
		client.lost = func(a *actor, _ error) {
			for _, p := range []*pushy{late, later} {
				if err := a.RegisterProducer(p, p == late); err != nil {
					s.t.Errorf("RegisterProducer: %v", err)
				}
			}
			s.stop()
		}
		s.pair(&actor{}, client)
		s.run()
		for _, p := range []*pushy{late, later} {
			if p.stopped != 1 || p.resumed != 0 || p.paused != 0 {
				s.t.Errorf("a producer was stopped %d times, resumed %d, paused %d; want 1, 0, 0", p.stopped, p.resumed, p.paused)
			}
		}
	}},

	{"a pull producer is never paused by Write", func(s *stage) { // PC3
		producer := &pushy{}
		s.pair(&actor{}, &actor{made: func(a *actor) {
			_ = a.RegisterProducer(producer, false) // the first: the transport has none yet
			a.Write(make([]byte, highWater+1))
			a.Write(make([]byte, highWater+1))
			s.stop()
		}})
		s.run()
		if producer.paused != 0 || producer.resumed != 1 {
			s.t.Errorf("it was paused %d times and asked %d, want 0 and 1", producer.paused, producer.resumed)
		}
	}},

	{"a producer's pause outlasts it: the next one is resumed when nothing waits", func(s *stage) { // PC1, PC4, TR14
		first, next := &pushy{}, &pushy{}
		server := &actor{name: "server", lost: func(*actor, error) { s.stop() }}
		s.pair(server, &actor{made: func(a *actor) {
			_ = a.RegisterProducer(first, true) // the first: the transport has none yet
			a.Write(make([]byte, highWater+1))
			a.UnregisterProducer()
			next.resume = func() {
				s.note("paused %d times, and resumed", next.paused)
				a.Write([]byte{0})
				a.UnregisterProducer()
			}
			_ = a.RegisterProducer(next, true) // the one before has gone
			a.LoseConnection()                 // waits for it, as for any that is paused
		}})
		s.run()
		s.wantSteps("paused 0 times, and resumed")
		if first.resumed != 0 || len(server.data) != highWater+2 {
			s.t.Errorf("the first was resumed %d times, and %d bytes arrived", first.resumed, len(server.data))
		}
	}},

	{"a push producer may fill the buffer again by Write as it is resumed", func(s *stage) { s.refilling(write) }},
	{"a push producer may fill the buffer again by WriteSequence as it is resumed", func(s *stage) { s.refilling(writeSequence) }},
}

func write(a *actor, data []byte)         { a.Write(data) }
func writeSequence(a *actor, data []byte) { a.WriteSequence([][]byte{data[:1], data[1:]}) }

// refilling has a push producer that, twice, writes too much as soon as it is
// resumed: the pause within ResumeProducing must outlast it.
func (s *stage) refilling(write func(a *actor, data []byte)) { // PC4
	producer, piece := &pushy{}, make([]byte, highWater+1)
	server := &actor{name: "server", lost: func(*actor, error) { s.stop() }}
	s.pair(server, &actor{made: func(a *actor) {
		_ = a.RegisterProducer(producer, true) // the first: the transport has none yet
		producer.resume = func() {
			s.note("resumed %d, paused %d", producer.resumed, producer.paused)
			if producer.resumed < 3 {
				write(a, piece)
				return
			}
			a.UnregisterProducer()
			a.LoseConnection()
		}
		write(a, piece)
	}})
	s.run()
	s.wantSteps("resumed 1, paused 1", "resumed 2, paused 2", "resumed 3, paused 3")
	if len(server.data) != 3*len(piece) {
		s.t.Errorf("the server got %d bytes, want %d", len(server.data), 3*len(piece))
	}
}
