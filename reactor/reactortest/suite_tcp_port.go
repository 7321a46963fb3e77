package reactortest

import (
	"errors"
	"fmt"

	"proxyherd/reactor"
)

// portRules are what ports and connectors do with their factories:
// twisted/test/test_tcp.py ListeningTestCase, and
// twisted/internet/test/test_tcp.py TCPConnectorTestsBuilder.
var portRules = []rule{
	{"a factory may close its port while it builds a protocol", func(s *stage) { // TR25
		var port reactor.ListeningPort
		closed := false
		server := &actor{name: "server", received: func(a *actor, data []byte) error { a.Write(data); a.LoseConnection(); return nil }}
		port = s.listen(&director{build: func(reactor.Address) reactor.Protocol {
			port.StopListening().AddCallback(func(v struct{}) (struct{}, error) { closed = true; return v, nil })
			return server
		}})
		client := &actor{name: "client", made: func(a *actor) { a.Write([]byte("hello")) }}
		client.lost = func(*actor, error) { s.stop() }
		s.connectTo(port, casting(client))
		s.run()
		if !closed || string(client.data) != "hello" {
			s.t.Errorf("the port was closed: %t; the client got %q", closed, client.data)
		}
		s.wantEnd(client, reactor.ErrConnectionDone)
	}},

	{"a panic in a factory that is stopped is StopListening's failure", func(s *stage) { // TR25
		f := casting(&actor{})
		f.stop = func() { panic("not yet!") }
		port := s.listen(f)
		s.CallWhenRunning(func() { s.closeBadly(port, s.stop) })
		s.run()
		s.wantSteps("not yet!")
	}},

	{"after that failure the port can be opened again", func(s *stage) { // TR25
		f := &director{build: func(reactor.Address) reactor.Protocol {
			return &actor{made: func(a *actor) { a.Write([]byte("welcome back")); a.LoseConnection() }}
		}}
		f.stop = func() { f.stop = nil; panic("not yet!") }
		port := s.listen(f)
		client := &actor{name: "client", lost: func(*actor, error) { s.stop() }}
		s.CallWhenRunning(func() {
			s.closeBadly(port, func() {
				if err := port.StartListening(); err != nil {
					s.t.Errorf("StartListening: %v", err)
				}
				s.connectTo(port, casting(client))
			})
		})
		s.run()
		s.wantSteps("not yet!")
		if string(client.data) != "welcome back" {
			s.t.Errorf("the client got %q", client.data)
		}
	}},

	{"a panic in a factory that is started leaves no port", func(s *stage) { // TR24
		f := casting(&actor{})
		f.start = func() { panic("no start") }
		f.stop = s.noting("a port that never was is closed")
		if caught(func() { _, _ = s.ListenTCP(0, f, 0, s.harness.Host) }) == nil {
			s.t.Error("ListenTCP swallowed the panic")
		}
		s.CallWhenRunning(s.stop)
		s.run() // its end closes every port
		s.wantSteps()
	}},

	{"a port starts its factory, its connections do not", func(s *stage) { // TR21
		started := 0
		f := &director{start: func() { started++ }, build: func(reactor.Address) reactor.Protocol {
			return &actor{made: func(a *actor) { a.LoseConnection() }}
		}}
		port := s.listen(f)
		done := s.stopAfter(3)
		for range 3 {
			s.connectTo(port, casting(&actor{lost: func(*actor, error) { done() }}))
		}
		s.run()
		if started != 1 {
			s.t.Errorf("the factory was started %d times", started)
		}
	}},

	{"a port number must exist", func(s *stage) { // TR20, CN12
		numbers := []int{-1, 65536, 1 << 20}
		done := s.stopAfter(2 * len(numbers))
		for _, number := range numbers {
			_, err := s.ListenTCP(number, casting(&actor{}), 0, s.harness.Host)
			var cannot *reactor.CannotListenError
			if !errors.As(err, &cannot) || cannot.Port != number {
				s.t.Errorf("ListenTCP(%d) gave %v, want a CannotListenError that names it", number, err)
			}
			s.ConnectTCP(s.harness.Host, number, &director{failed: func(_ reactor.Connector, reason error) {
				s.wantIs(reason, reactor.ErrConnect, fmt.Sprintf("the reason for port %d", number))
				done()
			}}, 0, nil)
			s.ConnectTCP(s.harness.Host, 1, &director{failed: func(_ reactor.Connector, reason error) {
				s.wantIs(reason, reactor.ErrConnectBind, fmt.Sprintf("the reason for local port %d", number))
				done()
			}}, 0, reactor.IPv4Address{Host: s.harness.Host, Port: number})
		}
		s.run()
	}},

	{"every hook gets the connector that ConnectTCP returned", func(s *stage) {
		var hooks []reactor.Connector
		var told []string
		hook := func(name string, c reactor.Connector) { hooks, told = append(hooks, c), append(told, name) }
		port := s.listen(casting(&actor{made: func(a *actor) { a.LoseConnection() }}))
		var refused reactor.Connector
		refused = s.ConnectTCP(s.harness.Host, -1, &director{
			connecting: func(c reactor.Connector) { hook("StartedConnecting", c) },
			failed: func(c reactor.Connector, _ error) {
				hook("ClientConnectionFailed", c)
				for i, got := range hooks {
					if got != refused {
						s.t.Errorf("%s got %v, want %v", told[i], got, refused)
					}
				}
				count := len(hooks)
				hooks, told = nil, nil
				var made reactor.Connector
				made = s.connectTo(port, &director{
					connecting: func(c reactor.Connector) { hook("StartedConnecting", c) },
					build:      func(reactor.Address) reactor.Protocol { return &actor{} },
					ended: func(c reactor.Connector, _ error) {
						hook("ClientConnectionLost", c)
						for i, got := range hooks {
							if got != made {
								s.t.Errorf("%s got %v, want %v", told[i], got, made)
							}
						}
						s.note("%d hooks, then %d", count, len(hooks))
						s.stop()
					},
				})
			},
		}, 0, nil)
		s.run()
		s.wantSteps("2 hooks, then 2")
	}},

	{"StopConnecting in StartedConnecting fails the attempt", func(s *stage) { // CN3
		s.CallWhenRunning(func() {
			s.ConnectTCP(s.harness.Silent.Host, s.harness.Silent.Port, &director{
				connecting: func(c reactor.Connector) {
					s.note("StartedConnecting")
					if err := c.StopConnecting(); err != nil {
						s.t.Errorf("StopConnecting: %v", err)
					}
				},
				failed: func(c reactor.Connector, reason error) {
					s.note("ClientConnectionFailed %v", c.State())
					s.wantIs(reason, reactor.ErrUser, "the reason")
				},
				stop: s.noting("DoStop"),
			}, 0, nil)
			s.note("ConnectTCP has returned")
			s.afterRoundTrips(5, s.stop)
		})
		s.run()
		s.wantSteps("StartedConnecting", "ClientConnectionFailed disconnected", "DoStop", "ConnectTCP has returned")
	}},

	{"Disconnect in BuildProtocol ends the connection that is made", func(s *stage) { // CN4
		client := &actor{name: "client", made: func(a *actor) { s.note("ConnectionMade, disconnecting %t", a.Disconnecting()) }}
		var c reactor.Connector
		c = s.connectTo(s.listen(casting(&actor{})), &director{
			build: func(reactor.Address) reactor.Protocol { c.Disconnect(); return client },
			ended: func(reactor.Connector, error) { s.note("ClientConnectionLost"); s.stop() },
		})
		s.run()
		s.wantSteps("ConnectionMade, disconnecting true", "ClientConnectionLost")
		s.wantEnd(client, reactor.ErrConnectionDone)
	}},
}

// closeBadly closes a port whose factory panics when it is stopped, notes the
// panic's value, and then calls then.
func (s *stage) closeBadly(port reactor.ListeningPort, then func()) {
	port.StopListening().AddCallbacks(
		func(v struct{}) (struct{}, error) {
			s.t.Error("StopListening succeeded")
			s.stop()
			return v, nil
		},
		func(err error) (struct{}, error) {
			if p := new(reactor.PanicError); errors.As(err, &p) {
				s.note("%v", p.Value)
			}
			then()
			return struct{}{}, nil
		})
}
