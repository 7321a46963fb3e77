package reactorherd_test

import (
	"time"

	"proxyherd/reactor"
)

// faults stands between a server and its reactor. It panics in one call of the
// reactor, or of a client's transport, that is made while code of that client's
// connection runs: the at-th, or the first of that name.
type faults struct {
	reactor.Reactor
	armed  bool // clients that come now are those
	inside int  // how deep we are in their code
	job    bool // a job of theirs runs

	links bool // not clients, but the neighbours that dial are those

	at, calls int
	on        string
	where     string // the call that panicked; empty while none did
}

// arm makes the client that comes next the one, and the at-th call the one.
func (f *faults) arm(at int) { f.armed, f.at, f.calls, f.where = true, at, 0, "" }

func (f *faults) disarm() { f.armed = false }

// call is one call of the reactor's.
func (f *faults) call(what string) {
	if f.armed && f.inside > 0 {
		f.count(what)
	}
}

func (f *faults) count(what string) {
	if f.calls++; f.calls == f.at || what == f.on && f.where == "" {
		f.where = what
		panic("a fault in " + what)
	}
}

// run runs their code.
func (f *faults) run(code func()) {
	f.inside++
	defer func() { f.inside-- }()
	code()
}

// theirs is code that they leave behind, to be run later.
func (f *faults) theirs(code func()) func() {
	if f.inside == 0 && !f.job {
		return code
	}
	return func() { f.run(code) }
}

func (f *faults) Seconds() time.Time {
	f.call("Seconds")
	return f.Reactor.Seconds()
}

func (f *faults) CallLater(delay time.Duration, code func()) reactor.DelayedCall {
	f.call("CallLater")
	return f.Reactor.CallLater(delay, f.theirs(code))
}

func (f *faults) CallInThread(code func()) bool {
	f.call("CallInThread")
	if f.inside == 0 {
		return f.Reactor.CallInThread(code)
	}
	return f.Reactor.CallInThread(func() {
		f.job = true
		defer func() { f.job = false }()
		code()
	})
}

func (f *faults) CallFromThread(code func()) bool {
	f.call("CallFromThread")
	return f.Reactor.CallFromThread(f.theirs(code))
}

func (f *faults) ListenTCP(port int, factory reactor.Factory, backlog int, iface string) (reactor.ListeningPort, error) {
	if port/100 == 121 == f.links { // where neighbours dial
		factory = &faultyFactory{factory, f}
	}
	return f.Reactor.ListenTCP(port, factory, backlog, iface)
}

type faultyFactory struct {
	reactor.Factory
	faults *faults
}

func (f *faultyFactory) BuildProtocol(from reactor.Address) (built reactor.Protocol) {
	if !f.faults.armed {
		return f.Factory.BuildProtocol(from)
	}
	f.faults.run(func() { built = f.Factory.BuildProtocol(from) })
	if built == nil {
		return nil
	}
	p := &faultyProtocol{built, f.faults}
	if _, isSession := built.(reactor.HalfCloseableProtocol); isSession {
		return &faultySession{p}
	}
	return p
}

// faultyProtocol is a session or a link, seen from its transport.
type faultyProtocol struct {
	reactor.Protocol
	faults *faults
}

func (p *faultyProtocol) MakeConnection(_ reactor.Protocol, t reactor.Transport) {
	p.faults.run(func() {
		p.Protocol.MakeConnection(p.Protocol, &faultyTransport{t.(reactor.TCPTransport), p.faults})
	})
}

func (p *faultyProtocol) DataReceived(_ reactor.Protocol, data []byte) (err error) {
	p.faults.run(func() { err = p.Protocol.DataReceived(p.Protocol, data) })
	return err
}

func (p *faultyProtocol) ConnectionLost(reason error) {
	p.faults.run(func() { p.Protocol.ConnectionLost(reason) })
}

// faultySession hears of the end of what a client sends.
type faultySession struct{ *faultyProtocol }

func (p *faultySession) ReadConnectionLost() {
	p.faults.run(p.Protocol.(reactor.HalfCloseableProtocol).ReadConnectionLost)
}

func (p *faultySession) WriteConnectionLost() {
	p.faults.run(p.Protocol.(reactor.HalfCloseableProtocol).WriteConnectionLost)
}

// faultyTransport is a transport, seen from its protocol.
type faultyTransport struct {
	reactor.TCPTransport
	faults *faults
}

func (t *faultyTransport) call(what string) {
	if t.faults.armed {
		t.faults.count(what)
	}
}

func (t *faultyTransport) Write(data []byte) {
	t.call("Write")
	t.TCPTransport.Write(data)
}

func (t *faultyTransport) LoseConnection() {
	t.call("LoseConnection")
	t.TCPTransport.LoseConnection()
}

func (t *faultyTransport) LoseWriteConnection() {
	t.call("LoseWriteConnection")
	t.TCPTransport.LoseWriteConnection()
}

func (t *faultyTransport) AbortConnection() {
	t.call("AbortConnection")
	t.TCPTransport.AbortConnection()
}

func (t *faultyTransport) Disconnecting() bool {
	t.call("Disconnecting")
	return t.TCPTransport.Disconnecting()
}

func (t *faultyTransport) GetPeer() reactor.Address {
	t.call("GetPeer")
	return t.TCPTransport.GetPeer()
}

func (t *faultyTransport) PauseProducing() {
	t.call("PauseProducing")
	t.TCPTransport.PauseProducing()
}

func (t *faultyTransport) ResumeProducing() {
	t.call("ResumeProducing")
	t.TCPTransport.ResumeProducing()
}

func (t *faultyTransport) SetFlushOrder(order reactor.FlushOrder) {
	t.call("SetFlushOrder")
	t.TCPTransport.SetFlushOrder(order)
}

func (t *faultyTransport) SetTcpNoDelay(enabled bool) error {
	t.call("SetTcpNoDelay")
	return t.TCPTransport.SetTcpNoDelay(enabled)
}

func (t *faultyTransport) UnregisterProducer() {
	t.call("UnregisterProducer")
	t.TCPTransport.UnregisterProducer()
}

func (t *faultyTransport) RegisterProducer(producer reactor.Producer, streaming bool) error {
	t.call("RegisterProducer")
	return t.TCPTransport.RegisterProducer(&faultyProducer{producer.(reactor.PushProducer), t.faults}, streaming)
}

// faultyProducer is a protocol again, as its transport's producer.
type faultyProducer struct {
	reactor.PushProducer
	faults *faults
}

func (p *faultyProducer) PauseProducing()  { p.faults.run(p.PushProducer.PauseProducing) }
func (p *faultyProducer) ResumeProducing() { p.faults.run(p.PushProducer.ResumeProducing) }
func (p *faultyProducer) StopProducing()   { p.faults.run(p.PushProducer.StopProducing) }
