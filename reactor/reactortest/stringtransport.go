package reactortest

import (
	"bytes"

	"proxyherd/reactor"
)

// ProducerState is what a StringTransport was last told as a producer of input:
// twisted/test/proto_helpers.py:155 producerState.
type ProducerState int

// The states: twisted/test/proto_helpers.py:155 producerState.
const (
	Producing ProducerState = iota
	Paused
	Stopped
)

// String names the state as Twisted does.
func (s ProducerState) String() string {
	switch s {
	case Paused:
		return "paused"
	case Stopped:
		return "stopped"
	}
	return "producing"
}

// StringTransport is a connection in memory that keeps what is written and what
// was asked of it: twisted/test/proto_helpers.py:111 StringTransport. A test
// hands it to a protocol, and feeds the protocol's DataReceived itself. The
// zero value is ready. What a protocol has no business to do on a transport
// panics, so that the test fails where it was done.
type StringTransport struct {
	// HostAddress and PeerAddress are what GetHost and GetPeer give; nil means
	// 10.0.0.1:12345 and 192.168.1.1:54321.
	HostAddress, PeerAddress reactor.Address

	// Producer is who is registered, nil if nobody, and Streaming how.
	Producer  reactor.Producer
	Streaming bool
	// ProducerState is what the protocol made of its input.
	ProducerState ProducerState

	// Aborted and WriteLost tell that AbortConnection and LoseWriteConnection
	// were called, and FlushOrder what SetFlushOrder was last given.
	Aborted, WriteLost bool
	FlushOrder         reactor.FlushOrder

	written            bytes.Buffer
	disconnecting      bool
	noDelay, keepAlive bool
}

var _ reactor.TCPTransport = (*StringTransport)(nil)

// Value is everything written since the last Clear:
// twisted/test/proto_helpers.py:175.
func (t *StringTransport) Value() string { return t.written.String() }

// Clear forgets what was written: twisted/test/proto_helpers.py:165.
func (t *StringTransport) Clear() { t.written.Reset() }

// Write keeps data. It does so after LoseConnection too, as a reactor's
// transport does until it has sent everything.
func (t *StringTransport) Write(data []byte) { t.written.Write(data) }

// WriteSequence keeps every part in turn.
func (t *StringTransport) WriteSequence(data [][]byte) {
	for _, part := range data {
		t.Write(part)
	}
}

// LoseConnection notes that the protocol has finished; nobody is told.
func (t *StringTransport) LoseConnection() { t.disconnecting = true }

// LoseWriteConnection sets WriteLost.
func (t *StringTransport) LoseWriteConnection() { t.WriteLost = true }

// AbortConnection sets Aborted. Twisted 13.2.0's StringTransport lacks it.
func (t *StringTransport) AbortConnection() { t.Aborted = true }

// Disconnecting reports that LoseConnection was called.
func (t *StringTransport) Disconnecting() bool { return t.disconnecting }

// GetPeer is PeerAddress or its default.
func (t *StringTransport) GetPeer() reactor.Address {
	if t.PeerAddress == nil {
		return reactor.IPv4Address{Host: "192.168.1.1", Port: 54321}
	}
	return t.PeerAddress
}

// GetHost is HostAddress or its default.
func (t *StringTransport) GetHost() reactor.Address {
	if t.HostAddress == nil {
		return reactor.IPv4Address{Host: "10.0.0.1", Port: 12345}
	}
	return t.HostAddress
}

// RegisterProducer notes producer; reactor.ErrProducerRegistered if there is
// one. A pull producer is not asked for anything: the test does that.
func (t *StringTransport) RegisterProducer(producer reactor.Producer, streaming bool) error {
	if t.Producer != nil {
		return reactor.ErrProducerRegistered
	}
	t.Producer, t.Streaming = producer, streaming
	return nil
}

// UnregisterProducer forgets the producer; it panics if there is none.
func (t *StringTransport) UnregisterProducer() {
	if t.Producer == nil {
		panic("reactortest: UnregisterProducer on a StringTransport that has no producer")
	}
	t.Producer = nil
}

// PauseProducing notes that the protocol wants no input; it panics after
// StopProducing or LoseConnection.
func (t *StringTransport) PauseProducing() {
	t.mustProduce("PauseProducing")
	t.ProducerState = Paused
}

// ResumeProducing notes that the protocol wants input again; it panics after
// StopProducing or LoseConnection.
func (t *StringTransport) ResumeProducing() {
	t.mustProduce("ResumeProducing")
	t.ProducerState = Producing
}

// StopProducing notes that the protocol wants no input for ever; it panics the
// second time, and after LoseConnection.
func (t *StringTransport) StopProducing() {
	t.mustProduce("StopProducing")
	t.ProducerState = Stopped
}

func (t *StringTransport) mustProduce(asked string) {
	if t.disconnecting {
		panic("reactortest: " + asked + " on a StringTransport after LoseConnection")
	}
	if t.ProducerState == Stopped {
		panic("reactortest: " + asked + " on a StringTransport that was stopped")
	}
}

// GetTcpNoDelay gives what was set.
func (t *StringTransport) GetTcpNoDelay() (bool, error) { return t.noDelay, nil }

// SetTcpNoDelay keeps enabled.
func (t *StringTransport) SetTcpNoDelay(enabled bool) error { t.noDelay = enabled; return nil }

// GetTcpKeepAlive gives what was set.
func (t *StringTransport) GetTcpKeepAlive() (bool, error) { return t.keepAlive, nil }

// SetTcpKeepAlive keeps enabled.
func (t *StringTransport) SetTcpKeepAlive(enabled bool) error { t.keepAlive = enabled; return nil }

// SetFlushOrder sets FlushOrder.
func (t *StringTransport) SetFlushOrder(order reactor.FlushOrder) { t.FlushOrder = order }

// Unsent is 0: what is written has arrived.
func (t *StringTransport) Unsent() int { return 0 }

// StringTransportWithDisconnection is a StringTransport whose LoseConnection
// tells Protocol at once: twisted/test/proto_helpers.py:260. The test sets
// Protocol. Disconnecting stays false, as in Twisted.
type StringTransportWithDisconnection struct {
	StringTransport
	Protocol reactor.Protocol
	lost     bool
}

var _ reactor.TCPTransport = (*StringTransportWithDisconnection)(nil)

// Connected reports that LoseConnection was not called yet.
func (t *StringTransportWithDisconnection) Connected() bool { return !t.lost }

// LoseConnection calls Protocol's ConnectionLost with an ErrConnectionDone, the
// first time.
func (t *StringTransportWithDisconnection) LoseConnection() {
	if t.lost {
		return
	}
	t.lost = true
	t.Protocol.ConnectionLost(reactor.ErrConnectionDone)
}
