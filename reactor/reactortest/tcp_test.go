package reactortest

import (
	"errors"
	"net/netip"
	"syscall"
	"testing"
	"time"

	"proxyherd/reactor"
)

func wantIs(t *testing.T, err, target error) {
	t.Helper()
	if !errors.Is(err, target) {
		t.Errorf("the error is %v, want one that is: %v", err, target)
	}
}

// TestTCP is what a network does below its reactors, as Linux does it.
func TestTCP(t *testing.T) {
	t.Run("a writer keeps what the window does not take", func(t *testing.T) {
		s := newScene(t, Options{Window: 1000})
		producer := &pushy{}
		server, client := &actor{made: func(a *actor) { a.PauseProducing() }}, &actor{}
		s.meet(server, client)
		_ = client.RegisterProducer(producer, true) // the first: there is none yet
		client.Write(make([]byte, 1000+highWater))
		client.UnregisterProducer()
		s.Settle(minute)
		_ = client.RegisterProducer(producer, true) // the one before was let go
		before := producer.paused
		client.Write(nil)
		client.Write([]byte{0}) // one byte above the mark, now that 1000 have left
		if producer.paused != before+1 {
			t.Errorf("the producer was paused %d times by the byte above the mark, want once", producer.paused-before)
		}
		server.ResumeProducing()
		s.Settle(minute)
		if len(server.data) != 1000+highWater+1 || producer.resumed != 1 {
			t.Errorf("%d bytes arrived and the producer was resumed %d times", len(server.data), producer.resumed)
		}
	})

	t.Run("closing with bytes unread ends the stream, and resets what goes on", func(t *testing.T) { // TR15
		s := newScene(t, Options{})
		server, client := &actor{name: "server", made: func(a *actor) { a.PauseProducing() }}, &halfCloser{}
		client.name = "client"
		ended := false
		client.readLost = func() { ended = true; client.PauseProducing() }
		s.meet(server, client)
		client.Write([]byte("nobody reads this"))
		s.Settle(minute)
		server.LoseConnection()
		s.Settle(minute)
		s.wantLost(server, reactor.ErrConnectionDone)
		if !ended {
			t.Error("the client did not read the end of the stream")
		}
		s.wantLost(&client.actor, reactor.ErrConnectionLost)
		wantIs(t, client.reasons[0], syscall.ECONNRESET)
	})

	t.Run("writing to a peer that has closed ends in a reset", func(t *testing.T) {
		s := newScene(t, Options{})
		server, client := &actor{name: "server"}, &halfCloser{}
		client.name = "client"
		s.meet(server, client)
		server.LoseConnection()
		s.Settle(minute)
		s.wantLive(&client.actor) // it may still write
		client.Write([]byte("are you there?"))
		s.Settle(minute)
		s.wantLost(&client.actor, reactor.ErrConnectionLost)
	})

	t.Run("bytes before a reset are delivered", func(t *testing.T) { // TR6
		s := newScene(t, Options{})
		server, client := &actor{name: "server"}, &actor{name: "client"}
		s.meet(server, client)
		client.Write([]byte("last words"))
		s.gasol.CallLater(0, func() { s.gasol.CallFromThread(client.AbortConnection) })
		s.Settle(minute)
		s.wantData(server, "last words")
		s.wantLost(server, reactor.ErrConnectionLost)
	})

	t.Run("a full backlog makes clients ask again", func(t *testing.T) {
		s := newScene(t, Options{})
		port := listen(t, s.farmar, &actor{}, 2)
		s.Advance(0)
		s.farmar.Pause() // so that it accepts nobody
		var connected []time.Duration
		for range 3 {
			dial(s.gasol, port, casting(&actor{made: func(*actor) { connected = append(connected, s.after()) }}), 0)
		}
		s.Advance(500 * time.Millisecond)
		if len(connected) != 2 {
			t.Errorf("%d clients are connected, want the 2 of the backlog", len(connected))
		}
		s.farmar.Resume()
		s.Settle(minute)
		if len(connected) != 3 || connected[2] != time.Second {
			t.Errorf("clients were connected at %v, want the third after a second", connected)
		}
	})

	t.Run("connections that nobody accepted die with their port", func(t *testing.T) {
		s := newScene(t, Options{})
		port := listen(t, s.farmar, &actor{}, 0)
		s.Advance(0)
		s.farmar.Pause()
		client := &actor{name: "client"}
		dial(s.gasol, port, casting(client), 0)
		s.Settle(minute)
		s.wantLive(client)
		port.StopListening()
		s.Settle(minute)
		s.wantLost(client, reactor.ErrConnectionLost)
	})

	t.Run("giving up while the grant is on its way resets the server", func(t *testing.T) {
		s := newScene(t, Options{Link: Link{Latency: time.Millisecond}})
		server := &actor{name: "server"}
		port := listen(t, s.farmar, server, 0)
		c := dial(s.gasol, port, &director{}, 0)
		s.RunUntil(func() bool { return server.TCPTransport != nil }, minute)
		if err := c.StopConnecting(); err != nil {
			t.Error(err)
		}
		s.Settle(minute)
		s.wantLost(server, reactor.ErrConnectionLost)
	})

	t.Run("what a protocol does not copy is gone", func(t *testing.T) {
		s := newScene(t, Options{})
		var kept []byte
		server := &actor{received: func(_ *actor, data []byte) error { kept = data; return nil }}
		s.meet(server, &actor{made: func(a *actor) { a.Write([]byte("precious")) }})
		if string(kept) == "precious" || string(server.data) != "precious" {
			t.Errorf("what was kept is %q, what was copied %q", kept, server.data)
		}
	})
}

