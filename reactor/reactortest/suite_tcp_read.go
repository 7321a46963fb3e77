package reactortest

import (
	"bytes"

	"proxyherd/reactor"
)

// readRules are how input is paused, resumed and ended, by either side:
// twisted/internet/test/test_tcp.py TCPConnectionTestsBuilder, and
// twisted/test/test_tcp.py HalfCloseTestCase.
var readRules = []rule{
	{"PauseProducing in a client's ConnectionMade is honoured", func(s *stage) { // TR8
		client := &actor{name: "client", made: func(a *actor) { a.PauseProducing() }}
		client.received = func(a *actor, _ []byte) error { s.note("data"); a.LoseConnection(); return nil }
		client.lost = func(*actor, error) { s.stop() }
		server := &actor{made: func(a *actor) {
			a.Write([]byte("hello"))
			s.afterRoundTrips(10, func() { s.note("resumed"); client.ResumeProducing() })
		}}
		s.pair(server, client)
		s.run()
		s.wantSteps("resumed", "data")
	}},

	{"pausing and resuming may be repeated", func(s *stage) { // TR8
		client := &actor{name: "client", lost: func(*actor, error) { s.stop() }}
		server := &actor{}
		turn := func(calls ...func()) {
			for _, call := range calls {
				call()
			}
		}
		client.made = func(a *actor) {
			pause, resume := a.PauseProducing, a.ResumeProducing
			turn(pause, resume, pause, resume, resume)
		}
		client.received = func(a *actor, data []byte) error {
			s.note("%s", data)
			pause, resume := a.PauseProducing, a.ResumeProducing
			switch string(data) {
			case "one":
				turn(resume, pause, pause, resume, pause)
				s.afterRoundTrips(5, func() { s.note("while paused"); turn(pause, resume, pause); s.CallLater(0, resume) })
				server.Write([]byte("two"))
			case "two":
				a.LoseConnection()
			}
			return nil
		}
		server.made = func(a *actor) { a.Write([]byte("one")) }
		s.pair(server, client)
		s.run()
		s.wantSteps("one", "while paused", "two")
	}},

	{"ResumeProducing reads what arrived meanwhile", func(s *stage) { // TR8
		client := &actor{name: "client", made: func(a *actor) { a.PauseProducing() }}
		server := &actor{made: func(a *actor) {
			a.Write([]byte("some bytes"))
			s.afterRoundTrips(10, func() { s.note("%q", client.data); client.ResumeProducing() })
		}}
		client.received = func(*actor, []byte) error { s.stop(); return nil }
		s.pair(server, client)
		s.run()
		s.wantSteps(`""`)
		if string(client.data) != "some bytes" {
			s.t.Errorf("the client got %q", client.data)
		}
	}},

	{"ResumeProducing while LoseConnection waits reads nothing", func(s *stage) { // TR8, TR10
		client := &actor{name: "client"}
		server := &actor{name: "server", made: func(a *actor) { a.PauseProducing(); a.Write([]byte("unread")) }}
		client.made = func(a *actor) {
			a.Write(s.tooMuch()) // so that the end has to wait
			a.LoseConnection()
			a.ResumeProducing()
			s.afterRoundTrips(10, func() {
				a.ResumeProducing()
				s.afterRoundTrips(10, func() {
					if !a.Disconnecting() || len(a.reasons) != 0 {
						s.t.Errorf("disconnecting %t, told %v; want to be waiting still", a.Disconnecting(), a.reasons)
					}
					a.AbortConnection()
				})
			})
		}
		client.lost = func(*actor, error) { s.stop() }
		s.pair(server, client)
		s.run()
		if len(client.data) != 0 {
			s.t.Errorf("the client got %q", client.data)
		}
	}},

	{"ResumeProducing after the end reads nothing", func(s *stage) { // TR8, TR19
		client := &actor{name: "client", made: func(a *actor) { a.PauseProducing(); a.LoseConnection() }}
		client.lost = func(a *actor, _ error) {
			a.ResumeProducing()
			s.CallLater(0, a.ResumeProducing)
			s.afterRoundTrips(10, s.stop)
		}
		s.pair(&actor{made: func(a *actor) { a.Write([]byte("unread")) }}, client)
		s.run()
		s.wantEnd(client, reactor.ErrConnectionDone)
		if len(client.data) != 0 {
			s.t.Errorf("the client got %q", client.data)
		}
	}},

	{"after a pause the data comes first and then the end", func(s *stage) { // TR6, TR8
		client := &actor{name: "client", made: func(a *actor) { a.PauseProducing() }}
		client.received = func(_ *actor, data []byte) error { s.note("%s", data); return nil }
		client.lost = func(*actor, error) { s.note("the end"); s.stop() }
		server := &actor{made: func(a *actor) { a.Write([]byte("some bytes")); a.LoseConnection() }}
		server.lost = func(*actor, error) {
			s.afterRoundTrips(5, func() { s.note("resumed"); client.ResumeProducing() })
		}
		s.pair(server, client)
		s.run()
		s.wantSteps("resumed", "some bytes", "the end")
		s.wantEnd(client, reactor.ErrConnectionDone)
	}},

	{"bytes before a reset are delivered", func(s *stage) { // TR6
		server := &actor{name: "server", lost: func(*actor, error) { s.stop() }}
		client := &actor{made: func(a *actor) {
			a.Write([]byte("last words"))
			s.afterRoundTrips(1, a.AbortConnection)
		}}
		s.pair(server, client)
		s.run()
		if string(server.data) != "last words" {
			s.t.Errorf("the server got %q", server.data)
		}
		s.wantEnd(server, reactor.ErrConnectionLost)
	}},

	{"the peer's half-close drops what was not sent", func(s *stage) { // TR7
		done := s.stopAfter(2)
		server := &actor{name: "server", made: func(a *actor) { a.Write(s.tooMuch()) }}
		client := &actor{name: "client", made: func(a *actor) { a.PauseProducing(); a.LoseWriteConnection() }}
		server.lost = func(*actor, error) {
			s.note("the server's end")
			s.note("the client reads")
			client.ResumeProducing()
			done()
		}
		client.lost = func(*actor, error) { done() }
		s.pair(server, client)
		s.run()
		s.wantSteps("the server's end", "the client reads")
		s.wantEnd(server, reactor.ErrConnectionDone)
		if len(client.data) == 0 || len(client.data) >= len(s.tooMuch()) {
			s.t.Errorf("the client got %d bytes, want some and not all %d", len(client.data), len(s.tooMuch()))
		}
	}},

	{"after LoseWriteConnection writes are dropped, and the peer reads the end", func(s *stage) { // HC1, HC2
		server, client := &halfCloser{}, &halfCloser{}
		server.name, client.name = "server", "client"
		client.made = func(a *actor) { a.Write([]byte("kept")); a.LoseWriteConnection() }
		client.writeLost = func() { s.note("WriteConnectionLost"); client.Write([]byte("dropped")) }
		server.readLost = func() {
			s.note("ReadConnectionLost")
			client.WriteSequence([][]byte{[]byte("dropped")})
			s.afterRoundTrips(5, func() {
				if len(server.reasons)+len(client.reasons) != 0 {
					s.t.Errorf("half closed, and told %v and %v", server.reasons, client.reasons)
				}
				s.stop()
			})
		}
		s.pair(server, client)
		s.run()
		s.wantSteps("WriteConnectionLost", "ReadConnectionLost")
		if string(server.data) != "kept" {
			s.t.Errorf("the server got %q", server.data)
		}
	}},

	{"what is written between LoseWriteConnection and the flush is sent", func(s *stage) { // HC1
		server := &halfCloser{}
		server.readLost = s.stop
		client := &halfCloser{}
		client.made = func(a *actor) {
			a.LoseWriteConnection()
			a.Write([]byte("in time"))
			a.LoseWriteConnection()
		}
		s.pair(server, client)
		s.run()
		if string(server.data) != "in time" {
			s.t.Errorf("the server got %q", server.data)
		}
	}},

	{"LoseConnection in DataReceived, with the write half closed, ends it at once", func(s *stage) { // TR16
		server, client := &halfCloser{}, &halfCloser{}
		client.name = "client"
		client.made = func(a *actor) { a.LoseWriteConnection() }
		server.readLost = func() { server.Write([]byte("stop there")) }
		client.received = func(a *actor, _ []byte) error {
			a.LoseConnection()
			s.note("told %d times when LoseConnection returns", len(a.reasons))
			s.afterRoundTrips(5, s.stop)
			return nil
		}
		s.pair(server, client)
		s.run()
		s.wantSteps("told 1 times when LoseConnection returns")
		s.wantEnd(&client.actor, reactor.ErrConnectionDone)
	}},

	{"the one that closes its half and its peer are each told once", func(s *stage) { // HC1, HC2
		server, client := &halfCloser{}, &halfCloser{}
		for _, h := range []*halfCloser{server, client} {
			h.readLost = func() { s.note("%s: ReadConnectionLost", h.name) }
			h.writeLost = func() { s.note("%s: WriteConnectionLost", h.name) }
		}
		server.name, client.name = "server", "client"
		client.made = func(a *actor) { a.LoseWriteConnection(); s.afterRoundTrips(10, s.stop) }
		s.pair(server, client)
		s.run()
		s.wantSteps("client: WriteConnectionLost", "server: ReadConnectionLost")
	}},

	{"LoseConnection in WriteConnectionLost, after the peer's end, ends it", func(s *stage) { // TR16, HC2
		server, client := &halfCloser{}, &halfCloser{}
		server.name, client.name = "server", "client"
		client.made = func(a *actor) { a.LoseWriteConnection() }
		client.readLost = func() { s.note("the client has read the end") }
		client.lost = func(*actor, error) { s.note("the client's end") }
		server.readLost = server.lateLoseWrite
		server.writeLost = func() {
			server.LoseConnection()
			s.note("the server's LoseConnection has told %d times", len(server.reasons))
			s.afterRoundTrips(5, func() { client.LoseConnection(); s.stop() })
		}
		s.pair(server, client)
		s.run()
		s.wantSteps("the server's LoseConnection has told 1 times", "the client has read the end", "the client's end")
		s.wantEnd(&server.actor, reactor.ErrConnectionDone)
		s.wantEnd(&client.actor, reactor.ErrConnectionDone)
	}},

	{"LoseWriteConnection after the peer has gone is silent", func(s *stage) { // HC1
		client := &halfCloser{}
		client.name = "client"
		server := &actor{made: func(a *actor) { a.LoseConnection() }}
		client.readLost = func() {
			client.LoseWriteConnection()
			s.afterRoundTrips(5, func() { client.LoseWriteConnection(); client.LoseConnection() })
		}
		client.writeLost = func() { s.note("WriteConnectionLost") }
		client.lost = func(*actor, error) { s.stop() }
		s.pair(server, client)
		s.run()
		s.wantSteps("WriteConnectionLost")
		s.wantEnd(&client.actor, reactor.ErrConnectionDone)
	}},
}

// lateLoseWrite ends our direction after a last word.
func (h *halfCloser) lateLoseWrite() {
	h.Write(bytes.Repeat([]byte("."), 1000))
	h.LoseWriteConnection()
}
