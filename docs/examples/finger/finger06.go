package main

import (
	"proxyherd/factories"
	"proxyherd/protocols"
	"proxyherd/reactor"
)

// FingerProtocol06 asks its factory. In Twisted every protocol has the attribute
// factory; here it has a field for what it needs of one.
type FingerProtocol06 struct {
	protocols.LineReceiver
	factory interface{ GetUser(user string) string }
}

// LineReceived answers with what the factory knows of the user.
func (p *FingerProtocol06) LineReceived(user []byte) error {
	p.Transport.Write([]byte(p.factory.GetUser(string(user)) + "\r\n"))
	p.Transport.LoseConnection()
	return nil
}

// FingerFactory06 knows nobody. It outlives the connections, so it is where data
// belongs.
type FingerFactory06 struct{ factories.ServerFactory }

// BuildProtocol makes a protocol that asks this factory.
func (f *FingerFactory06) BuildProtocol(reactor.Address) reactor.Protocol {
	return &FingerProtocol06{factory: f}
}

// GetUser is what is known of a user.
func (f *FingerFactory06) GetUser(string) string { return "No such user" }

// finger06 answers from a factory that is empty.
func finger06(r reactor.Reactor, s settings) error {
	return listen(r, s.address, &FingerFactory06{})
}
