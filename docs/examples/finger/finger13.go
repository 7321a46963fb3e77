package main

import (
	"proxyherd/factories"
	"proxyherd/reactor"
	"proxyherd/reactor/deferred"
)

// FingerService13 has the messages, and makes the factories that give and take
// them: neither reaches into the other any more. It is no Service yet, since it
// has nothing to start; Twisted's is one, but is added to nothing.
type FingerService13 struct{ users map[string]string }

// GetUser is the user's message.
func (f *FingerService13) GetUser(user string) *deferred.Deferred[string] {
	return deferred.Succeed(message(f.users, user))
}

// SetUser sets the user's message.
func (f *FingerService13) SetUser(user, message string) { f.users[user] = message }

// GetFingerFactory makes a factory whose protocols ask f. Twisted copies the
// method getUser to the factory; here the protocol is given f.
func (f *FingerService13) GetFingerFactory() reactor.Factory {
	return factories.ForProtocol(func(reactor.Address) reactor.Protocol { return &FingerProtocol08{factory: f} })
}

// GetFingerSetterFactory makes a factory whose protocols tell f.
func (f *FingerService13) GetFingerSetterFactory() reactor.Factory {
	return factories.ForProtocol(func(reactor.Address) reactor.Protocol { return &FingerSetterProtocol12{factory: f} })
}

// finger13 is step 12 without its asymmetry.
func finger13(r reactor.Reactor, s settings) error {
	f := &FingerService13{users: map[string]string{"alice": "Down the rabbit hole"}}
	return startApplication(r, tcpServer(r, s.address, f.GetFingerFactory()), tcpServer(r, s.setter, f.GetFingerSetterFactory()))
}
