//go:build linux

package gnetreactor

import (
	"maps"
	"testing"
	"time"

	"proxyherd/reactor"
)

// crowd has many clients send at once, while the loop is busy, so that all their
// events come before the end of a turn. received gets each with how many came so far,
// itself included, and after the last the reactor stops.
func crowd(t *testing.T, r *Reactor, clients int, received func(n int, c *conversation)) {
	t.Helper()
	crowdOf(t, r, clients, func(*conversation) {}, received)
}

// crowdOf is crowd for a test that wants to know the connections; each is given to came.
func crowdOf(t *testing.T, r *Reactor, clients int, came func(*conversation), received func(n int, c *conversation)) {
	t.Helper()
	made, n := 0, 0
	port, err := r.ListenTCP(0, each(func() *conversation {
		return &conversation{
			made: func(c *conversation) { made++; came(c) },
			received: func(c *conversation, _ []byte) error {
				n++
				received(n, c)
				return nil
			},
		}
	}), clients, "127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	_, number := reactor.SplitAddress(port.GetHost())
	dialled := make(chan []*conn)
	go func() {
		var peers []*conn
		for range clients {
			peers = append(peers, dial(t, number))
		}
		dialled <- peers
	}()
	var wait func()
	wait = func() {
		if made < clients {
			r.CallLater(time.Millisecond, wait)
			return
		}
		for _, c := range <-dialled {
			if _, err := c.Write([]byte("x")); err != nil {
				t.Error(err)
			}
		}
	}
	r.CallWhenRunning(wait)
	run(t, r)
}

func TestALongBatchIsSeveralTurns(t *testing.T) {
	const (
		clients = 3*partEvents + 8
		long    = 2*partEvents + 3
	)
	r, _ := newTestReactor(t, Config{SlowTurn: time.Hour})
	turns := func() (n uint64) {
		for _, count := range r.Turns().Counts {
			n += count
		}
		return n
	}
	var now time.Duration // by the clock of the turns
	r.turns.clock = func() time.Duration { return now }
	events := 0
	at := map[string]int{} // after how many events something was
	var before uint64
	var first *conversation
	crowd(t, r, clients, func(n int, c *conversation) {
		events = n
		switch n {
		case 1:
			first, before = c, turns()
			c.transport.Write([]byte("answer"))
			r.CallFromThread(func() { at["posted call"] = events })
			r.CallLater(0, func() {
				at["timer"] = events
				r.CallLater(0, func() { at["timer of a timer"] = events })
			})
		case long:
			r.CallLater(0, func() { at["timer of a long event"] = events })
			now += partTime
		case clients:
			// Three that had as many events as they may have, and one that took long.
			if ended := turns() - before; ended != 4 {
				t.Errorf("%d turns have ended before the last client's event, want 4", ended)
			}
			stop(r)
		}
		if first.transport.Unsent() == 0 && at["answer"] == 0 {
			at["answer"] = n - 1 // since the event before
		}
	})
	if want := map[string]int{
		"posted call": partEvents, "timer": partEvents, "timer of a timer": 2 * partEvents, "answer": partEvents,
		"timer of a long event": long,
	}; !maps.Equal(at, want) {
		t.Errorf("events that came before: %v, want %v", at, want)
	}
}

// A connection that ends in the middle of a batch gets no event that waits for it, and
// its number is nobody's before the batch is through.
func TestAConnectionThatEndsInTheMiddleOfABatch(t *testing.T) {
	const clients = 3*partEvents + 8
	r, _ := newTestReactor(t, Config{})
	heard := map[reactor.Transport]bool{}
	ended := 0
	crowd(t, r, clients, func(n int, c *conversation) {
		heard[c.transport] = true
		if n > 1 {
			return
		}
		r.CallLater(0, func() { // in the middle
			for s := range r.owners.all {
				if other, ok := s.(*transport); ok && !heard[other] {
					other.connectionLost(reactor.ErrConnectionDone)
					ended++
				}
			}
			stop(r)
			if len(r.closing) != ended {
				t.Errorf("%d connections have ended, and %d numbers are kept", ended, len(r.closing))
			}
		})
	})
	if len(heard) != partEvents || ended != clients-partEvents {
		t.Errorf("%d connections were heard and %d have ended, want %d and %d", len(heard), ended, partEvents, clients-partEvents)
	}
}

// In each part what goes to a link leaves before what goes to a client.
func TestEachPartOfABatchIsWrittenInItsOrder(t *testing.T) {
	const clients = 3*partEvents + 8
	r, _ := newTestReactor(t, Config{})
	var link *conversation
	answered := 0
	crowd(t, r, clients, func(n int, c *conversation) {
		if n == 1 {
			link = c
			c.transport.SetFlushOrder(reactor.FlushFirst)
			return
		}
		c.transport.Write([]byte("answer"))
		link.transport.Write([]byte("update"))
		c.lost = func(*conversation, error) { // its answer is out
			answered++
			if unsent := link.transport.Unsent(); unsent > 0 {
				t.Errorf("after answer %d, %d bytes for the link are not out", answered, unsent)
			}
		}
		c.transport.LoseConnection()
		if n == clients {
			if want := (clients - 1) / partEvents * partEvents; answered != want {
				t.Errorf("before the last event %d answers are out, want %d", answered, want)
			}
			stop(r)
		}
	})
	if answered != clients-1 {
		t.Errorf("%d answers, want %d", answered, clients-1)
	}
}
