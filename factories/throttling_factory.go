package factories

import (
	"time"

	"proxyherd/reactor"
)

// ThrottlingFactory bounds how many connections there are and how many bytes
// all of them together move in a second: twisted/protocols/policies.py:230
// ThrottlingFactory. A limit that was exceeded in one second is made up for by
// a pause.
//
// Reading pauses on every connection there is then. Writing pauses only the
// push producers that are registered: what others write is counted, and not
// held back. Two faults of Twisted's are left behind: a connection that the
// factory inside refuses is not counted, and timers that were cancelled are
// forgotten, so that a pending pause at the end of one connection does not
// break the end of a later one.
type ThrottlingFactory struct {
	WrappingFactory

	// Clock runs the checks. It is required if there is a limit.
	Clock reactor.Time
	// MaxConnectionCount is the most connections at a time; 0 means no limit.
	MaxConnectionCount int
	// ReadLimit and WriteLimit are bytes a second, over all connections; 0
	// means no limit.
	ReadLimit, WriteLimit int

	// ConnectionCount is how many connections there are, those included that
	// are built and not yet made.
	ConnectionCount int

	reads, writes throttle
}

// BuildProtocol wraps as WrappingFactory does, or refuses one connection too
// many: twisted/protocols/policies.py:339. The first starts the checks.
func (f *ThrottlingFactory) BuildProtocol(addr reactor.Address) reactor.Protocol {
	if f.MaxConnectionCount > 0 && f.ConnectionCount >= f.MaxConnectionCount {
		f.msg(f, "Max connection count reached!")
		return nil
	}
	wrapped := f.WrappedFactory.BuildProtocol(addr)
	if wrapped == nil {
		return nil
	}
	if f.ConnectionCount == 0 {
		f.reads.start(f, f.ReadLimit, "reads", (*ThrottlingProtocol).ThrottleReads, (*ThrottlingProtocol).UnthrottleReads)
		f.writes.start(f, f.WriteLimit, "writes", (*ThrottlingProtocol).ThrottleWrites, (*ThrottlingProtocol).UnthrottleWrites)
	}
	f.ConnectionCount++
	return &ThrottlingProtocol{
		ProtocolWrapper: ProtocolWrapper{Factory: f, WrappedProtocol: wrapped},
		reads:           &f.reads, writes: &f.writes,
	}
}

// UnregisterProtocol counts; the last one stops the checks:
// twisted/protocols/policies.py:354.
func (f *ThrottlingFactory) UnregisterProtocol(wrapper reactor.Protocol) {
	f.WrappingFactory.UnregisterProtocol(wrapper)
	f.ConnectionCount--
	if f.ConnectionCount == 0 {
		f.reads.stop()
		f.writes.stop()
	}
}

// throttle watches one direction of a ThrottlingFactory.
type throttle struct {
	factory       *ThrottlingFactory
	limit         int // bytes a second
	what          string
	pause, resume func(*ThrottlingProtocol)

	thisSecond         int
	checking, resuming reactor.DelayedCall
}

// start begins the checks, with one at once, unless there is no limit.
func (t *throttle) start(f *ThrottlingFactory, limit int, what string, pause, resume func(*ThrottlingProtocol)) {
	t.factory, t.limit, t.what, t.pause, t.resume = f, limit, what, pause, resume
	if limit > 0 {
		t.check()
	}
}

// check looks at the second that has passed: twisted/protocols/policies.py:277.
// Twice the limit makes for a pause of a second, and so on. A pause that is
// still on ends with the new one. (In Twisted both end, the first too early.)
func (t *throttle) check() {
	if t.thisSecond > t.limit {
		t.factory.msg(t.factory, "Throttling %s", t.what)
		t.each(t.pause)
		forget(&t.resuming)
		excess := float64(t.thisSecond)/float64(t.limit) - 1
		t.resuming = t.factory.Clock.CallLater(time.Duration(excess*float64(time.Second)), func() {
			t.resuming = nil
			t.factory.msg(t.factory, "Stopped throttling %s", t.what)
			t.each(t.resume)
		})
	}
	t.thisSecond = 0
	t.checking = t.factory.Clock.CallLater(time.Second, t.check)
}

func (t *throttle) each(do func(*ThrottlingProtocol)) {
	for _, wrapper := range t.factory.Protocols() {
		do(wrapper.(*ThrottlingProtocol))
	}
}

// stop ends the checks and a pause, and forgets what was counted.
func (t *throttle) stop() {
	forget(&t.checking)
	forget(&t.resuming)
	t.thisSecond = 0
}

// ThrottlingProtocol counts bytes for its factory and can be slowed down by it:
// twisted/protocols/policies.py:189 ThrottlingProtocol.
type ThrottlingProtocol struct {
	ProtocolWrapper
	producer      reactor.Producer
	reads, writes *throttle
}

// Write counts and passes on.
func (p *ThrottlingProtocol) Write(data []byte) {
	p.writes.thisSecond += len(data)
	p.ProtocolWrapper.Write(data)
}

// WriteSequence counts and passes on.
func (p *ThrottlingProtocol) WriteSequence(data [][]byte) {
	for _, part := range data {
		p.writes.thisSecond += len(part)
	}
	p.ProtocolWrapper.WriteSequence(data)
}

// DataReceived counts and passes on.
func (p *ThrottlingProtocol) DataReceived(self reactor.Protocol, data []byte) error {
	p.reads.thisSecond += len(data)
	return p.ProtocolWrapper.DataReceived(self, data)
}

// RegisterProducer remembers whom to pause.
func (p *ThrottlingProtocol) RegisterProducer(producer reactor.Producer, streaming bool) error {
	err := p.ProtocolWrapper.RegisterProducer(producer, streaming)
	if err == nil {
		p.producer = producer
	}
	return err
}

// UnregisterProducer forgets it.
func (p *ThrottlingProtocol) UnregisterProducer() {
	p.producer = nil
	p.ProtocolWrapper.UnregisterProducer()
}

// ThrottleReads stops reading: twisted/protocols/policies.py:215.
func (p *ThrottlingProtocol) ThrottleReads() { p.Transport.PauseProducing() }

// UnthrottleReads reads on.
func (p *ThrottlingProtocol) UnthrottleReads() { p.Transport.ResumeProducing() }

// ThrottleWrites pauses the push producer, if there is one.
func (p *ThrottlingProtocol) ThrottleWrites() {
	if producer, ok := p.producer.(reactor.PushProducer); ok {
		producer.PauseProducing()
	}
}

// UnthrottleWrites resumes it.
func (p *ThrottlingProtocol) UnthrottleWrites() {
	if producer, ok := p.producer.(reactor.PushProducer); ok {
		producer.ResumeProducing()
	}
}
