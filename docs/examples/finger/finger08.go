package main

import (
	"proxyherd/factories"
	"proxyherd/protocols"
	"proxyherd/reactor"
	"proxyherd/reactor/deferred"
)

// userGetter finds what is known of a user, now or later.
type userGetter interface {
	GetUser(user string) *deferred.Deferred[string]
}

// FingerProtocol08 waits for the answer. Whoever gives it, this protocol stays as
// it is to the end of the tutorial.
type FingerProtocol08 struct {
	protocols.LineReceiver
	factory userGetter
}

// LineReceived answers when there is something to answer.
func (p *FingerProtocol08) LineReceived(user []byte) error {
	d := p.factory.GetUser(string(user))
	d.AddErrback(func(error) (string, error) { return "Internal error in server", nil })
	d.AddCallback(func(message string) (string, error) {
		p.Transport.Write([]byte(message + "\r\n"))
		p.Transport.LoseConnection()
		return "", nil
	})
	return nil
}

// FingerFactory08 has messages, and is used to being asked for them later.
type FingerFactory08 struct {
	factories.ServerFactory
	users map[string]string
}

// BuildProtocol makes a protocol that asks this factory.
func (f *FingerFactory08) BuildProtocol(reactor.Address) reactor.Protocol {
	return &FingerProtocol08{factory: f}
}

// GetUser is the user's message: a Deferred that has its result already.
func (f *FingerFactory08) GetUser(user string) *deferred.Deferred[string] {
	return deferred.Succeed(message(f.users, user))
}

// finger08 uses Deferreds.
func finger08(r reactor.Reactor, s settings) error {
	return listen(r, s.address, &FingerFactory08{users: map[string]string{"alice": "Down the rabbit hole"}})
}
