package factories

import (
	"fmt"

	"proxyherd/protocols"
	"proxyherd/reactor"
)

// Factory counts who uses it: twisted/internet/protocol.py:22 Factory. The
// outer type has BuildProtocol, and if it likes StartFactory() and
// StopFactory(), called on the first start and on the last stop, however many
// ports and connectors share the factory. The zero value is ready for use.
type Factory struct {
	// NumPorts is how many ports and connectors use the factory now.
	NumPorts int
	// Log hears when the factory starts and stops, and what else its kind has
	// to tell. nil says nothing: Twisted's noisy = False.
	Log reactor.Logger

	self reactor.Factory // the outer value, once started
}

// DoStart notes one more user and calls self.StartFactory() before the first:
// twisted/internet/protocol.py:64. Reactors call it, applications never.
func (f *Factory) DoStart(self reactor.Factory) {
	f.self = self
	if f.NumPorts == 0 {
		f.msg(self, "Starting factory %s", protocols.LogPrefix(self))
		if starting, ok := self.(interface{ StartFactory() }); ok {
			starting.StartFactory()
		}
	}
	f.NumPorts++ // not before: a start that panicked did not happen
}

// DoStop notes one user less and calls self.StopFactory() after the last:
// twisted/internet/protocol.py:75. Without users it does nothing.
func (f *Factory) DoStop(self reactor.Factory) {
	if f.NumPorts == 0 {
		return
	}
	f.NumPorts--
	if f.NumPorts > 0 {
		return
	}
	f.msg(self, "Stopping factory %s", protocols.LogPrefix(self))
	if stopping, ok := self.(interface{ StopFactory() }); ok {
		stopping.StopFactory()
	}
}

// msg logs as the outer value, or as base before that is known. Without a Log the
// message is not even made.
func (f *Factory) msg(base any, format string, args ...any) {
	if f.Log == nil {
		return
	}
	if f.self != nil {
		base = f.self
	}
	f.Log.Msg(protocols.LogPrefix(base), fmt.Sprintf(format, args...))
}

// ServerFactory is a Factory for ports: twisted/internet/protocol.py:456. It
// adds nothing.
type ServerFactory struct{ Factory }

// ClientFactory is a Factory for connectors: twisted/internet/protocol.py:128
// ClientFactory. Its hooks do nothing.
type ClientFactory struct{ Factory }

// StartedConnecting does nothing.
func (f *ClientFactory) StartedConnecting(reactor.Connector) {}

// ClientConnectionFailed does nothing.
func (f *ClientFactory) ClientConnectionFailed(reactor.Connector, error) {}

// ClientConnectionLost does nothing.
func (f *ClientFactory) ClientConnectionLost(reactor.Connector, error) {}

// ProtocolFactory is a factory made of a function, for ports and connectors
// alike: what twisted/internet/protocol.py:37 forProtocol makes.
type ProtocolFactory struct {
	ClientFactory
	// Protocol makes each connection's protocol; nil refuses the connection.
	Protocol func(addr reactor.Address) reactor.Protocol
}

var _ reactor.ClientFactory = (*ProtocolFactory)(nil)

// ForProtocol makes a factory of a function: twisted/internet/protocol.py:37
// forProtocol. What the protocols are to share, Twisted's factory attribute,
// the function brings along.
func ForProtocol(protocol func(addr reactor.Address) reactor.Protocol) *ProtocolFactory {
	return &ProtocolFactory{Protocol: protocol}
}

// BuildProtocol calls Protocol: twisted/internet/protocol.py:112.
func (f *ProtocolFactory) BuildProtocol(addr reactor.Address) reactor.Protocol {
	return f.Protocol(addr)
}
