//go:build linux

package sockets

import (
	"proxyherd/reactor"
)

// end is the protocol at one end of a connection.
type end struct {
	world *world
	// name is what statements call the latest of its kind, label what its own
	// events do, and stream whom they are told with.
	name, label, stream string
	transport           reactor.TCPTransport // nil before there is a connection

	halfCloseable                              bool
	gone, paused, losing, readLost, halfClosed bool
	accepting                                  bool // inside a server's ConnectionMade

	writes    int   // so far: each has its own pattern
	sent, got int   // bytes
	result    error // of the next DataReceived
}

// reading reports whether what the peer does will be noticed.
func (e *end) reading() bool {
	return e.transport != nil && !e.gone && !e.paused && !e.losing && !e.readLost
}

// peer is the other end, nil if there is none yet.
func (e *end) peer() *end {
	other := map[byte]string{'c': "s", 's': "c"}[e.name[0]]
	return e.world.ends[other+e.name[1:]]
}

// note is an event of this end, to which the script may react.
func (e *end) note(kind string, words ...any) {
	e.world.note(e.stream, append([]any{kind, e.label}, words...)...)
	e.world.enter(kind + " " + e.name)
}

func (e *end) MakeConnection(self reactor.Protocol, t reactor.Transport) {
	e.transport = t.(reactor.TCPTransport) // every transport of a reactor is one
	self.ConnectionMade()
}

func (e *end) ConnectionMade() {
	e.accepting = e.name[0] == 's'
	e.note("made")
	e.accepting = false
}

func (e *end) DataReceived(_ reactor.Protocol, data []byte) error {
	e.got += len(data)
	e.world.received(e, data)
	e.world.enter("received " + e.name)
	result := e.result
	e.result = nil
	return result
}

func (e *end) ConnectionLost(reason error) {
	e.gone = true
	e.world.lost++
	e.note("lost", nameOf(reason))
}

// halfCloseableEnd is an end that goes on with one direction.
type halfCloseableEnd struct{ *end }

func (h halfCloseableEnd) ReadConnectionLost() {
	h.readLost = true
	h.note("readlost")
}

func (h halfCloseableEnd) WriteConnectionLost() { h.note("writelost") }

// producer writes a piece, as often as it has some left, whenever it is
// resumed, and then unregisters.
type producer struct {
	end        *end
	size, left int
}

func (p *producer) PauseProducing() {
	p.end.note("paused")
}

func (p *producer) StopProducing() { p.end.note("stopped") }

func (p *producer) ResumeProducing() {
	p.end.note("resumed")
	if p.left == 0 {
		return
	}
	p.left--
	write(p.end, p.size)
	if p.left == 0 {
		p.end.transport.UnregisterProducer()
	}
}
