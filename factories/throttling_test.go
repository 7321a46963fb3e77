package factories_test

import (
	"testing"
	"time"

	"proxyherd/factories"
	"proxyherd/reactor"
	"proxyherd/reactor/reactortest"
	"proxyherd/reactor/task"
)

// throttled makes a ThrottlingFactory with these limits.
func throttled(readLimit, writeLimit int) (*factories.ThrottlingFactory, *innerFactory, *task.Clock) {
	in, clock := &innerFactory{}, &task.Clock{}
	return &factories.ThrottlingFactory{
		WrappingFactory: factories.WrappingFactory{WrappedFactory: in},
		Clock:           clock, ReadLimit: readLimit, WriteLimit: writeLimit,
	}, in, clock
}

// pausing is a push producer that notes what it is told.
type pausing struct{ state reactortest.ProducerState }

func (p *pausing) PauseProducing()  { p.state = reactortest.Paused }
func (p *pausing) ResumeProducing() { p.state = reactortest.Producing }
func (p *pausing) StopProducing()   { p.state = reactortest.Stopped }

func TestThrottledWrites(t *testing.T) { // TH3, TH4
	f, in, clock := throttled(0, 10)
	connect(t, f)
	producer := &pausing{}
	if err := in.built[0].Transport.RegisterProducer(producer, true); err != nil {
		t.Fatal(err)
	}
	expect := func(want reactortest.ProducerState) {
		t.Helper()
		if producer.state != want {
			t.Fatalf("producer is %v", producer.state)
		}
	}
	in.built[0].Transport.Write(make([]byte, 12))
	in.built[0].Transport.WriteSequence([][]byte{make([]byte, 4), make([]byte, 4)})
	expect(reactortest.Producing)
	clock.Advance(time.Second) // 20 bytes, twice the limit
	expect(reactortest.Paused)
	clock.Advance(time.Second - 1)
	expect(reactortest.Paused)
	clock.Advance(1)
	expect(reactortest.Producing)
	in.built[0].Transport.Write(make([]byte, 10)) // the limit itself is fine
	clock.Advance(time.Second)
	expect(reactortest.Producing)
	in.built[0].Transport.UnregisterProducer()
	in.built[0].Transport.Write(make([]byte, 20))
	clock.Advance(time.Second) // nobody left to pause
	expect(reactortest.Producing)
}

func TestThrottledReads(t *testing.T) { // TH3, TH4
	f, _, clock := throttled(10, 0)
	p, first := connect(t, f)
	_, second := connect(t, f)
	for round := range 3 {
		if err := p.DataReceived(p, make([]byte, 20)); err != nil {
			t.Fatal(err)
		}
		clock.Advance(time.Second)
		if first.ProducerState != reactortest.Paused || second.ProducerState != reactortest.Paused {
			t.Fatalf("round %d: %v, %v", round, first.ProducerState, second.ProducerState)
		}
		clock.Advance(time.Second)
		if first.ProducerState != reactortest.Producing || second.ProducerState != reactortest.Producing {
			t.Fatalf("round %d: %v, %v", round, first.ProducerState, second.ProducerState)
		}
	}
}

func TestThrottlingTimers(t *testing.T) {
	t.Run("none without a limit", func(t *testing.T) { // TH1
		f, _, clock := throttled(0, 0)
		connect(t, f)
		if n := len(clock.GetDelayedCalls()); n != 0 {
			t.Fatalf("%d calls pending", n)
		}
	})
	t.Run("run while there are connections", func(t *testing.T) { // TH2, TH5
		f, _, clock := throttled(10, 10)
		_, first := connect(t, f)
		_, second := connect(t, f)
		if n := len(clock.GetDelayedCalls()); n != 2 {
			t.Fatalf("%d calls pending", n)
		}
		first.LoseConnection()
		if n := len(clock.GetDelayedCalls()); n != 2 {
			t.Fatalf("%d calls pending with one connection left", n)
		}
		second.LoseConnection()
		if n := len(clock.GetDelayedCalls()); n != 0 || f.ConnectionCount != 0 {
			t.Fatalf("%d calls pending, %d connections", n, f.ConnectionCount)
		}
	})
	t.Run("a pause at the end of the last connection does not break a later end", func(t *testing.T) { // TH5
		f, in, clock := throttled(10, 0)
		for range 3 {
			p, transport := connect(t, f)
			if err := p.DataReceived(p, make([]byte, 1000)); err != nil {
				t.Fatal(err)
			}
			clock.Advance(time.Second)
			if n := len(clock.GetDelayedCalls()); n != 2 {
				t.Fatalf("%d calls pending during the pause", n)
			}
			transport.LoseConnection()
			if n := len(clock.GetDelayedCalls()); n != 0 {
				t.Fatalf("%d calls pending after the end", n)
			}
		}
		lost := 0
		for _, event := range in.events {
			if event == "lost: "+reactor.ErrConnectionDone.Error() {
				lost++
			}
		}
		if lost != 3 {
			t.Fatalf("%d protocols heard of the loss", lost)
		}
	})
	t.Run("what was read in the last second of one is not held against the next", func(t *testing.T) {
		f, _, clock := throttled(10, 0)
		p, transport := connect(t, f)
		if err := p.DataReceived(p, make([]byte, 1000)); err != nil {
			t.Fatal(err)
		}
		transport.LoseConnection()
		_, next := connect(t, f)
		clock.Advance(time.Second)
		if next.ProducerState != reactortest.Producing {
			t.Fatalf("transport is %v", next.ProducerState)
		}
	})
	t.Run("a second pause ends the first", func(t *testing.T) { // TH3
		f, in, clock := throttled(0, 10)
		connect(t, f)
		producer := &pausing{}
		if err := in.built[0].Transport.RegisterProducer(producer, true); err != nil {
			t.Fatal(err)
		}
		for range 2 { // who writes on in spite of the pause
			in.built[0].Transport.Write(make([]byte, 25))
			clock.Advance(time.Second)
		}
		clock.Advance(600 * time.Millisecond) // the first would have ended here
		if producer.state != reactortest.Paused {
			t.Fatalf("producer is %v", producer.state)
		}
		clock.Advance(900 * time.Millisecond)
		if producer.state != reactortest.Producing {
			t.Fatalf("producer is %v", producer.state)
		}
	})
	t.Run("they say so in the log", func(t *testing.T) { // TH3
		f, _, clock := throttled(10, 0)
		log := &memoryLog{}
		f.Log = log
		p, _ := connect(t, f)
		_ = p.DataReceived(p, make([]byte, 20))
		clock.Pump(time.Second, time.Second)
		same(t, "log", log.lines,
			"innerFactory (WrappingFactory): Throttling reads",
			"innerFactory (WrappingFactory): Stopped throttling reads")
	})
	t.Run("a pull producer is not paused", func(t *testing.T) { // TH4
		f, in, clock := throttled(0, 10)
		connect(t, f)
		producer := &pulling{}
		if err := in.built[0].Transport.RegisterProducer(producer, false); err != nil {
			t.Fatal(err)
		}
		in.built[0].Transport.Write(make([]byte, 20))
		clock.Pump(time.Second, time.Second)
		if producer.told != 0 {
			t.Fatalf("told %d times", producer.told)
		}
	})
}

// pulling cannot be paused.
type pulling struct{ told int }

func (p *pulling) ResumeProducing() { p.told++ }
func (p *pulling) StopProducing()   { p.told++ }
