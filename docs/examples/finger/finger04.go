package main

import (
	"proxyherd/factories"
	"proxyherd/protocols"
	"proxyherd/reactor"
)

// FingerProtocol04 hangs up when it has heard a name.
type FingerProtocol04 struct{ protocols.LineReceiver }

// LineReceived closes.
func (p *FingerProtocol04) LineReceived([]byte) error {
	p.Transport.LoseConnection()
	return nil
}

// finger04 reads a user's name, then drops the connection.
func finger04(r reactor.Reactor, s settings) error {
	return listen(r, s.address, factories.ForProtocol(func(reactor.Address) reactor.Protocol { return &FingerProtocol04{} }))
}
