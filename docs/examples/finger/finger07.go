package main

import (
	"proxyherd/factories"
	"proxyherd/reactor"
)

// FingerFactory07 has messages. The protocol is step 6's.
type FingerFactory07 struct {
	factories.ServerFactory
	users map[string]string
}

// BuildProtocol makes a protocol that asks this factory.
func (f *FingerFactory07) BuildProtocol(reactor.Address) reactor.Protocol {
	return &FingerProtocol06{factory: f}
}

// GetUser is the user's message.
func (f *FingerFactory07) GetUser(user string) string { return message(f.users, user) }

// finger07 answers from a factory that is not empty.
func finger07(r reactor.Reactor, s settings) error {
	return listen(r, s.address, &FingerFactory07{users: map[string]string{"alice": "Down the rabbit hole"}})
}
