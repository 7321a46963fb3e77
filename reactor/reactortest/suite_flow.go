package reactortest

import (
	"bytes"

	"proxyherd/reactor"
)

var flowRules = []rule{
	{"DataReceived gets 1 to 65536 bytes, and all of them in order", func(s *stage) { // TR1, TR2
		whole := pattern(3 << 20)
		largest, empty := 0, 0
		server := &actor{received: func(_ *actor, data []byte) error {
			largest = max(largest, len(data))
			if len(data) == 0 {
				empty++
			}
			return nil
		}}
		server.lost = func(*actor, error) { s.stop() }
		s.pair(server, &actor{made: func(a *actor) { a.Write(whole); a.LoseConnection() }})
		s.run()
		if !bytes.Equal(server.data, whole) {
			s.t.Errorf("the server got %d bytes, want the %d that were written", len(server.data), len(whole))
		}
		if largest > 65536 || empty > 0 {
			s.t.Errorf("the largest piece was %d bytes, and %d were empty", largest, empty)
		}
	}},

	{"Write takes a copy", func(s *stage) {
		server := &actor{lost: func(*actor, error) { s.stop() }}
		s.pair(server, &actor{made: func(a *actor) {
			buf := []byte("original")
			a.Write(buf)
			a.WriteSequence([][]byte{buf, buf})
			copy(buf, "replaced")
			a.LoseConnection()
		}})
		s.run()
		if want := "originaloriginaloriginal"; string(server.data) != want {
			s.t.Errorf("the server got %q, want %q", server.data, want)
		}
	}},

	{"a paused connection delivers nothing, not even its end", func(s *stage) { // TR8
		server := &actor{name: "server", lost: func(*actor, error) { s.stop() }}
		server.made = func(a *actor) {
			a.PauseProducing()
			a.PauseProducing()
		}
		client := &actor{name: "client", made: func(a *actor) { a.Write([]byte("knock knock")); a.LoseConnection() }}
		client.lost = func(*actor, error) {
			s.afterRoundTrips(10, func() {
				if len(server.data)+len(server.reasons) != 0 {
					s.t.Errorf("while paused the server got %q and was told %v", server.data, server.reasons)
				}
				server.ResumeProducing()
			})
		}
		s.pair(server, client)
		s.run()
		if string(server.data) != "knock knock" {
			s.t.Errorf("the server got %q", server.data)
		}
		s.wantEnd(server, reactor.ErrConnectionDone)
	}},

	{"PauseProducing in DataReceived keeps the next piece back", func(s *stage) { // TR8
		whole := pattern(256 << 10)
		server := &actor{lost: func(*actor, error) { s.stop() }}
		pieces, reading := 0, true
		server.received = func(a *actor, _ []byte) error {
			if !reading {
				s.t.Error("a piece was delivered to a paused connection")
			}
			pieces++
			reading = false
			a.PauseProducing()
			s.CallLater(0, func() { reading = true; a.ResumeProducing() })
			return nil
		}
		s.pair(server, &actor{made: func(a *actor) { a.Write(whole); a.LoseConnection() }})
		s.run()
		if !bytes.Equal(server.data, whole) || pieces < 4 {
			s.t.Errorf("the server got %d bytes in %d pieces, want %d in 4 at least", len(server.data), pieces, len(whole))
		}
	}},

	{"links are flushed before clients", func(s *stage) {
		var senders []*actor
		everybody := s.stopAfter(3)
		port := s.listen(&director{build: func(reactor.Address) reactor.Protocol {
			a := &actor{}
			senders = append(senders, a)
			return a
		}})
		for range 3 {
			c := &actor{made: func(a *actor) { a.Write([]byte("here")) }}
			c.received = func(_ *actor, data []byte) error { s.note("%s", data); everybody(); return nil }
			s.connectTo(port, casting(c))
		}
		s.CallWhenRunning(func() {
			s.afterRoundTrips(20, func() {
				if len(senders) != 3 {
					s.t.Errorf("%d of 3 connections were accepted by now", len(senders))
					s.stop()
					return
				}
				for i, order := range []reactor.FlushOrder{reactor.FlushLast, reactor.FlushNormal, reactor.FlushFirst} {
					senders[i].SetFlushOrder(order)
				}
				senders[0].Write([]byte("client"))
				senders[1].Write([]byte("neither"))
				senders[2].Write([]byte("link"))
			})
		})
		s.run()
		s.wantSteps("link", "neither", "client")
	}},

	{"within one flush order, the first written to goes first", func(s *stage) {
		var senders []*actor
		everybody := s.stopAfter(3)
		port := s.listen(&director{build: func(reactor.Address) reactor.Protocol {
			a := &actor{}
			senders = append(senders, a)
			return a
		}})
		for range 3 {
			s.connectTo(port, casting(&actor{received: func(_ *actor, data []byte) error { s.note("%s", data); everybody(); return nil }}))
		}
		s.CallWhenRunning(func() {
			s.afterRoundTrips(20, func() {
				if len(senders) != 3 {
					s.t.Errorf("%d of 3 connections were accepted by now", len(senders))
					s.stop()
					return
				}
				for _, place := range []int{2, 0, 1, 2, 0} {
					senders[place].Write([]byte{byte('a' + place)})
				}
			})
		})
		s.run()
		s.wantSteps("cc", "aa", "b")
	}},
}
