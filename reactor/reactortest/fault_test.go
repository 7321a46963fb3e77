package reactortest

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"proxyherd/reactor"
)

func TestLinks(t *testing.T) {
	t.Run("latency is what everything takes, one way", func(t *testing.T) {
		s := newScene(t, Options{Link: Link{Latency: 10 * time.Millisecond}})
		var times []time.Duration
		mark := func() { times = append(times, s.after()) }
		server := &actor{made: func(*actor) { mark() }, received: func(a *actor, data []byte) error { mark(); a.Write(data); return nil }}
		client := &actor{made: func(a *actor) { mark(); a.Write([]byte("x")) }, received: func(*actor, []byte) error { mark(); return nil }}
		s.meet(server, client)
		if want := []time.Duration{10e6, 20e6, 30e6, 40e6}; !slices.Equal(times, want) {
			t.Errorf("accepted, connected, received, answered at %v, want %v", times, want)
		}
	})

	t.Run("SetLink changes one way", func(t *testing.T) {
		s := newScene(t, Options{})
		s.SetLink("Gasol", "Farmar", Link{Latency: 5 * time.Millisecond})
		var there, back time.Duration
		server := &actor{received: func(a *actor, data []byte) error { there = s.after(); a.Write(data); return nil }}
		client := &actor{made: func(a *actor) { a.Write([]byte("x")) }, received: func(*actor, []byte) error { back = s.after(); return nil }}
		s.meet(server, client)
		if there != 10e6 || back != 10e6 {
			t.Errorf("it was there after %v and back after %v, want 10ms each", there, back)
		}
	})

	t.Run("a slow link takes its time, and its connections share it", func(t *testing.T) {
		s := newScene(t, Options{Window: 1 << 20})
		s.SetLink("Gasol", "Farmar", Link{BytesPerSecond: 1000})
		server := &actor{}
		port := listen(t, s.farmar, server, 0)
		for range 2 {
			dial(s.gasol, port, casting(&actor{made: func(a *actor) { a.Write(make([]byte, 1500)) }}), 0)
		}
		arrived := func(bytes int) time.Duration {
			if !s.RunUntil(func() bool { return len(server.data) >= bytes }, minute) {
				t.Fatalf("%d bytes never arrived", bytes)
			}
			return s.after()
		}
		if first, second := arrived(1), arrived(1501); first != 1500*time.Millisecond || second != 3*time.Second {
			t.Errorf("the first connection's bytes came after %v, the second's after %v; want 1.5s and 3s", first, second)
		}
	})

	t.Run("jitter keeps the order of a connection's bytes", func(t *testing.T) {
		s := newScene(t, Options{Seed: 3, Link: Link{Latency: time.Millisecond, Jitter: 50 * time.Millisecond}})
		server, client := &actor{name: "server"}, &actor{}
		s.meet(server, client)
		whole := pattern(200)
		for _, b := range whole {
			client.Write([]byte{b})
			s.Advance(time.Millisecond)
		}
		s.Settle(minute)
		if !bytes.Equal(server.data, whole) {
			t.Errorf("%d bytes arrived, in another order than they were sent or not all", len(server.data))
		}
	})

	t.Run("a chunked link cuts anywhere and loses nothing", func(t *testing.T) {
		s := newScene(t, Options{Seed: 1, Link: Link{Chunked: true}})
		sizes := map[int]bool{}
		server := &actor{received: func(_ *actor, data []byte) error { sizes[len(data)] = true; return nil }}
		client := &actor{}
		s.meet(server, client)
		whole := pattern(100 << 10)
		for part := range slices.Chunk(whole, 200) {
			client.Write(part)
			s.Settle(minute)
		}
		if !bytes.Equal(server.data, whole) {
			t.Errorf("%d bytes arrived, want the %d that were sent", len(server.data), len(whole))
		}
		if len(sizes) < 100 || !sizes[1] {
			t.Errorf("pieces of %d different sizes, one byte among them: %t; want 100 at least", len(sizes), sizes[1])
		}
	})
}

