package reactortest

import (
	"errors"
	"syscall"

	"proxyherd/reactor"
)

var listenRules = []rule{
	{"a port that the system chose is told by GetHost", func(s *stage) { // TR20
		first, second := s.listen(casting(&actor{})), s.listen(casting(&actor{}))
		host, number := reactor.SplitAddress(first.GetHost())
		if host != s.harness.Host || number <= 0 || number > 65535 {
			s.t.Errorf("the port is %v, want a number on %s", first.GetHost(), s.harness.Host)
		}
		if first.GetHost() == second.GetHost() {
			s.t.Errorf("two ports at %v", first.GetHost())
		}
		s.CallWhenRunning(s.stop)
		s.run()
	}},

	{"an address in use cannot be listened on", func(s *stage) { // TR20
		port := s.listen(casting(&actor{}))
		_, number := reactor.SplitAddress(port.GetHost())
		again, err := s.ListenTCP(number, casting(&actor{}), 0, s.harness.Host)
		var cannot *reactor.CannotListenError
		if again != nil || !errors.As(err, &cannot) || cannot.Port != number || cannot.Interface != s.harness.Host {
			s.t.Fatalf("the second ListenTCP gave %v and %v, want a CannotListenError that names the address", again, err)
		}
		s.wantIs(err, syscall.EADDRINUSE, "the error")
		s.CallWhenRunning(s.stop)
		s.run()
	}},

	{"an interface must be a literal", func(s *stage) {
		_, err := s.ListenTCP(0, casting(&actor{}), 0, "not an address")
		var cannot *reactor.CannotListenError
		if !errors.As(err, &cannot) {
			s.t.Errorf("ListenTCP gave %v, want a CannotListenError", err)
		}
		s.CallWhenRunning(s.stop)
		s.run()
	}},

	{"a port starts its factory once and stops it when it is closed", func(s *stage) { // TR24, TR25
		f := casting(&actor{})
		f.start, f.stop = s.noting("DoStart"), s.noting("DoStop")
		port := s.listen(f)
		s.CallWhenRunning(func() {
			stopped := port.StopListening()
			s.note("StopListening has returned")
			if again := port.StopListening(); again != nil {
				s.t.Error("StopListening of a closed port gave a Deferred, want nil")
			}
			stopped.AddCallback(func(v struct{}) (struct{}, error) { s.note("stopped"); s.stop(); return v, nil })
		})
		s.run()
		s.wantSteps("DoStart", "StopListening has returned", "DoStop", "stopped")
	}},

	{"a closed port can be had again, and its connections live on", func(s *stage) { // TR25
		built := 0
		f := &director{build: func(reactor.Address) reactor.Protocol {
			built++
			return &actor{received: func(a *actor, data []byte) error { a.Write(data); return nil }}
		}}
		port := s.listen(f)
		old := &actor{name: "old"}
		late := &actor{name: "late", received: func(*actor, []byte) error { s.stop(); return nil }}
		old.made = func(*actor) {
			port.StopListening().AddCallback(func(v struct{}) (struct{}, error) {
				old.Write([]byte("still there?"))
				return v, nil
			})
		}
		old.received = func(*actor, []byte) error {
			if string(old.data) != "still there?" {
				return nil
			}
			if err := port.StartListening(); err != nil {
				s.t.Errorf("StartListening: %v", err)
			}
			late.made = func(a *actor) { a.Write([]byte("!")) }
			s.connectTo(port, casting(late))
			return nil
		}
		s.connectTo(port, casting(old))
		s.run()
		if string(late.data) != "!" || built != 2 {
			s.t.Errorf("the late client got %q; %d protocols were built, want 2", late.data, built)
		}
	}},

	{"a port accepts many clients", func(s *stage) { // TR23
		const clients = 150 // more than one burst
		done := s.stopAfter(clients)
		server := &director{build: func(reactor.Address) reactor.Protocol {
			return &actor{received: func(a *actor, data []byte) error { a.Write(data); a.LoseConnection(); return nil }}
		}}
		port, err := s.ListenTCP(0, server, clients, s.harness.Host)
		if err != nil {
			s.t.Fatal(err)
		}
		answered := 0
		for range clients {
			s.connectTo(port, casting(&actor{
				made: func(a *actor) { a.Write([]byte("x")) },
				lost: func(a *actor, _ error) {
					if string(a.data) == "x" {
						answered++
					}
					done()
				},
			}))
		}
		s.run()
		if answered != clients {
			s.t.Errorf("%d of %d clients were answered", answered, clients)
		}
	}},
}
