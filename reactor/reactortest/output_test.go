package reactortest

import (
	"slices"
	"testing"

	"proxyherd/reactor"
)

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

// The end of a turn hands out output in its order, also what is first written then.
func TestWhatIsWrittenInTheFlushIsNotLost(t *testing.T) {
	s := newScene(t, Options{HighWater: 2})
	first, last := &actor{name: "first"}, &actor{name: "last"}
	takesFirst, takesLast := &actor{name: "takes first"}, &actor{name: "takes last"}
	s.meet(first, takesFirst)
	s.meet(last, takesLast)
	first.SetFlushOrder(reactor.FlushFirst)
	last.SetFlushOrder(reactor.FlushLast)
	// Paused by what is written, it is resumed in the flush that sends it.
	if err := first.RegisterProducer(&resumed{then: func() { last.Write([]byte("then")) }}, true); err != nil {
		t.Fatal(err)
	}
	first.Write([]byte("1st"))
	s.Settle(minute)
	s.wantData(takesFirst, "1st")
	s.wantData(takesLast, "then")
}

// resumed is a push producer that does something when it is resumed.
type resumed struct {
	pushed
	then func()
}

func (p *resumed) ResumeProducing() { p.then() }
