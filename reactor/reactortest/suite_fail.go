package reactortest

import (
	"errors"
	"syscall"
	"time"

	"proxyherd/reactor"
)

// failing is a factory that notes how its attempt failed, and then calls then.
func (s *stage) failing(then func(reason error)) *director {
	return &director{
		start: s.noting("DoStart"),
		build: func(reactor.Address) reactor.Protocol { s.note("BuildProtocol"); return nil },
		failed: func(c reactor.Connector, reason error) {
			s.note("ClientConnectionFailed %v", c.State())
			then(reason)
		},
		stop: s.noting("DoStop"),
	}
}

var failRules = []rule{
	{"a connection that nobody listens for is refused", func(s *stage) { // CN6, CN12
		port := s.listen(casting(&actor{}))
		s.CallWhenRunning(func() {
			port.StopListening().AddCallback(func(v struct{}) (struct{}, error) {
				s.connectTo(port, s.failing(func(reason error) {
					s.wantIs(reason, reactor.ErrConnectionRefused, "the reason")
					s.wantIs(reason, reactor.ErrConnect, "the reason")
					s.wantIs(reason, syscall.ECONNREFUSED, "the reason")
					s.CallLater(0, s.stop)
				}))
				return v, nil
			})
		})
		s.run()
		s.wantSteps("DoStart", "ClientConnectionFailed disconnected", "DoStop")
	}},

	{"an attempt that nobody answers ends with its time-out", func(s *stage) { // CN1, CN12, ER3
		const patience = 50 * time.Millisecond
		var began time.Time
		s.CallWhenRunning(func() {
			began = s.Seconds()
			s.ConnectTCP(s.harness.Silent.Host, s.harness.Silent.Port, s.failing(func(reason error) {
				s.wantIs(reason, reactor.ErrTimeout, "the reason")
				s.wantIs(reason, reactor.ErrUser, "the reason")
				if waited := s.Seconds().Sub(began); waited < patience {
					s.t.Errorf("gave up after %v, want %v at least", waited, patience)
				}
				s.CallLater(0, s.stop)
			}), patience, nil)
		})
		s.run()
		s.wantSteps("DoStart", "ClientConnectionFailed disconnected", "DoStop")
	}},

	{"StopConnecting is heard of before it returns", func(s *stage) { // CN3
		s.CallWhenRunning(func() {
			c := s.ConnectTCP(s.harness.Silent.Host, s.harness.Silent.Port, s.failing(func(reason error) {
				s.wantIs(reason, reactor.ErrUser, "the reason")
				if errors.Is(reason, reactor.ErrTimeout) {
					s.t.Errorf("the reason is a time-out: %v", reason)
				}
			}), 0, nil)
			if err := c.StopConnecting(); err != nil {
				s.t.Errorf("StopConnecting: %v", err)
			}
			s.note("StopConnecting has returned")
			s.wantIs(c.StopConnecting(), reactor.ErrNotConnecting, "StopConnecting when there is no attempt")
			if n := len(s.GetDelayedCalls()); n > 1 {
				s.t.Errorf("%d calls are pending; the time-out should be cancelled", n)
			}
			s.afterRoundTrips(3, s.stop)
		})
		s.run()
		s.wantSteps("DoStart", "ClientConnectionFailed disconnected", "DoStop", "StopConnecting has returned")
	}},

	{"Disconnect gives up an attempt under way", func(s *stage) { // CN4
		s.CallWhenRunning(func() {
			c := s.ConnectTCP(s.harness.Silent.Host, s.harness.Silent.Port, s.failing(func(reason error) {
				s.wantIs(reason, reactor.ErrUser, "the reason")
			}), 0, nil)
			// A few turns later, so that the attempt has really begun.
			s.afterRoundTrips(3, func() { c.Disconnect(); s.note("Disconnect has returned"); s.stop() })
		})
		s.run()
		s.wantSteps("DoStart", "ClientConnectionFailed disconnected", "DoStop", "Disconnect has returned")
	}},

	{"a local address that cannot be had fails the attempt", func(s *stage) { // CN12
		port := s.listen(casting(&actor{}))
		host, number := reactor.SplitAddress(port.GetHost())
		s.ConnectTCP(host, number, s.failing(func(reason error) {
			s.wantIs(reason, reactor.ErrConnectBind, "the reason")
			s.stop()
		}), 0, reactor.IPv4Address{Host: "not an address"})
		s.run()
		s.wantSteps("DoStart", "ClientConnectionFailed disconnected", "DoStop")
	}},

	{"a client factory that builds nothing hears of a clean end", func(s *stage) { // CN9, mended
		port := s.listen(casting(&actor{}))
		s.connectTo(port, &director{
			build: func(reactor.Address) reactor.Protocol { s.note("BuildProtocol"); return nil },
			ended: func(c reactor.Connector, reason error) {
				s.note("ClientConnectionLost %v", c.State())
				s.wantIs(reason, reactor.ErrConnectionDone, "the reason")
			},
			stop: func() { s.note("DoStop"); s.stop() },
		})
		s.run()
		s.wantSteps("BuildProtocol", "ClientConnectionLost disconnected", "DoStop")
	}},

	{"a panic in a client's BuildProtocol fails the attempt", func(s *stage) { // CN9
		port := s.listen(casting(&actor{}))
		s.connectTo(port, &director{
			build: func(reactor.Address) reactor.Protocol { panic("no protocol today") },
			failed: func(c reactor.Connector, reason error) {
				s.note("ClientConnectionFailed %v", c.State())
				s.wantIs(reason, reactor.ErrConnect, "the reason")
				if p := new(reactor.PanicError); !errors.As(reason, &p) || p.Value != "no protocol today" {
					s.t.Errorf("the reason is %v, want the panic in it", reason)
				}
			},
			stop: func() { s.note("DoStop"); s.stop() },
		})
		s.run("no protocol today")
		s.wantSteps("ClientConnectionFailed disconnected", "DoStop")
	}},

	{"a server factory that builds nothing refuses the connection", func(s *stage) { // TR21
		client := &actor{name: "client", lost: func(*actor, error) { s.stop() }}
		s.connectTo(s.listen(&director{build: func(reactor.Address) reactor.Protocol { return nil }}), casting(client))
		s.run()
		s.wantEnd(client, reactor.ErrConnectionDone)
	}},

	{"a panic in a server's BuildProtocol ends that connection only", func(s *stage) { // TR22
		built := 0
		port := s.listen(&director{build: func(reactor.Address) reactor.Protocol {
			if built++; built == 1 {
				panic("not this one")
			}
			return &actor{made: func(a *actor) { a.Write([]byte("welcome")); a.LoseConnection() }}
		}})
		second := &actor{name: "second", lost: func(*actor, error) { s.stop() }}
		first := &actor{name: "first", lost: func(*actor, error) { s.connectTo(port, casting(second)) }}
		s.connectTo(port, casting(first))
		s.run("not this one")
		s.wantEnd(first, reactor.ErrConnectionClosed)
		s.wantEnd(second, reactor.ErrConnectionDone)
		if string(second.data) != "welcome" {
			s.t.Errorf("the second client got %q", second.data)
		}
	}},

	{"a panic in a server's ConnectionMade ends the connection for it", func(s *stage) { // TR22, mended
		s.stageFright(func(bad, good *actor) { s.pair(bad, good) })
	}},

	{"a panic in a client's ConnectionMade ends the connection for it", func(s *stage) { // TR22
		s.stageFright(func(bad, good *actor) { s.pair(good, bad) })
	}},
}

// stageFright connects an actor that panics at once to one that does not.
func (s *stage) stageFright(pair func(bad, good *actor)) {
	done := s.stopAfter(2)
	lost := func(*actor, error) { done() }
	bad := &actor{name: "the one that panicked", made: func(*actor) { panic("stage fright") }, lost: lost}
	good := &actor{name: "the other", lost: lost}
	pair(bad, good)
	s.run("stage fright")
	s.wantPanic(bad, "stage fright")
	s.wantEnd(good, reactor.ErrConnectionDone)
}

// wantPanic checks that an actor's connection was lost, once, for a panic with
// that value.
func (s *stage) wantPanic(a *actor, value string) {
	s.t.Helper()
	var p *reactor.PanicError
	if len(a.reasons) != 1 || !errors.As(a.reasons[0], &p) || p.Value != value {
		s.t.Errorf("%s's connection was lost for %v, want once for the panic %q", a.name, a.reasons, value)
	}
}
