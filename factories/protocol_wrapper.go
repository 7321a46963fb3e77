package factories

import (
	"fmt"
	"reflect"

	"proxyherd/protocols"
	"proxyherd/reactor"
)

// Wrappers is the factory of a ProtocolWrapper, which is told when a wrapped
// connection begins and ends. WrappingFactory is one, to be overridden.
type Wrappers interface {
	RegisterProtocol(wrapper reactor.Protocol)
	UnregisterProtocol(wrapper reactor.Protocol)
}

// ProtocolWrapper stands between a transport and a protocol and is each to the
// other: twisted/protocols/policies.py:39 ProtocolWrapper. A policy embeds it
// and overrides what it wants to see: Write, WriteSequence, LoseConnection,
// RegisterProducer and so on of the transport, DataReceived, ConnectionMade and
// ConnectionLost of the protocol.
//
// The protocol's Transport is the wrapper, or a value that also has what the
// real transport has of reactor.TCPTransport. As in Twisted a wrapped protocol
// cannot be half-closeable. Unlike in Twisted the error of its DataReceived is
// passed on, for else it would not close the connection.
type ProtocolWrapper struct {
	// Transport is the real one, nil before the connection. Its methods are
	// the wrapper's where it has none of its own.
	reactor.Transport
	// Factory keeps account of the wrappers. It is required.
	Factory Wrappers
	// WrappedProtocol is the protocol inside. It is required.
	WrappedProtocol reactor.Protocol

	self          reactor.Protocol // the outer value
	disconnecting bool
}

// MakeConnection keeps the real transport, calls self.ConnectionMade, registers
// with the factory and then makes the connection of the protocol inside:
// twisted/protocols/policies.py:66.
func (w *ProtocolWrapper) MakeConnection(self reactor.Protocol, transport reactor.Transport) {
	w.self, w.Transport = self, transport
	self.ConnectionMade()
	w.Factory.RegisterProtocol(self)
	w.WrappedProtocol.MakeConnection(w.WrappedProtocol, facing(self.(reactor.Transport), transport))
}

// facing is outer as the protocol inside sees it: with the options of a TCP
// connection if the real transport has them, which outer does not override.
func facing(outer, real reactor.Transport) reactor.Transport {
	if tcp, ok := real.(reactor.TCPTransport); ok {
		return struct {
			reactor.Transport
			tcpOptions
		}{outer, tcp}
	}
	return outer
}

// tcpOptions is what a reactor.TCPTransport has and a reactor.Transport has
// not.
type tcpOptions interface {
	LoseWriteConnection()
	GetTcpNoDelay() (bool, error)
	SetTcpNoDelay(enabled bool) error
	GetTcpKeepAlive() (bool, error)
	SetTcpKeepAlive(enabled bool) error
	SetFlushOrder(order reactor.FlushOrder)
	Unsent() int
}

// ConnectionMade does nothing: the protocol inside is told by MakeConnection.
func (w *ProtocolWrapper) ConnectionMade() {}

// DataReceived passes data on.
func (w *ProtocolWrapper) DataReceived(_ reactor.Protocol, data []byte) error {
	return w.WrappedProtocol.DataReceived(w.WrappedProtocol, data)
}

// ConnectionLost takes leave of the factory, then passes reason on:
// twisted/protocols/policies.py:123.
func (w *ProtocolWrapper) ConnectionLost(reason error) {
	w.Factory.UnregisterProtocol(w.self)
	w.WrappedProtocol.ConnectionLost(reason)
}

// LoseConnection notes it, for Disconnecting, and passes it on:
// twisted/protocols/policies.py:88.
func (w *ProtocolWrapper) LoseConnection() {
	w.disconnecting = true
	w.Transport.LoseConnection()
}

// Disconnecting reports that LoseConnection was called, here or on the real
// transport.
func (w *ProtocolWrapper) Disconnecting() bool {
	return w.disconnecting || w.Transport.Disconnecting()
}

// LogPrefix is "Inner (Wrapper)": twisted/protocols/policies.py:58.
func (w *ProtocolWrapper) LogPrefix() string {
	return wrappedLogPrefix(w.self, "ProtocolWrapper", w.WrappedProtocol)
}

// wrappedLogPrefix is twisted/protocols/policies.py:25 _wrappedLogPrefix. The
// wrapper has the name of its type, unset before it knows itself.
func wrappedLogPrefix(wrapper any, unset string, wrapped any) string {
	name := unset
	if wrapper != nil {
		name = reflect.Indirect(reflect.ValueOf(wrapper)).Type().Name()
	}
	return fmt.Sprintf("%s (%s)", protocols.LogPrefix(wrapped), name)
}
