package reactortest

import (
	"fmt"

	"proxyherd/reactor"
)

var connectRules = []rule{
	{"what a client sends comes back", func(s *stage) {
		done := s.stopAfter(2)
		server := &actor{name: "server", received: func(a *actor, data []byte) error { a.Write(data); return nil }}
		client := &actor{name: "client", made: func(a *actor) { a.WriteSequence([][]byte{[]byte("hello, "), nil, []byte("herd")}) }}
		client.received = func(a *actor, _ []byte) error {
			if len(a.data) == len("hello, herd") {
				a.LoseConnection()
			}
			return nil
		}
		server.lost = func(*actor, error) { done() }
		client.lost = func(*actor, error) { done() }
		s.pair(server, client)
		s.run()
		if string(client.data) != "hello, herd" {
			s.t.Errorf("the client got %q", client.data)
		}
		s.wantEnd(server, reactor.ErrConnectionDone)
		s.wantEnd(client, reactor.ErrConnectionDone)
	}},

	{"each side knows its own address and the other's", func(s *stage) { // TR21, CN5, TR19
		done := s.stopAfter(2)
		var told, host, peer struct{ server, client reactor.Address }
		server := &actor{made: func(a *actor) { host.server = a.GetHost(); a.LoseConnection() }}
		client := &actor{made: func(a *actor) { host.client = a.GetHost() }}
		// A peer is known after the end too.
		server.lost = func(a *actor, _ error) { peer.server = a.GetPeer(); done() }
		client.lost = func(a *actor, _ error) { peer.client = a.GetPeer(); done() }
		port := s.listen(&director{build: func(addr reactor.Address) reactor.Protocol { told.server = addr; return server }})
		s.connectTo(port, &director{build: func(addr reactor.Address) reactor.Protocol { told.client = addr; return client }})
		s.run()
		if at := port.GetHost(); host.server != at || told.client != at || peer.client != at {
			s.t.Errorf("the port is %v, but the server's host is %v, the client's factory was told %v and its peer is %v",
				at, host.server, told.client, peer.client)
		}
		if at := host.client; at == nil || told.server != at || peer.server != at {
			s.t.Errorf("the client is %v, but the server's factory was told %v and its peer is %v", at, told.server, peer.server)
		}
	}},

	{"a short client life goes by the book", func(s *stage) { // CN1, CN2, CN5, CN7, CN8
		server := &actor{name: "server", made: func(a *actor) { a.Write([]byte("hi")); a.LoseConnection() }}
		client := &actor{
			name: "client",
			made: func(*actor) { s.note("ConnectionMade") },
			received: func(_ *actor, data []byte) error {
				s.note("DataReceived %s", data)
				return nil
			},
			lost: func(_ *actor, reason error) { s.note("ConnectionLost %v", reason == reactor.ErrConnectionDone) },
		}
		port := s.listen(casting(server))
		s.CallWhenRunning(func() {
			s.connectTo(port, &director{
				start:      s.noting("DoStart"),
				connecting: func(c reactor.Connector) { s.note("StartedConnecting %v", c.State()) },
				build:      func(reactor.Address) reactor.Protocol { s.note("BuildProtocol"); return client },
				failed:     func(_ reactor.Connector, reason error) { s.note("ClientConnectionFailed %v", reason) },
				ended:      func(c reactor.Connector, _ error) { s.note("ClientConnectionLost %v", c.State()) },
				stop:       func() { s.note("DoStop"); s.stop() },
			})
			s.note("ConnectTCP has returned")
		})
		s.run()
		s.wantSteps("DoStart", "StartedConnecting connecting", "ConnectTCP has returned", "BuildProtocol", "ConnectionMade",
			"DataReceived hi", "ConnectionLost true", "ClientConnectionLost disconnected", "DoStop")
	}},

	{"Connect in a hook keeps the factory started", func(s *stage) { // CN7
		lives := 0
		server := &director{build: func(reactor.Address) reactor.Protocol {
			return &actor{made: func(a *actor) { a.LoseConnection() }}
		}}
		port := s.listen(server)
		s.connectTo(port, &director{
			start: s.noting("DoStart"),
			build: func(reactor.Address) reactor.Protocol { lives++; s.note("life %d", lives); return &actor{} },
			ended: func(c reactor.Connector, _ error) {
				if lives < 3 {
					if err := c.Connect(); err != nil {
						s.t.Errorf("Connect in ClientConnectionLost: %v", err)
					}
				}
			},
			stop: func() { s.note("DoStop"); s.stop() },
		})
		s.run()
		s.wantSteps("DoStart", "life 1", "life 2", "life 3", "DoStop")
	}},

	{"Connect is refused while connecting and while connected", func(s *stage) { // CN1
		client := &actor{name: "client"}
		var c reactor.Connector
		check := func(state reactor.ConnectorState) {
			if c.State() != state {
				s.t.Errorf("the connector is %v, want %v", c.State(), state)
			}
			s.wantIs(c.Connect(), reactor.ErrConnectorBusy, fmt.Sprintf("Connect while %v", state))
		}
		client.made = func(*actor) { check(reactor.Connected); s.stop() }
		c = s.pair(&actor{}, client)
		check(reactor.Connecting)
		s.run()
	}},

	{"Disconnect loses a connection", func(s *stage) { // CN4
		client := &actor{name: "client"}
		var c reactor.Connector
		client.made = func(a *actor) {
			c.Disconnect()
			if len(a.reasons) != 0 || !a.Disconnecting() {
				s.t.Errorf("after Disconnect: lost %d times, disconnecting %v; want LoseConnection's 0 and true", len(a.reasons), a.Disconnecting())
			}
		}
		c = s.connectTo(s.listen(casting(&actor{})), &director{
			build: func(reactor.Address) reactor.Protocol { return client },
			stop: func() {
				c.Disconnect() // does nothing any more
				s.stop()
			},
		})
		s.run()
		s.wantEnd(client, reactor.ErrConnectionDone)
	}},

	{"a host may be a name", func(s *stage) { // CN10, RZ1
		port := s.listen(casting(&actor{}))
		_, number := reactor.SplitAddress(port.GetHost())
		client := &actor{made: func(*actor) { s.stop() }}
		c := s.ConnectTCP("localhost", number, casting(client), 0, nil)
		if want := (reactor.IPv4Address{Host: "localhost", Port: number}); c.GetDestination() != want {
			s.t.Errorf("GetDestination is %v, want the host as it was given: %v", c.GetDestination(), want)
		}
		s.run()
		if client.TCPTransport == nil {
			s.t.Error("no connection was made")
		}
	}},

	{"a literal is looked up without waiting", func(s *stage) { // RZ1
		for _, name := range []string{"", "192.0.2.1"} {
			d := s.Resolve(name)
			if !d.Called() {
				s.t.Errorf("Resolve(%q) has no result yet", name)
			}
			d.AddBoth(func(got string, err error) (string, error) { s.note("%q is %s, %v", name, got, err); return got, nil })
		}
		s.wantSteps(`"" is 0.0.0.0, <nil>`, `"192.0.2.1" is 192.0.2.1, <nil>`)
	}},

	{"a connection leaves from the address that it was told", func(s *stage) {
		port := s.listen(casting(&actor{}))
		host, number := reactor.SplitAddress(port.GetHost())
		var got string
		client := &actor{made: func(a *actor) { got, _ = reactor.SplitAddress(a.GetHost()); s.stop() }}
		s.ConnectTCP(host, number, casting(client), 0, reactor.IPv4Address{Host: s.harness.Host})
		s.run()
		if got != s.harness.Host {
			s.t.Errorf("it left from %s, want %s", got, s.harness.Host)
		}
	}},

	{"the options of the socket can be set until the end", func(s *stage) { // TR19
		client := &actor{name: "client"}
		checkEnd := func(err error) { s.wantIs(err, reactor.ErrConnectionClosed, "an option after the end") }
		client.made = func(a *actor) {
			for _, on := range []bool{true, false} {
				if err := a.SetTcpNoDelay(on); err != nil {
					s.t.Errorf("SetTcpNoDelay: %v", err)
				}
				if err := a.SetTcpKeepAlive(!on); err != nil {
					s.t.Errorf("SetTcpKeepAlive: %v", err)
				}
				noDelay, err := a.GetTcpNoDelay()
				keepAlive, err2 := a.GetTcpKeepAlive()
				s.note("%t %t %v %v", noDelay, keepAlive, err, err2)
			}
			a.LoseConnection()
		}
		client.lost = func(a *actor, _ error) {
			_, err := a.GetTcpNoDelay()
			checkEnd(err)
			_, err = a.GetTcpKeepAlive()
			checkEnd(err)
			checkEnd(a.SetTcpNoDelay(true))
			checkEnd(a.SetTcpKeepAlive(true))
			s.stop()
		}
		s.pair(&actor{}, client)
		s.run()
		s.wantSteps("true false <nil> <nil>", "false true <nil> <nil>")
	}},
}
