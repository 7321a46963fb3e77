package main

import (
	"proxyherd/factories"
	"proxyherd/protocols"
	"proxyherd/reactor"
)

// FingerProtocol05 knows nobody.
type FingerProtocol05 struct{ protocols.LineReceiver }

// LineReceived says so. What is written before LoseConnection is sent.
func (p *FingerProtocol05) LineReceived([]byte) error {
	p.Transport.Write([]byte("No such user\r\n"))
	p.Transport.LoseConnection()
	return nil
}

// finger05 reads a user's name and answers with an error.
func finger05(r reactor.Reactor, s settings) error {
	return listen(r, s.address, factories.ForProtocol(func(reactor.Address) reactor.Protocol { return &FingerProtocol05{} }))
}