func TestCut(t *testing.T) {
	t.Run("holds bytes back until it is healed", func(t *testing.T) {
		s := newScene(t, Options{Link: Link{Latency: time.Millisecond}})
		server, client := &actor{name: "server"}, &actor{name: "client"}
		s.meet(server, client)
		client.Write([]byte("under way,"))
		s.Advance(0) // it has left
		s.Cut("Farmar", "Gasol")
		client.Write([]byte("sent later"))
		server.Write([]byte("hello?"))
		s.Advance(time.Hour)
		s.wantData(server, "")
		s.wantData(client, "")
		s.wantLive(server, client)
		healed := s.Seconds()
		s.Heal("Farmar", "Gasol")
		if !s.RunUntil(func() bool { return len(server.data) > 0 && len(client.data) > 0 }, minute) {
			t.Fatal("nothing arrived")
		}
		if took := s.Seconds().Sub(healed); took != time.Millisecond {
			t.Errorf("what was held arrived %v after Heal, want the link's 1ms", took)
		}
		s.Settle(minute)
		s.wantData(server, "under way,sent later")
		s.wantData(client, "hello?")
	})

	t.Run("swallows what is aborted meanwhile", func(t *testing.T) {
		s := newScene(t, Options{})
		server, client := &actor{name: "server"}, &actor{name: "client"}
		s.meet(server, client)
		s.Cut("Farmar", "Gasol")
		client.Write([]byte("never mind"))
		s.Advance(time.Second)
		client.AbortConnection()
		s.Advance(time.Second)
		s.wantLost(client, reactor.ErrConnectionAborted)
		s.wantLive(server)
		s.Heal("Farmar", "Gasol")
		s.Settle(minute)
		s.wantData(server, "")
		s.wantLost(server, reactor.ErrConnectionLost)
	})

	t.Run("one way lets the other through", func(t *testing.T) {
		s := newScene(t, Options{})
		server, client := &actor{name: "server"}, &actor{name: "client"}
		s.meet(server, client)
		s.CutOneWay("Farmar", "Gasol")
		client.Write([]byte("can you hear me?"))
		server.Write([]byte("yes"))
		s.Advance(time.Second)
		s.wantData(server, "can you hear me?")
		s.wantData(client, "")
		s.Heal("Gasol", "Farmar") // either way round
		s.Settle(minute)
		s.wantData(client, "yes")
	})

	t.Run("holds up the acknowledgements that a full window waits for", func(t *testing.T) {
		s := newScene(t, Options{Window: 100})
		server, client := &actor{name: "server"}, &actor{name: "client"}
		s.meet(server, client)
		s.CutOneWay("Farmar", "Gasol")
		client.Write(pattern(250))
		s.Advance(time.Second)
		if len(server.data) != 100 {
			t.Errorf("%d bytes arrived, want the window's 100", len(server.data))
		}
		s.Heal("Farmar", "Gasol")
		s.Settle(minute)
		if !bytes.Equal(server.data, pattern(250)) {
			t.Errorf("%d bytes arrived in the end, want 250", len(server.data))
		}
	})

	t.Run("makes attempts to connect time out, or wait for Heal", func(t *testing.T) {
		s := newScene(t, Options{})
		port := listen(t, s.farmar, &actor{}, 0)
		s.Cut("Farmar", "Gasol")
		var failure error
		dial(s.gasol, port, &director{failed: func(_ reactor.Connector, reason error) { failure = reason }}, 5*time.Second)
		patient := &actor{name: "the patient client"}
		dial(s.gasol, port, casting(patient), minute)
		s.Advance(5*time.Second - 1)
		if failure != nil {
			t.Errorf("failed early: %v", failure)
		}
		s.Advance(1)
		wantIs(t, failure, reactor.ErrTimeout)
		s.Heal("Farmar", "Gasol")
		s.Settle(minute)
		s.wantLive(patient)
		if n := strings.Count(strings.Join(s.events, "\n"), string(Accepted)); n != 1 {
			t.Errorf("the server accepted %d connections, want 1: what timed out asked no more", n)
		}
	})

	t.Run("twice is once, and Heal without Cut is nothing", func(t *testing.T) {
		s := newScene(t, Options{})
		server, client := &actor{name: "server"}, &actor{}
		s.meet(server, client)
		s.Heal("Farmar", "Gasol")
		s.Cut("Farmar", "Gasol")
		s.Cut("Farmar", "Gasol")
		s.Heal("Farmar", "Gasol")
		client.Write([]byte("x"))
		s.Settle(minute)
		s.wantData(server, "x")
		count := 0
		for _, e := range s.events {
			if strings.Contains(e, "link") {
				count++
			}
		}
		if count != 4 { // two ways cut, two healed
			t.Errorf("%d events of links, want 4: %q", count, s.events)
		}
	})
}

