package main

import (
	"proxyherd/factories"
	"proxyherd/protocols"
	"proxyherd/reactor"
)

// FingerProtocol03 hangs up.
type FingerProtocol03 struct{ protocols.Protocol }

// ConnectionMade closes at once.
func (p *FingerProtocol03) ConnectionMade() { p.Transport.LoseConnection() }

// finger03 drops connections. Its factory is made of a function: it has nothing
// to do but to build.
func finger03(r reactor.Reactor, s settings) error {
	return listen(r, s.address, factories.ForProtocol(func(reactor.Address) reactor.Protocol { return &FingerProtocol03{} }))
}
