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
