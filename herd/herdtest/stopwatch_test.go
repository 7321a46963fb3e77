package herdtest

import (
	"runtime"
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"proxyherd/reactor"
	"proxyherd/reactor/deferred"
)

// stopwatch is a reactor whose callbacks are timed: by the processor time of the
// loop's own thread, so that other programs on a busy machine count for nothing.
// What the reactor itself does between two callbacks is not in it.
//
// It can also cut the links to neighbours. All of it is for the loop alone.
type stopwatch struct {
	reactor.Reactor
	peers int // the port for neighbours

	depth int // of callbacks within callbacks
	calls map[string]*times

	isCut bool
	links []reactor.Transport // open ones
}

func newStopwatch(r reactor.Reactor, peers int) *stopwatch {
	return &stopwatch{Reactor: r, peers: peers, calls: map[string]*times{}}
}

// cut ends all links, and lets none be made until heal.
func (s *stopwatch) cut() {
	s.isCut = true
	for _, link := range s.links {
		link.AbortConnection()
	}
}

func (s *stopwatch) heal() { s.isCut = false }

// times are how long one kind of callback took.
type times struct {
	calls, over    int // over turnMost
	total, longest time.Duration
}

func (t *times) add(d time.Duration) {
	t.calls++
	t.total += d
	t.longest = max(t.longest, d)
	if d > turnMost {
		t.over++
	}
}

// Run runs the loop on a thread of its own.
func (s *stopwatch) Run() error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	return s.Reactor.Run()
}

// threadTime is the processor time that this thread has used.
func threadTime() time.Duration {
	var t unix.Timespec
	// It fails only for a clock that does not exist.
	_ = unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &t)
	return time.Duration(t.Nano())
}

// time runs a callback of the reactor's.
func (s *stopwatch) time(what string, callback func()) {
	if s.depth++; s.depth > 1 {
		callback()
		s.depth--
		return
	}
	began := threadTime()
	callback()
	s.depth--
	took := threadTime() - began
	if s.calls[what] == nil {
		s.calls[what] = &times{}
	}
	s.calls[what].add(took)
}

// timed is a function that is timed when it is called.
func (s *stopwatch) timed(what string, f func()) func() { return func() { s.time(what, f) } }

func (s *stopwatch) CallLater(delay time.Duration, f func()) reactor.DelayedCall {
	return s.Reactor.CallLater(delay, s.timed("a timer", f))
}

func (s *stopwatch) CallFromThread(f func()) bool {
	return s.Reactor.CallFromThread(s.timed("a posted call", f))
}

func (s *stopwatch) AddSystemEventTrigger(phase reactor.Phase, event string, f reactor.Trigger) (reactor.TriggerID, error) {
	return s.Reactor.AddSystemEventTrigger(phase, event, func() (d *deferred.Deferred[struct{}]) {
		s.time("a trigger", func() { d = f() })
		return d
	})
}

func (s *stopwatch) ListenTCP(port int, f reactor.Factory, backlog int, iface string) (reactor.ListeningPort, error) {
	return s.Reactor.ListenTCP(port, &timedFactory{f, s, port == s.peers}, backlog, iface)
}

func (s *stopwatch) ConnectTCP(host string, port int, f reactor.ClientFactory, timeout time.Duration, bind reactor.Address) reactor.Connector {
	return s.Reactor.ConnectTCP(host, port, &timedClientFactory{f, s}, timeout, bind)
}

// timedFactory makes protocols that are timed.
type timedFactory struct {
	reactor.Factory
	watch *stopwatch
	links bool // what it makes are links
}

func (f *timedFactory) DoStart(reactor.Factory) { f.Factory.DoStart(f.Factory) }
func (f *timedFactory) DoStop(reactor.Factory)  { f.Factory.DoStop(f.Factory) }

func (f *timedFactory) BuildProtocol(from reactor.Address) reactor.Protocol {
	return f.watch.build(f.Factory, from, f.links)
}

