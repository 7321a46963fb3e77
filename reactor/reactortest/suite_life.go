package reactortest

import (
	"proxyherd/reactor"
	"proxyherd/reactor/deferred"
)

type noResult = deferred.Deferred[struct{}]

// trigger registers f, which waits for nothing.
func (s *stage) trigger(phase reactor.Phase, event string, f func()) reactor.TriggerID {
	s.t.Helper()
	id, err := s.AddSystemEventTrigger(phase, event, func() *noResult { f(); return nil })
	if err != nil {
		s.t.Fatalf("AddSystemEventTrigger(%v, %q): %v", phase, event, err)
	}
	return id
}

// noteRunning registers a trigger that notes whether the reactor runs.
func (s *stage) noteRunning(phase reactor.Phase, event string) {
	s.trigger(phase, event, func() { s.note("%v %s: running %t", phase, event, s.Running()) })
}

var lifeRules = []rule{
	{"it runs from its start until its shutdown", func(s *stage) { // RS2, RS4, RS5, SE6
		for _, event := range []string{"startup", "shutdown"} {
			for _, phase := range []reactor.Phase{reactor.After, reactor.During, reactor.Before} {
				s.noteRunning(phase, event)
			}
		}
		s.note("before Run: running %t", s.Running())
		s.CallWhenRunning(func() {
			s.CallWhenRunning(s.noting("CallWhenRunning, at once"))
			s.note("CallWhenRunning")
			s.stop()
		})
		s.run()
		s.note("after Run: running %t", s.Running())
		s.wantSteps("before Run: running false",
			"before startup: running false", "during startup: running true", "after startup: running true",
			"CallWhenRunning, at once", "CallWhenRunning",
			"before shutdown: running true", "during shutdown: running false", "after shutdown: running false",
			"after Run: running false")
	}},

	{"Stop and Run are refused at the wrong moment", func(s *stage) { // RS1, RS3
		s.wantIs(s.Stop(), reactor.ErrReactorNotRunning, "Stop before Run")
		s.CallWhenRunning(func() {
			s.wantIs(s.Run(), reactor.ErrReactorAlreadyRunning, "Run inside Run")
			s.stop()
			s.wantIs(s.Stop(), reactor.ErrReactorNotRunning, "the second Stop")
		})
		s.run()
		s.wantIs(s.Stop(), reactor.ErrReactorNotRunning, "Stop after Run")
		s.wantIs(s.Run(), reactor.ErrReactorNotRestartable, "Run after Stop")
	}},

	{"Stop lets the turn end first", func(s *stage) { // RS3
		s.trigger(reactor.Before, "shutdown", s.noting("shutdown"))
		s.CallWhenRunning(func() {
			s.CallLater(0, func() { s.stop(); s.note("Stop has returned") })
			s.CallLater(0, s.noting("the next call"))
		})
		s.run()
		s.wantSteps("Stop has returned", "the next call", "shutdown")
	}},

	{"the shutdown tells a connection that neither reads nor writes why it ends", func(s *stage) { // RS7, mended
		aborting, peer := &actor{name: "the one that aborts"}, &actor{name: "its peer"}
		halfway, other := &halfCloser{}, &halfCloser{}
		halfway.name, other.name = "the one that has read the end", "the one that has sent it"
		other.made = func(a *actor) { a.LoseWriteConnection() }
		halfway.readLost = func() {
			s.stop()
			s.trigger(reactor.Before, "shutdown", aborting.AbortConnection)
		}
		s.pair(aborting, peer)
		s.afterRoundTrips(5, func() { s.pair(halfway, other) })
		s.run()
		s.wantEnd(aborting, reactor.ErrConnectionAborted)
		s.wantEnd(&halfway.actor, reactor.ErrConnectionLost)
		s.wantEnd(&other.actor, reactor.ErrConnectionLost)
	}},

	{"the shutdown tells every connection, also one that is paused", func(s *stage) { // RS4, RS5, RS6; RS7 mended
		server := &actor{name: "server", made: func(a *actor) { a.PauseProducing() }}
		client := &actor{name: "client"}
		both := 0
		server.lost = func(*actor, error) { both++ }
		client.lost = func(*actor, error) { both++ }
		f := casting(server)
		f.stop = s.noting("the port's factory is stopped")
		s.connectTo(s.listen(f), &director{
			build: func(reactor.Address) reactor.Protocol { return client },
			ended: func(_ reactor.Connector, reason error) {
				s.wantIs(reason, reactor.ErrConnectionLost, "ClientConnectionLost's reason")
			},
		})
		s.trigger(reactor.Before, "shutdown", func() { s.note("before: %d told", both) })
		s.trigger(reactor.During, "shutdown", func() { s.note("during: %d told", both) })
		s.afterRoundTrips(10, s.stop)
		s.run()
		s.wantSteps("before: 0 told", "the port's factory is stopped", "during: 2 told")
		s.wantEnd(server, reactor.ErrConnectionLost)
		s.wantEnd(client, reactor.ErrConnectionLost)
	}},

	{"the shutdown fails the attempts under way", func(s *stage) {
		s.ConnectTCP(s.harness.Silent.Host, s.harness.Silent.Port, s.failing(func(reason error) {
			s.wantIs(reason, reactor.ErrConnect, "the reason")
		}), 0, nil)
		s.afterRoundTrips(5, s.stop)
		s.run()
		s.wantSteps("DoStart", "ClientConnectionFailed disconnected", "DoStop")
	}},

	{"a Deferred before the shutdown holds it back", func(s *stage) { // RS9
		server := &actor{name: "server", received: func(a *actor, data []byte) error { a.Write(data); return nil }}
		client := &actor{name: "client", made: func(*actor) { s.stop() }}
		goodbye := deferred.New[struct{}](nil)
		client.received = func(a *actor, data []byte) error {
			s.note("%s, running %t", data, s.Running())
			s.CallLater(0, func() { goodbye.Callback(struct{}{}) })
			return nil
		}
		if _, err := s.AddSystemEventTrigger(reactor.Before, "shutdown", func() *noResult {
			s.note("waiting")
			client.Write([]byte("one more thing"))
			return goodbye
		}); err != nil {
			s.t.Fatal(err)
		}
		s.trigger(reactor.After, "shutdown", s.noting("shut down"))
		s.pair(server, client)
		s.run()
		s.wantSteps("waiting", "one more thing, running true", "shut down")
		s.wantEnd(client, reactor.ErrConnectionLost)
	}},

	{"Crash ends the loop and tells nobody, and Run may be called again", func(s *stage) { // RS10, SE4
		server, client := &actor{name: "server"}, &actor{name: "client", made: func(*actor) { s.Crash() }}
		server.received = func(a *actor, _ []byte) error { s.stop(); return nil }
		s.trigger(reactor.Before, "shutdown", s.noting("shutdown"))
		s.pair(server, client)
		s.run()
		s.note("running %t, told %d", s.Running(), len(client.reasons)+len(server.reasons))
		s.CallWhenRunning(func() { s.note("again"); client.Write([]byte("still here")) })
		s.run()
		s.wantSteps("running false, told 0", "again", "shutdown")
		s.wantEnd(client, reactor.ErrConnectionLost)
		s.wantEnd(server, reactor.ErrConnectionLost)
	}},
}
