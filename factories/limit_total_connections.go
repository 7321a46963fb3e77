package factories

import "proxyherd/reactor"

// LimitTotalConnectionsFactory is a server's factory that takes no more than so
// many connections at a time: twisted/protocols/policies.py:407
// LimitTotalConnectionsFactory. It wraps its protocols in ProtocolWrappers, to
// hear of their end.
type LimitTotalConnectionsFactory struct {
	ServerFactory

	// Protocol makes each connection's protocol; nil refuses. It is required.
	Protocol func(addr reactor.Address) reactor.Protocol
	// ConnectionLimit is the most connections at a time; 0 means no limit.
	ConnectionLimit int
	// OverflowProtocol, if set, makes the protocols of connections over the
	// limit, to say so and close; else they are refused. They count too.
	OverflowProtocol func(addr reactor.Address) reactor.Protocol

	// ConnectionCount is how many connections there are, those included that
	// are built and not yet made.
	ConnectionCount int
}

var (
	_ reactor.Factory = (*LimitTotalConnectionsFactory)(nil)
	_ Wrappers        = (*LimitTotalConnectionsFactory)(nil)
)

// BuildProtocol is twisted/protocols/policies.py:424.
func (f *LimitTotalConnectionsFactory) BuildProtocol(addr reactor.Address) reactor.Protocol {
	build := f.Protocol
	if f.ConnectionLimit > 0 && f.ConnectionCount >= f.ConnectionLimit {
		if build = f.OverflowProtocol; build == nil {
			return nil
		}
	}
	wrapped := build(addr)
	if wrapped == nil {
		return nil
	}
	f.ConnectionCount++
	return &ProtocolWrapper{Factory: f, WrappedProtocol: wrapped}
}

// RegisterProtocol does nothing: the connection was counted when it was built.
func (f *LimitTotalConnectionsFactory) RegisterProtocol(reactor.Protocol) {}

// UnregisterProtocol counts a connection that is lost.
func (f *LimitTotalConnectionsFactory) UnregisterProtocol(reactor.Protocol) { f.ConnectionCount-- }
