package protocols

import (
	"reflect"

	"proxyherd/reactor"
)

// Protocol is the base of all others: twisted/internet/protocol.py:499
// Protocol, with BaseProtocol (:462). Its callbacks do nothing. The zero value
// is a protocol without a connection.
type Protocol struct {
	// Transport is the connection, nil before there was one. It stays after the
	// loss, when writing to it does nothing.
	Transport reactor.Transport
	// Connected says that a connection was made. As in Twisted it stays true
	// after the loss, which is what ConnectionLost is for.
	Connected bool
}

// MakeConnection keeps the transport, then calls self.ConnectionMade:
// twisted/internet/protocol.py:473.
func (p *Protocol) MakeConnection(self reactor.Protocol, transport reactor.Transport) {
	p.Connected, p.Transport = true, transport
	self.ConnectionMade()
}

// ConnectionMade does nothing.
func (p *Protocol) ConnectionMade() {}

// DataReceived drops what was received.
func (p *Protocol) DataReceived(reactor.Protocol, []byte) error { return nil }

// ConnectionLost does nothing.
func (p *Protocol) ConnectionLost(error) {}

// transport finds the connection of an outer value: a mixin beside the base
// cannot see the base's field, but can ask the outer value for this method.
func (p *Protocol) transport() reactor.Transport { return p.Transport }

// connected is every value that embeds Protocol.
type connected interface {
	transport() reactor.Transport
}

// LogPrefix names who speaks in a log line: what the LogPrefix method of self
// says if it has one (reactor.LoggingContext), else the name of its type
// without package and pointer. twisted/internet/protocol.py:517 and :57.
func LogPrefix(self any) string {
	if named, ok := self.(reactor.LoggingContext); ok {
		return named.LogPrefix()
	}
	kind := reflect.TypeOf(self)
	for kind != nil && kind.Kind() == reflect.Pointer {
		kind = kind.Elem()
	}
	switch {
	case kind == nil:
		return "nil"
	case kind.Name() == "": // a literal struct or func type
		return kind.String()
	}
	return kind.Name()
}
