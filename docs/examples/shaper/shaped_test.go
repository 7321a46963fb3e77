package main

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"proxyherd/factories"
	"proxyherd/protocols"
	"proxyherd/reactor"
	"proxyherd/reactor/reactortest"
	"proxyherd/reactor/task"
)

// writer is a protocol that only writes.
type writer struct{ protocols.Protocol }

// connect makes a shaped connection of 1,000 bytes a second after the first
// 1,000. The transport is the real one, in memory; the test asks its producer.
func connect(t *testing.T) (p reactor.Protocol, inside *writer, real *reactortest.StringTransport, clock *task.Clock) {
	t.Helper()
	inside, real, clock = &writer{}, &reactortest.StringTransport{}, &task.Clock{}
	f := &ShapedFactory{Filter: &Filter{MaxBurst: 1_000, Rate: 1_000, Clock: clock}, Clock: clock}
	f.WrappedFactory = factories.ForProtocol(func(reactor.Address) reactor.Protocol { return inside })
	p = f.BuildProtocol(nil)
	p.MakeConnection(p, real)
	if real.Producer == nil || real.Streaming {
		t.Fatalf("the transport has the producer %v, streaming: %v", real.Producer, real.Streaming)
	}
	real.Producer.ResumeProducing() // what a reactor does at once
	return p, inside, real, clock
}

// drain asks for more, as a transport does that has sent everything, until time
// is up.
func drain(real *reactortest.StringTransport, clock *task.Clock, seconds int) {
	for range seconds * 10 {
		clock.Advance(100 * time.Millisecond)
		if real.Producer != nil {
			real.Producer.ResumeProducing()
		}
	}
}

// What was written before LoseConnection is sent, slowly, and then the
// connection closes.
func TestClosingWaitsForTheBucket(t *testing.T) {
	_, inside, real, clock := connect(t)
	text := strings.Repeat("abcde", 500)
	inside.Transport.WriteSequence([][]byte{[]byte(text[:7]), []byte(text[7:])})
	inside.Transport.LoseConnection()
	if got := len(real.Value()); got != 1_000 || !real.Disconnecting() || !inside.Transport.Disconnecting() {
		t.Fatalf("%d bytes at once; closing: %v", got, real.Disconnecting())
	}
	drain(real, clock, 1)
	if got := len(real.Value()); got != 2_000 || real.Producer == nil {
		t.Fatalf("%d bytes after a second, the producer is %v", got, real.Producer)
	}
	drain(real, clock, 1)
	if real.Value() != text || real.Producer != nil {
		t.Errorf("%d bytes after two seconds, the producer is %v", len(real.Value()), real.Producer)
	}
	inside.Transport.Write([]byte("too late"))
	drain(real, clock, 1)
	if real.Value() != text {
		t.Errorf("sent after the end: %q", real.Value()[len(text):])
	}
}

// Even what fits into the bucket waits until the transport has sent the rest.
func TestTheTransportAsksForMore(t *testing.T) {
	_, inside, real, _ := connect(t)
	inside.Transport.Write([]byte("one"))
	inside.Transport.Write([]byte("two"))
	if got := real.Value(); got != "one" {
		t.Fatalf("the transport has %q", got)
	}
	real.Producer.ResumeProducing()
	if got := real.Value(); got != "onetwo" {
		t.Errorf("the transport has %q", got)
	}
}

// push is a push producer that notes what it is told.
type push struct{ told []string }

func (p *push) PauseProducing()  { p.told = append(p.told, "pause") }
func (p *push) ResumeProducing() { p.told = append(p.told, "resume") }
func (p *push) StopProducing()   { p.told = append(p.told, "stop") }

// To a push producer the shaper is a transport with a small wire.
func TestPushProducersArePausedAndResumed(t *testing.T) {
	_, inside, real, clock := connect(t)
	producer := &push{}
	if err := inside.Transport.RegisterProducer(producer, true); err != nil {
		t.Fatal(err)
	}
	if err := inside.Transport.RegisterProducer(producer, true); !errors.Is(err, reactor.ErrProducerRegistered) {
		t.Errorf("the second producer: %v", err)
	}
	inside.Transport.Write(make([]byte, 70_000))
	if !slices.Equal(producer.told, []string{"pause"}) {
		t.Fatalf("told %q", producer.told)
	}
	drain(real, clock, 68)
	if !slices.Equal(producer.told, []string{"pause"}) {
		t.Fatalf("told %q while %d bytes of 70,000 wait", producer.told, 70_000-len(real.Value()))
	}
	drain(real, clock, 2)
	if !slices.Equal(producer.told, []string{"pause", "resume"}) || len(real.Value()) != 70_000 {
		t.Fatalf("told %q with %d bytes sent", producer.told, len(real.Value()))
	}
	// A connection with a producer does not close before that unregisters.
	inside.Transport.LoseConnection()
	drain(real, clock, 1)
	if real.Producer == nil {
		t.Fatal("closed under its producer")
	}
	inside.Transport.UnregisterProducer()
	if real.Producer != nil {
		t.Error("still open")
	}
}

// At the end of the connection the producer is stopped and nothing is left
// behind: no timer, no user of the bucket.
func TestTheEndOfAConnection(t *testing.T) {
	p, inside, real, clock := connect(t)
	producer := &push{}
	if err := inside.Transport.RegisterProducer(producer, true); err != nil {
		t.Fatal(err)
	}
	inside.Transport.Write(make([]byte, 1_000))
	inside.Transport.Write(make([]byte, 1_000))
	consumer := real.Producer.(*shapedConsumer)
	consumer.ResumeProducing() // the first 1,000 are sent, and the bucket is full
	if n := len(clock.GetDelayedCalls()); n != 1 || consumer.bucket.users != 1 {
		t.Fatalf("%d timers, %d users", n, consumer.bucket.users)
	}
	consumer.StopProducing() // a transport does this to its producer, then
	p.ConnectionLost(reactor.ErrConnectionLost)
	if n := len(clock.GetDelayedCalls()); n != 0 || consumer.bucket.users != 0 || !slices.Equal(producer.told, []string{"stop"}) {
		t.Errorf("%d timers, %d users, the producer was told %q", n, consumer.bucket.users, producer.told)
	}
	late := &push{}
	inside.Transport.UnregisterProducer()
	if err := inside.Transport.RegisterProducer(late, true); err != nil || !slices.Equal(late.told, []string{"stop"}) {
		t.Errorf("a late producer: %v, told %q", err, late.told)
	}
}

// Buckets that are empty and that nobody uses are forgotten, at the next
// connection after the interval.
func TestSweep(t *testing.T) {
	var clock task.Clock
	f := &Filter{Key: ByHost, MaxBurst: 1_000, Rate: 1, SweepInterval: time.Minute, Clock: &clock}
	from := func(host string) *Bucket {
		return f.BucketFor(&reactortest.StringTransport{PeerAddress: reactor.IPv4Address{Host: host}})
	}
	used, unused, full := from("10.0.0.1"), from("10.0.0.2"), from("10.0.0.3")
	used.users = 1
	if n := full.Add(2_000); n != 1_000 {
		t.Fatalf("took %d of 2,000 bytes", n)
	}
	clock.Advance(2 * time.Minute)
	if from("10.0.0.1") != used || from("10.0.0.2") == unused || from("10.0.0.3") != full {
		t.Error("not exactly the unused one is new")
	}
	if n := full.Add(2_000); n != 120 {
		t.Errorf("took %d bytes after two minutes", n)
	}
}