func TestPause(t *testing.T) {
	s := newScene(t, Options{Window: 100})
	server, client := &actor{name: "server"}, &actor{name: "client"}
	port := s.meet(server, client)
	ran := false
	s.farmar.CallLater(time.Second, func() { ran = true })
	s.farmar.CallFromThread(func() { ran = true })
	s.farmar.CallInThread(func() { ran = true })
	s.farmar.Pause()
	client.Write(pattern(1000))
	// The system of a paused process still grants connections.
	second := &actor{name: "second", made: func(a *actor) { a.Write([]byte("!")) }}
	dial(s.gasol, port, casting(second), 0)
	s.Advance(time.Hour)
	if ran || len(server.data) != 0 {
		t.Errorf("while paused: a callback ran: %t; %d bytes were read", ran, len(server.data))
	}
	s.wantLive(second)
	s.farmar.Resume()
	s.Settle(minute)
	if !ran || len(server.data) != 1001 { // of both connections
		t.Errorf("after Resume: the callbacks ran: %t; %d bytes were read, want 1001", ran, len(server.data))
	}
}

func TestKill(t *testing.T) {
	s := newScene(t, Options{Link: Link{Latency: time.Millisecond}})
	server, client := &actor{name: "server"}, &actor{name: "client"}
	port := s.meet(server, client)
	waiting := dial(s.gasol, port, casting(&actor{}), 0) // in the backlog, or on its way
	s.farmar.AddSystemEventTrigger(reactor.Before, "shutdown", func() *noResult { t.Error("a killed reactor fired shutdown"); return nil })
	s.farmar.CallLater(time.Second, func() { t.Error("a killed reactor ran a timer") })
	dial(s.farmar, listen(t, s.gasol, &actor{made: func(*actor) { t.Error("a killed reactor connected") }}, 0), casting(&actor{}), 0)
	s.farmar.Kill()
	s.farmar.Kill() // once is enough
	s.Settle(minute)
	s.wantLost(client, reactor.ErrConnectionLost)
	if len(server.reasons) != 0 || s.farmar.Running() {
		t.Errorf("the killed side was told %v, and runs: %t", server.reasons, s.farmar.Running())
	}
	if waiting.State() != reactor.Disconnected {
		t.Errorf("the attempt that was under way is %v", waiting.State())
	}
	if s.farmar.CallFromThread(func() {}) || s.farmar.CallInThread(func() {}) {
		t.Error("a killed reactor took a call")
	}
	wantIs(t, s.farmar.Run(), reactor.ErrReactorNotRestartable)

	// The name, and the address, can be used again.
	var refusal error
	dial(s.gasol, port, &director{failed: func(_ reactor.Connector, reason error) { refusal = reason }}, 0)
	s.Settle(minute)
	wantIs(t, refusal, reactor.ErrConnectionRefused)
	reborn := s.Reactor("Farmar")
	_, number := reactor.SplitAddress(port.GetHost())
	again, err := reborn.ListenTCP(number, casting(&actor{}), 0, "127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	back := &actor{name: "back"}
	dial(s.gasol, again, casting(back), 0)
	s.Settle(minute)
	s.wantLive(back)
	s.Advance(time.Hour)
}
