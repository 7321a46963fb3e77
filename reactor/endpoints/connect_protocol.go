package endpoints

import (
	"proxyherd/reactor"
	"proxyherd/reactor/deferred"
)

// ConnectProtocol connects a protocol that is there already:
// twisted/internet/endpoints.py:1743 connectProtocol. The Deferred is that of
// Connect, and gives protocol.
func ConnectProtocol[P reactor.Protocol](endpoint StreamClientEndpoint, protocol P) *deferred.Deferred[P] {
	return deferred.Then(endpoint.Connect(oneShotFactory{protocol}),
		func(reactor.Protocol) (P, error) { return protocol, nil })
}

// oneShotFactory builds the one protocol that it has.
type oneShotFactory struct{ protocol reactor.Protocol }

func (f oneShotFactory) BuildProtocol(reactor.Address) reactor.Protocol { return f.protocol }
func (oneShotFactory) DoStart(reactor.Factory)                          {}
func (oneShotFactory) DoStop(reactor.Factory)                           {}
