package reactortest

import (
	"bytes"

	"proxyherd/reactor"
)

var halfCloseRules = []rule{
	{"without a half-closeable protocol the peer's end is the whole end", func(s *stage) { // TR7, HC1
		done := s.stopAfter(2)
		lost := func(*actor, error) { done() }
		server := &actor{name: "server", lost: lost}
		client := &actor{name: "client", lost: lost, made: func(a *actor) { a.Write([]byte("bye")); a.LoseWriteConnection() }}
		s.pair(server, client)
		s.run()
		if string(server.data) != "bye" {
			s.t.Errorf("the server got %q, want what was written before the end", server.data)
		}
		s.wantEnd(server, reactor.ErrConnectionDone)
		s.wantEnd(client, reactor.ErrConnectionDone)
	}},

	{"a half-closeable protocol answers after the peer's end", func(s *stage) { // HC1, HC2, TR13, TR16
		question, answer := pattern(1<<20), pattern(2 << 20)[1<<20:]
		server, client := &halfCloser{}, &halfCloser{}
		server.name, client.name = "server", "client"
		server.readLost = func() {
			s.note("the server has read the end")
			// Later, as an answer that has to be computed first.
			s.CallLater(0, func() { server.Write(answer); server.LoseConnection() })
		}
		client.made = func(a *actor) {
			a.Write(question)
			a.LoseWriteConnection()
			a.LoseWriteConnection()
		}
		client.writeLost = func() {
			s.note("the client has sent the end")
			client.Write([]byte("dropped"))
		}
		client.readLost = func() {
			s.note("the client has read the end")
			client.LoseConnection() // its write half is closed: nothing is left to wait for
			s.note("LoseConnection has returned")
		}
		client.lost = func(*actor, error) { s.note("the client's ConnectionLost"); s.stop() }
		s.pair(server, client)
		s.run()
		s.wantSteps("the client has sent the end", "the server has read the end", "the client has read the end",
			"the client's ConnectionLost", "LoseConnection has returned")
		if !bytes.Equal(server.data, question) || !bytes.Equal(client.data, answer) {
			s.t.Errorf("the server got %d bytes and the client %d, want the question and the answer of %d and %d",
				len(server.data), len(client.data), len(question), len(answer))
		}
		s.wantEnd(&server.actor, reactor.ErrConnectionDone)
		s.wantEnd(&client.actor, reactor.ErrConnectionDone)
	}},

	{"a panic in ReadConnectionLost ends the connection for it", func(s *stage) { // HC3
		server := &halfCloser{readLost: func() { panic("no more?") }}
		server.name, server.lost = "server", func(*actor, error) { s.stop() }
		s.pair(server, &actor{made: func(a *actor) { a.LoseWriteConnection() }})
		s.run("no more?")
		s.wantPanic(&server.actor, "no more?")
	}},

	{"a panic in WriteConnectionLost ends the connection for it", func(s *stage) { // HC3
		client := &halfCloser{writeLost: func() { panic("nothing to say?") }}
		client.name, client.lost = "client", func(*actor, error) { s.stop() }
		client.made = func(a *actor) { a.LoseWriteConnection() }
		s.pair(&halfCloser{}, client)
		s.run("nothing to say?")
		s.wantPanic(&client.actor, "nothing to say?")
	}},

	{"the second LoseWriteConnection changes nothing, nor does one after the end", func(s *stage) { // HC1, mended
		done := s.stopAfter(2)
		server := &halfCloser{}
		server.name, server.lost = "server", func(*actor, error) { done() }
		client := &halfCloser{writeLost: s.noting("the client has sent the end")}
		client.name, client.made = "client", func(a *actor) { a.LoseWriteConnection() }
		client.readLost = func() { client.LoseConnection() }
		client.lost = func(a *actor, _ error) { a.LoseWriteConnection(); done() }
		server.readLost = func() {
			client.LoseWriteConnection()
			s.afterRoundTrips(5, func() { server.Write([]byte("still here")); server.LoseConnection() })
		}
		s.pair(server, client)
		s.run()
		s.wantSteps("the client has sent the end")
		if string(client.data) != "still here" {
			s.t.Errorf("the client got %q after its second LoseWriteConnection", client.data)
		}
		s.wantEnd(&client.actor, reactor.ErrConnectionDone)
		s.wantEnd(&server.actor, reactor.ErrConnectionDone)
	}},

	{"ReadConnectionLost is told once, whoever resumes after it", func(s *stage) { // HC2, mended
		server := &halfCloser{}
		server.name = "server"
		server.readLost = func() {
			s.note("the server has read the end")
			server.ResumeProducing()
			s.afterRoundTrips(5, func() { server.ResumeProducing(); s.afterRoundTrips(5, s.stop) })
		}
		s.pair(server, &halfCloser{actor: actor{made: func(a *actor) { a.LoseWriteConnection() }}})
		s.run()
		s.wantSteps("the server has read the end")
	}},

	{"ErrConnectionDone from DataReceived is the end of both directions", func(s *stage) { // HC2, TR3, mended
		server := &halfCloser{readLost: func() { s.t.Error("ReadConnectionLost was called") }}
		server.name = "server"
		server.received = func(*actor, []byte) error { return reactor.ErrConnectionDone }
		server.lost = func(*actor, error) { s.stop() }
		s.pair(server, &actor{made: func(a *actor) { a.Write([]byte("x")) }})
		s.run(reactor.ErrConnectionDone.Error())
		s.wantEnd(&server.actor, reactor.ErrConnectionDone)
	}},
}
