package reactortest

import (
	"bytes"
	"slices"
	"testing"
	"time"

	"proxyherd/reactor"
)

func TestSever(t *testing.T) {
	t.Run("a beginning of what is on its way arrives, and then a reset", func(t *testing.T) {
		lengths := map[int]bool{}
		for seed := range uint64(50) {
			s := newScene(t, Options{Seed: seed, Link: Link{Latency: time.Millisecond}})
			server, client := &actor{name: "server"}, &actor{name: "client"}
			s.meet(server, client)
			whole := pattern(100)
			for part := range slices.Chunk(whole, 30) {
				client.Write(part)
				s.Advance(0)
			}
			s.Sever("Farmar", "Gasol")
			client.Write([]byte("too late"))
			s.Settle(minute)
			if !bytes.HasPrefix(whole, server.data) {
				t.Fatalf("what arrived is no beginning: %q", server.data)
			}
			lengths[len(server.data)] = true
			s.wantLost(server, reactor.ErrConnectionLost)
			s.wantLost(client, reactor.ErrConnectionLost)
		}
		if len(lengths) < 20 {
			t.Errorf("only %d lengths arrived in 50 cuts: %v", len(lengths), lengths)
		}
	})

	t.Run("nothing overtakes the reset, however long it takes", func(t *testing.T) {
		s := newScene(t, Options{Seed: 1})
		server, client := &actor{name: "server"}, &actor{name: "client"}
		s.meet(server, client)
		s.Cut("Farmar", "Gasol")
		client.Write([]byte("before"))
		s.Advance(time.Second)
		s.Sever("Farmar", "Gasol")
		client.Write([]byte("after"))
		s.Advance(time.Second)
		s.Heal("Farmar", "Gasol")
		s.Settle(minute)
		if !bytes.HasPrefix([]byte("before"), server.data) {
			t.Errorf("it got %q", server.data)
		}
		s.wantLost(server, reactor.ErrConnectionLost)
	})

	t.Run("others are not touched", func(t *testing.T) {
		s := newScene(t, Options{})
		server, client := &actor{name: "server"}, &actor{name: "client"}
		s.meet(server, client)
		s.Sever("Farmar", "Hill")
		s.Sever("Gasol", "Gasol")
		client.Write([]byte("x"))
		s.Settle(minute)
		s.wantLive(server)
		if string(server.data) != "x" {
			t.Errorf("it got %q", server.data)
		}
	})
}

func TestSetClock(t *testing.T) {
	s := newScene(t, Options{})
	s.Advance(0) // both have started
	var rang time.Duration
	s.farmar.CallLater(time.Second, func() { rang = s.after() })
	for _, ahead := range []time.Duration{time.Hour, -time.Hour, 1} {
		s.farmar.SetClock(ahead)
		if got := s.farmar.Seconds().Sub(s.Seconds()); got != ahead {
			t.Errorf("the clock is %v ahead, want %v", got, ahead)
		}
		if !s.gasol.Seconds().Equal(s.Seconds()) {
			t.Error("another reactor's clock was set")
		}
	}
	s.Advance(time.Minute)
	if rang != time.Second {
		t.Errorf("a timer of a second rang after %v", rang)
	}
}

func TestHighWater(t *testing.T) {
	for _, c := range []struct{ mark, size, pauses int }{{10, 10, 0}, {10, 11, 1}, {0, 65536, 0}, {0, 65537, 1}} {
		s := newScene(t, Options{HighWater: c.mark})
		client := &actor{}
		s.meet(&actor{}, client)
		p := &pushed{}
		if err := client.RegisterProducer(p, true); err != nil {
			t.Fatal(err)
		}
		client.Write(make([]byte, c.size))
		if p.pauses != c.pauses {
			t.Errorf("HighWater %d: %d bytes paused a producer %d times, want %d", c.mark, c.size, p.pauses, c.pauses)
		}
	}
}

// pushed is a push producer that counts.
type pushed struct{ pauses int }

func (p *pushed) PauseProducing()  { p.pauses++ }
func (p *pushed) ResumeProducing() {}
func (p *pushed) StopProducing()   {}

func TestTap(t *testing.T) {
	var sent []byte
	var left []int
	closed := map[string]int{}
	s := newScene(t, Options{Window: 8, Tap: func(p Passage) {
		switch {
		case p.Closed:
			closed[p.From+" to "+p.To]++
		case p.From == "Gasol" && p.To == "Farmar" && p.Connection == 1:
			sent = append(sent, p.Data...)
			left = append(left, p.Left)
		default:
			t.Errorf("%+v", p)
		}
	}})
	client := &actor{}
	server := &actor{}
	s.meet(server, client)
	client.Write([]byte("0123456789abcdef!"))
	s.Settle(minute)
	client.LoseConnection()
	s.Settle(minute)
	if string(sent) != "0123456789abcdef!" || string(server.data) != string(sent) {
		t.Errorf("%q was sent, and %q arrived", sent, server.data)
	}
	if !slices.Equal(left, []int{9, 1, 0}) {
		t.Errorf("what the system left was %v", left)
	}
	if len(closed) != 2 || closed["Gasol to Farmar"] != 1 || closed["Farmar to Gasol"] != 1 {
		t.Errorf("closed: %v", closed)
	}
}

// A connection that was full may become writable in the turn in which it is read:
// what it has to say still leaves in its order.
func TestOutputLeavesInItsOrderAlsoWhereTheWindowWasFull(t *testing.T) {
	var order []string
	s := newScene(t, Options{Window: 4, Tap: func(p Passage) {
		if len(p.Data) > 0 && p.From == "Farmar" {
			order = append(order, string(p.Data))
		}
	}})
	first := &actor{}
	s.meet(first, &actor{})
	first.SetFlushOrder(reactor.FlushFirst)
	full := &actor{received: func(a *actor, _ []byte) error {
		first.Write([]byte("1st"))
		a.Write([]byte("2nd"))
		return nil
	}}
	reader := &actor{}
	s.meet(full, reader)
	reader.PauseProducing()
	full.Write([]byte("12345")) // one more than the window takes
	s.Settle(minute)
	order = nil
	// In one turn of its own the reader makes room and says something.
	reader.ResumeProducing()
	s.gasol.Pause()
	reader.Write([]byte("x"))
	s.gasol.Resume()
	s.Settle(minute)
	if len(order) < 2 || order[0] != "1st" {
		t.Errorf("what left, in its order: %q", order)
	}
}