func TestAddresses(t *testing.T) {
	build := casting(&actor{})
	for _, c := range []struct {
		name          string
		first, second string // what is listened on, on the same number
		taken         bool
	}{
		{"the same address is taken for every reactor", "127.0.0.1", "127.0.0.1", true},
		{"each reactor may have an address of its own", "10.0.0.1", "10.0.0.2", false},
		{"every address includes each", "", "10.0.0.2", true},
		{"each address is in the way of every", "10.0.0.1", "", true},
		{"the two families are apart", "127.0.0.1", "::1", false},
		{"every address of IPv6 is every one of IPv4 too", "", "::", true},
		{"and in the way of each", "::", "10.0.0.9", true},
		{"IPv6 has its own", "::1", "::1", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newScene(t, Options{})
			if _, err := s.farmar.ListenTCP(12000, build, 0, c.first); err != nil {
				t.Fatal(err)
			}
			_, err := s.gasol.ListenTCP(12000, build, 0, c.second)
			if errors.Is(err, syscall.EADDRINUSE) != c.taken || err == nil == c.taken {
				t.Errorf("the second gave %v; taken should be %t", err, c.taken)
			}
		})
	}

	for _, c := range []struct {
		name            string
		listen, connect string
		bind            reactor.Address
		host            string // where the client then is
		fails           error
	}{
		{name: "a port on every address is reached by each", listen: "", connect: "10.1.2.3", host: "10.1.2.3"},
		{name: "a port on every address of both kinds is reached by IPv4", listen: "::", connect: "10.1.2.3", host: "10.1.2.3"},
		{name: "and by IPv6", listen: "::", connect: "fd00::3", host: "fd00::3"},
		{name: "no address means this machine", listen: "127.0.0.1", connect: "0.0.0.0", host: "127.0.0.1"},
		{name: "no IPv6 address means this machine", listen: "::1", connect: "::", host: "::1"},
		{name: "a name is looked up", listen: "10.0.0.9", connect: "farmar.example", host: "10.0.0.9"},
		{name: "localhost needs no entry", listen: "127.0.0.1", connect: "localhost", host: "127.0.0.1"},
		{name: "a client may choose its address", listen: "10.0.0.9", connect: "10.0.0.9",
			bind: reactor.IPv4Address{Host: "10.0.0.1", Port: 4000}, host: "10.0.0.1"},
		{name: "any address will do to connect from", listen: "10.0.0.9", connect: "10.0.0.9",
			bind: reactor.IPv4Address{Host: "0.0.0.0"}, host: "10.0.0.9"},
		{name: "a name that nobody knows", listen: "127.0.0.1", connect: "nowhere.example", fails: reactor.ErrDNSLookup},
		{name: "an address where nobody ever listened", listen: "127.0.0.1", connect: "10.9.9.9", fails: reactor.ErrConnectionRefused},
		{name: "a local address that is taken", listen: "127.0.0.1", connect: "127.0.0.1",
			bind: reactor.IPv4Address{Host: "127.0.0.1", Port: 12000}, fails: reactor.ErrConnectBind},
		{name: "a local address of the other family", listen: "127.0.0.1", connect: "127.0.0.1",
			bind: reactor.IPv6Address{Host: "::1"}, fails: reactor.ErrConnectBind},
		{name: "a local port that does not exist", listen: "127.0.0.1", connect: "127.0.0.1",
			bind: reactor.IPv4Address{Host: "127.0.0.1", Port: 65536}, fails: reactor.ErrConnectBind},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newScene(t, Options{Hosts: map[string]string{"farmar.example": "10.0.0.9"}})
			if _, err := s.farmar.ListenTCP(12000, build, 0, c.listen); err != nil {
				t.Fatal(err)
			}
			var host string
			var failure error
			f := casting(&actor{made: func(a *actor) { host, _ = reactor.SplitAddress(a.GetHost()) }})
			f.failed = func(_ reactor.Connector, reason error) { failure = reason }
			s.gasol.ConnectTCP(c.connect, 12000, f, 0, c.bind)
			s.Settle(minute)
			if host != c.host || !errors.Is(failure, c.fails) {
				t.Errorf("connected from %q, failed with %v; want %q, %v", host, failure, c.host, c.fails)
			}
		})
	}

	t.Run("a port that does not exist", func(t *testing.T) {
		s := newScene(t, Options{})
		var cannot *reactor.CannotListenError
		if _, err := s.farmar.ListenTCP(65536, build, 0, ""); !errors.As(err, &cannot) {
			t.Errorf("ListenTCP gave %v, want a CannotListenError", err)
		}
		var failure error
		s.gasol.ConnectTCP("127.0.0.1", -1, &director{failed: func(_ reactor.Connector, reason error) { failure = reason }}, 0, nil)
		s.Settle(minute)
		wantIs(t, failure, reactor.ErrConnect)
	})

	// A machine that is there and silent has its share of the time; one that refuses,
	// and one of a kind that the client's own address is not of, have none.
	t.Run("all addresses of a name are tried", func(t *testing.T) {
		asked := 0
		s := newScene(t, Options{LookUp: func(string) ([]netip.Addr, error) {
			asked++
			return []netip.Addr{netip.MustParseAddr("fd00::9"), netip.MustParseAddr("10.0.0.6"), netip.MustParseAddr("10.0.0.7"), netip.MustParseAddr("10.0.0.9")}, nil
		}})
		silent := s.Reactor("silent")
		for r, at := range map[*Reactor]string{silent: "10.0.0.7", s.farmar: "10.0.0.9"} {
			if _, err := r.ListenTCP(12000, build, 0, at); err != nil {
				t.Fatal(err)
			}
		}
		s.Cut("Gasol", "silent")
		began := s.Seconds()
		var reached time.Time
		var peer reactor.Address
		f := casting(&actor{made: func(a *actor) { reached, peer = s.Seconds(), a.GetPeer() }})
		f.failed = func(_ reactor.Connector, reason error) { t.Error(reason) }
		s.gasol.ConnectTCP("farmar.example", 12000, f, 9*time.Second+2*defaultJobTime, nil)
		s.Advance(minute)
		// Three were left after the first, so a third of the time.
		if took := reached.Sub(began); peer != (reactor.IPv4Address{Host: "10.0.0.9", Port: 12000}) || took < 3*time.Second || took > 3*time.Second+10*time.Millisecond {
			t.Errorf("%v was reached after %v", peer, took)
		}
		if asked != 1 {
			t.Errorf("it asked %d times", asked)
		}
	})

	t.Run("the first IPv4 address of a name is its own", func(t *testing.T) {
		for want, answer := range map[string][]netip.Addr{
			"10.0.0.7": {netip.MustParseAddr("fd00::9"), netip.MustParseAddr("10.0.0.7"), netip.MustParseAddr("10.0.0.8")},
			"":         {netip.MustParseAddr("fd00::9")},
		} {
			s := newScene(t, Options{LookUp: func(string) ([]netip.Addr, error) { return answer, nil }})
			var failure error
			got := ""
			s.farmar.Resolve("farmar.example").AddBoth(func(literal string, err error) (string, error) {
				got, failure = literal, err
				return "", nil
			})
			s.Settle(minute)
			if got != want || want == "" && !errors.Is(failure, reactor.ErrDNSLookup) {
				t.Errorf("it is %q, %v; want %q", got, failure, want)
			}
		}
	})

	t.Run("a local port is free again after the end", func(t *testing.T) {
		s := newScene(t, Options{})
		port := listen(t, s.farmar, &actor{}, 0)
		host, number := reactor.SplitAddress(port.GetHost())
		from := reactor.IPv4Address{Host: "127.0.0.1", Port: 4000}
		for life := range 3 {
			client := &actor{name: "client"}
			s.gasol.ConnectTCP(host, number, casting(client), 0, from)
			s.Settle(minute)
			s.wantLive(client)
			if client.GetHost() != from {
				t.Errorf("life %d is at %v, want %v", life, client.GetHost(), from)
			}
			client.LoseConnection()
			s.Settle(minute)
		}
	})
}
