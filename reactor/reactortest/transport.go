package reactortest

import (
	"bytes"
	"container/list"
	"errors"
	"fmt"
	"io"
	"syscall"

	"proxyherd/reactor"
	"proxyherd/reactor/internal/connecting"
)

// transport is one connection: twisted/internet/tcp.py:173 Connection, on
// twisted/internet/abstract.py:160 FileDescriptor, over a socket in memory.
type transport struct {
	r         *Reactor
	socket    *socket
	protocol  reactor.Protocol
	connector *connecting.Connector // nil on the server's side
	producer  reactor.Producer
	place     *list.Element // in the reactor's sources
	out       []byte        // what is not sent yet
	session   int
	order     reactor.FlushOrder

	connected          bool
	wantsRead          bool // reading has been started, and not paused
	wantsWrite         bool // there is something to do once output can be written
	blocked            bool // the window was full: the socket rings when it is not
	readClosed         bool // the peer's end of stream came, and the protocol goes on
	writeClosing       bool // LoseWriteConnection was called
	writeClosed        bool // and carried out
	disconnecting      bool // LoseConnection was called
	aborting           bool
	dirty              bool // in one of the reactor's dirty lists
	streaming          bool // the producer is a push producer
	producerPaused     bool
	noDelay, keepAlive bool
}

var _ reactor.TCPTransport = (*transport)(nil)

// attachTransport makes the transport of an established socket, whose owner it
// becomes.
func attachTransport(r *Reactor, s *socket, protocol reactor.Protocol) *transport {
	t := &transport{r: r, socket: s, protocol: protocol, connected: true, wantsRead: true}
	t.place = r.sources.PushBack(source(t))
	s.owner = t
	return t
}

// makeConnection starts the protocol; a panic in it ends the connection.
func (t *transport) makeConnection() error {
	err := caught(func() { t.protocol.MakeConnection(t.protocol, t) })
	if err != nil {
		t.fail(err)
		return err
	}
	t.socket.ring() // for what has arrived before: the next turn looks
	return nil
}

// fail logs an error out of the protocol's code and ends the connection for it.
func (t *transport) fail(err error) {
	t.r.log(t.logPrefix(), err, "closing the connection")
	t.connectionLost(err)
}

// event is called in a turn in which the socket has rung.
func (t *transport) event() {
	if t.wantsRead && t.socket.readable(t.readClosed) {
		t.doRead()
	}
	if t.wantsWrite && t.blocked && t.socket.writable() {
		// Not before the end of the turn: there is an order in which output leaves.
		t.blocked = false
		t.startWriting()
	}
	if t.connected && !t.wantsRead && !t.wantsWrite && !t.aborting && t.socket.dead {
		// A reset is noticed even while nobody reads or writes.
		t.lost(syscall.ECONNRESET)
	}
	t.await()
}

// await has the socket ring for the next turn, if there is input left to read.
func (t *transport) await() {
	if t.connected && t.wantsRead && t.socket.readable(t.readClosed) {
		t.socket.ring()
	}
}

// doRead is one read of at most readSize bytes: twisted/internet/tcp.py:199.
func (t *transport) doRead() {
	data, err := t.socket.read()
	switch {
	case err == io.EOF:
		t.readEnded()
	case err != nil:
		t.lost(err)
	case len(data) > 0:
		t.trace(Event{Kind: Received, Bytes: len(data)})
		t.deliver(data)
		t.socket.done()
	}
}

var spoiled = bytes.Repeat([]byte{0xdb}, readSize)

// deliver hands data to the protocol and then spoils it, so that a protocol
// that keeps a slice that is not its own fails in its first test.
func (t *transport) deliver(data []byte) {
	var err error
	if panicked := caught(func() { err = t.protocol.DataReceived(t.protocol, data) }); panicked != nil {
		err = panicked
	}
	copy(data, spoiled)
	if err != nil {
		t.fail(err)
	}
}

// readEnded takes the peer's end of stream: twisted/internet/tcp.py:270.
func (t *transport) readEnded() {
	half, ok := t.protocol.(reactor.HalfCloseableProtocol)
	if !ok {
		t.connectionLost(reactor.ErrConnectionDone)
		return
	}
	t.wantsRead, t.readClosed = false, true
	t.trace(Event{Kind: ReadEnded})
	t.callProtocol(half.ReadConnectionLost)
}

// callProtocol runs a callback whose panic ends the connection.
func (t *transport) callProtocol(f func()) {
	if err := caught(f); err != nil {
		t.fail(err)
	}
}

// lost ends the connection for an error of the socket.
func (t *transport) lost(err error) {
	t.connectionLost(fmt.Errorf("%w: %w", reactor.ErrConnectionLost, err))
}

// connectionLost ends the connection, once: twisted/internet/tcp.py:283.
func (t *transport) connectionLost(reason error) {
	if t.place == nil {
		return
	}
	t.r.sources.Remove(t.place)
	t.place = nil
	t.connected, t.wantsRead, t.wantsWrite, t.out = false, false, false, nil
	t.trace(Event{Kind: ConnectionLost, Detail: reason.Error()})
	t.tap(Passage{Closed: true})
	if errors.Is(reason, reactor.ErrConnectionAborted) {
		t.socket.abort()
	} else {
		t.socket.close()
	}
	if producer := t.producer; producer != nil {
		t.producer = nil
		t.r.guard("stopping a producer", producer.StopProducing)
	}
	t.r.guard("telling a protocol that its connection was lost", func() { t.protocol.ConnectionLost(reason) })
	if t.connector != nil {
		t.r.guard("telling a factory that its connection was lost", func() { t.connector.Lost(reason) })
	}
}

// shutdown ends the connection with the reactor. What was written before is
// offered to the system once, which Twisted does not.
func (t *transport) shutdown() {
	if t.aborting {
		t.connectionLost(reactor.ErrConnectionAborted)
		return
	}
	if len(t.out) > 0 {
		t.send()
	}
	t.connectionLost(reactor.ErrConnectionLost)
}

// kill ends the connection with the process.
func (t *transport) kill() {
	t.r.sources.Remove(t.place)
	t.place = nil
	t.connected, t.wantsRead, t.wantsWrite, t.out = false, false, false, nil
	t.tap(Passage{Closed: true})
	t.socket.abort()
}

// logPrefix names the connection: twisted/internet/tcp.py:304.
func (t *transport) logPrefix() string {
	if t.connector != nil {
		return typeName(t.protocol) + ",client"
	}
	return fmt.Sprintf("%s,%d,%v", typeName(t.protocol), t.session, t.socket.peer.Addr())
}

// GetPeer is the address of the other side, also after the end.
func (t *transport) GetPeer() reactor.Address { return t.socket.getPeer() }

// GetHost is the address of this side, also after the end.
func (t *transport) GetHost() reactor.Address { return reactor.AddressFrom(t.socket.local) }

func (t *transport) trace(e Event) {
	if t.r.network.options.Trace == nil {
		return // the addresses would be made for nobody
	}
	e.Reactor, e.Host, e.Peer = t.r.name, t.GetHost(), t.GetPeer()
	t.r.network.trace(e)
}
