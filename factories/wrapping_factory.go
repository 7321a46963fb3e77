package factories

import (
	"container/list"

	"proxyherd/reactor"
)

// WrappingFactory wraps the protocols of another factory:
// twisted/protocols/policies.py:129 WrappingFactory. A policy embeds it and
// overrides BuildProtocol, for wrappers of its own. It is a client factory if
// the one inside is.
type WrappingFactory struct {
	ClientFactory
	// WrappedFactory is the factory inside. It is required.
	WrappedFactory reactor.Factory

	// live has the wrappers in the order of their connections, so that whoever
	// goes through them does it in the same order each time.
	live   list.List
	places map[reactor.Protocol]*list.Element
}

var (
	_ reactor.ClientFactory = (*WrappingFactory)(nil)
	_ Wrappers              = (*WrappingFactory)(nil)
)

// DoStart starts the factory inside, then this one:
// twisted/protocols/policies.py:148.
func (f *WrappingFactory) DoStart(self reactor.Factory) {
	f.WrappedFactory.DoStart(f.WrappedFactory)
	f.ClientFactory.DoStart(self)
}

// DoStop stops the factory inside, then this one.
func (f *WrappingFactory) DoStop(self reactor.Factory) {
	f.WrappedFactory.DoStop(f.WrappedFactory)
	f.ClientFactory.DoStop(self)
}

// BuildProtocol wraps what the factory inside builds, in a ProtocolWrapper:
// twisted/protocols/policies.py:170. If that refuses, so does this.
func (f *WrappingFactory) BuildProtocol(addr reactor.Address) reactor.Protocol {
	wrapped := f.WrappedFactory.BuildProtocol(addr)
	if wrapped == nil {
		return nil
	}
	return &ProtocolWrapper{Factory: f, WrappedProtocol: wrapped}
}

// StartedConnecting tells the factory inside, and nobody else.
func (f *WrappingFactory) StartedConnecting(connector reactor.Connector) {
	if client, ok := f.WrappedFactory.(reactor.ClientFactory); ok {
		client.StartedConnecting(connector)
	}
}

// ClientConnectionFailed tells the factory inside, and nobody else.
func (f *WrappingFactory) ClientConnectionFailed(connector reactor.Connector, reason error) {
	if client, ok := f.WrappedFactory.(reactor.ClientFactory); ok {
		client.ClientConnectionFailed(connector, reason)
	}
}

// ClientConnectionLost tells the factory inside, and nobody else.
func (f *WrappingFactory) ClientConnectionLost(connector reactor.Connector, reason error) {
	if client, ok := f.WrappedFactory.(reactor.ClientFactory); ok {
		client.ClientConnectionLost(connector, reason)
	}
}

// RegisterProtocol notes a wrapper that is connected:
// twisted/protocols/policies.py:174.
func (f *WrappingFactory) RegisterProtocol(wrapper reactor.Protocol) {
	if f.places == nil {
		f.places = make(map[reactor.Protocol]*list.Element)
	}
	f.places[wrapper] = f.live.PushBack(wrapper)
}

// UnregisterProtocol forgets a wrapper whose connection is lost:
// twisted/protocols/policies.py:181.
func (f *WrappingFactory) UnregisterProtocol(wrapper reactor.Protocol) {
	if place, ok := f.places[wrapper]; ok {
		f.live.Remove(place)
		delete(f.places, wrapper)
	}
}

// Protocols lists the wrappers that are connected, in the order in which they
// connected. The slice is the caller's.
func (f *WrappingFactory) Protocols() []reactor.Protocol {
	wrappers := make([]reactor.Protocol, 0, f.live.Len())
	for place := f.live.Front(); place != nil; place = place.Next() {
		wrappers = append(wrappers, place.Value.(reactor.Protocol))
	}
	return wrappers
}

// LogPrefix is "Inner (Wrapper)": twisted/protocols/policies.py:141.
func (f *WrappingFactory) LogPrefix() string {
	return wrappedLogPrefix(f.self, "WrappingFactory", f.WrappedFactory)
}
