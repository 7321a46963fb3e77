package reactortest

import (
	"proxyherd/reactor"
)

// actor is a protocol whose part is written where it is cast.
type actor struct {
	reactor.TCPTransport
	name     string
	made     func(a *actor)
	received func(a *actor, data []byte) error
	lost     func(a *actor, reason error)

	data    []byte  // everything received
	reasons []error // of ConnectionLost
}

func (a *actor) MakeConnection(self reactor.Protocol, t reactor.Transport) {
	a.TCPTransport = t.(reactor.TCPTransport)
	self.ConnectionMade()
}

func (a *actor) ConnectionMade() {
	if a.made != nil {
		a.made(a)
	}
}

func (a *actor) DataReceived(_ reactor.Protocol, data []byte) error {
	a.data = append(a.data, data...)
	if a.received == nil {
		return nil
	}
	return a.received(a, data)
}

func (a *actor) ConnectionLost(reason error) {
	a.reasons = append(a.reasons, reason)
	if a.lost != nil {
		a.lost(a, reason)
	}
}

// halfCloser is an actor that goes on after the end of one direction.
type halfCloser struct {
	actor
	readLost, writeLost func()
}

func (h *halfCloser) ReadConnectionLost() {
	if h.readLost != nil {
		h.readLost()
	}
}

func (h *halfCloser) WriteConnectionLost() {
	if h.writeLost != nil {
		h.writeLost()
	}
}

// director is a factory whose hooks are written where it is made.
type director struct {
	build         func(addr reactor.Address) reactor.Protocol
	start, stop   func()
	connecting    func(c reactor.Connector)
	failed, ended func(c reactor.Connector, reason error)
}

// casting is a director that casts the same protocol each time.
func casting(p reactor.Protocol) *director {
	return &director{build: func(reactor.Address) reactor.Protocol { return p }}
}

func (d *director) BuildProtocol(addr reactor.Address) reactor.Protocol { return d.build(addr) }

func (d *director) DoStart(reactor.Factory) {
	if d.start != nil {
		d.start()
	}
}

func (d *director) DoStop(reactor.Factory) {
	if d.stop != nil {
		d.stop()
	}
}

func (d *director) StartedConnecting(c reactor.Connector) {
	if d.connecting != nil {
		d.connecting(c)
	}
}

func (d *director) ClientConnectionFailed(c reactor.Connector, reason error) {
	if d.failed != nil {
		d.failed(c, reason)
	}
}

func (d *director) ClientConnectionLost(c reactor.Connector, reason error) {
	if d.ended != nil {
		d.ended(c, reason)
	}
}

// pushy is a push producer that notes what it is told.
type pushy struct {
	paused, resumed, stopped int
	resume, stop             func()
}

func (p *pushy) PauseProducing() { p.paused++ }

func (p *pushy) ResumeProducing() {
	p.resumed++
	if p.resume != nil {
		p.resume()
	}
}

func (p *pushy) StopProducing() {
	p.stopped++
	if p.stop != nil {
		p.stop()
	}
}