type timedClientFactory struct {
	reactor.ClientFactory
	watch *stopwatch
}

func (f *timedClientFactory) DoStart(reactor.Factory) { f.ClientFactory.DoStart(f.ClientFactory) }
func (f *timedClientFactory) DoStop(reactor.Factory)  { f.ClientFactory.DoStop(f.ClientFactory) }

func (f *timedClientFactory) BuildProtocol(from reactor.Address) reactor.Protocol {
	return f.watch.build(f.ClientFactory, from, true)
}

func (f *timedClientFactory) ClientConnectionFailed(c reactor.Connector, reason error) {
	f.watch.time("ClientConnectionFailed", func() { f.ClientFactory.ClientConnectionFailed(c, reason) })
}

func (f *timedClientFactory) ClientConnectionLost(c reactor.Connector, reason error) {
	f.watch.time("ClientConnectionLost", func() { f.ClientFactory.ClientConnectionLost(c, reason) })
}

func (s *stopwatch) build(f reactor.Factory, from reactor.Address, link bool) (built reactor.Protocol) {
	if s.isCut && link {
		return nil
	}
	s.time("BuildProtocol", func() { built = f.BuildProtocol(from) })
	if built == nil {
		return nil
	}
	p := &timedProtocol{Protocol: built, watch: s, link: link}
	if half, is := built.(reactor.HalfCloseableProtocol); is {
		return &timedHalfCloseable{p, half}
	}
	return p
}

// timedProtocol is a protocol, seen from its transport.
type timedProtocol struct {
	reactor.Protocol
	watch     *stopwatch
	link      bool
	transport reactor.Transport
}

func (p *timedProtocol) MakeConnection(_ reactor.Protocol, t reactor.Transport) {
	p.transport = &timedTransport{t.(reactor.TCPTransport), p.watch}
	if p.link {
		p.watch.links = append(p.watch.links, p.transport)
	}
	p.watch.time("ConnectionMade", func() { p.Protocol.MakeConnection(p.Protocol, p.transport) })
}

func (p *timedProtocol) DataReceived(_ reactor.Protocol, data []byte) (err error) {
	p.watch.time("DataReceived", func() { err = p.Protocol.DataReceived(p.Protocol, data) })
	return err
}

func (p *timedProtocol) ConnectionLost(reason error) {
	p.watch.links = slices.DeleteFunc(p.watch.links, func(t reactor.Transport) bool { return t == p.transport })
	p.watch.time("ConnectionLost", func() { p.Protocol.ConnectionLost(reason) })
}

// timedHalfCloseable is one that goes on after the other side has ended.
type timedHalfCloseable struct {
	*timedProtocol
	half reactor.HalfCloseableProtocol
}

func (p *timedHalfCloseable) ReadConnectionLost() {
	p.watch.time("ReadConnectionLost", p.half.ReadConnectionLost)
}

func (p *timedHalfCloseable) WriteConnectionLost() {
	p.watch.time("WriteConnectionLost", p.half.WriteConnectionLost)
}

// timedTransport is a transport, seen from its protocol: what it tells a producer
// is a callback too.
type timedTransport struct {
	reactor.TCPTransport
	watch *stopwatch
}

func (t *timedTransport) RegisterProducer(p reactor.Producer, streaming bool) error {
	return t.TCPTransport.RegisterProducer(&timedProducer{p.(reactor.PushProducer), t.watch}, streaming)
}

type timedProducer struct {
	reactor.PushProducer
	watch *stopwatch
}

func (p *timedProducer) PauseProducing() {
	p.watch.time("PauseProducing", p.PushProducer.PauseProducing)
}
func (p *timedProducer) ResumeProducing() {
	p.watch.time("ResumeProducing", p.PushProducer.ResumeProducing)
}
func (p *timedProducer) StopProducing() { p.watch.time("StopProducing", p.PushProducer.StopProducing) }
