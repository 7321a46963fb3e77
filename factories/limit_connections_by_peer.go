package factories

import "proxyherd/reactor"

// DefaultMaxConnectionsPerPeer is the limit where none is set.
const DefaultMaxConnectionsPerPeer = 5

// LimitConnectionsByPeer takes no more than so many connections at a time from
// one host: twisted/protocols/policies.py:385 LimitConnectionsByPeer, as it was
// meant: Twisted's fails on every connection, because it indexes addresses.
type LimitConnectionsByPeer struct {
	WrappingFactory
	// MaxConnectionsPerPeer is the most connections of a host; 0 means
	// DefaultMaxConnectionsPerPeer.
	MaxConnectionsPerPeer int

	count map[string]int // by host, without the hosts that have none
}

// BuildProtocol wraps as WrappingFactory does, or refuses one connection too
// many from addr's host.
func (f *LimitConnectionsByPeer) BuildProtocol(addr reactor.Address) reactor.Protocol {
	host, _ := reactor.SplitAddress(addr)
	if f.count[host] >= or(f.MaxConnectionsPerPeer, DefaultMaxConnectionsPerPeer) {
		return nil
	}
	wrapped := f.WrappedFactory.BuildProtocol(addr)
	if wrapped == nil {
		return nil
	}
	if f.count == nil {
		f.count = make(map[string]int)
	}
	f.count[host]++
	return &peerProtocol{ProtocolWrapper{Factory: f, WrappedProtocol: wrapped}, host}
}

// UnregisterProtocol counts a connection that is lost.
func (f *LimitConnectionsByPeer) UnregisterProtocol(wrapper reactor.Protocol) {
	f.WrappingFactory.UnregisterProtocol(wrapper)
	host := wrapper.(*peerProtocol).host
	if f.count[host]--; f.count[host] == 0 {
		delete(f.count, host)
	}
}

// peerProtocol remembers the host that it was counted for.
type peerProtocol struct {
	ProtocolWrapper
	host string
}
