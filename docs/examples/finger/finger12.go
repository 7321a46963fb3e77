package main

import (
	"proxyherd/factories"
	"proxyherd/protocols"
	"proxyherd/reactor"
)

// FingerSetterProtocol12 takes two lines, a user and a message, and keeps them
// when the client hangs up.
type FingerSetterProtocol12 struct {
	protocols.LineReceiver
	factory interface{ SetUser(user, message string) }
	lines   []string
}

// LineReceived notes a line. line is the reactor's own buffer; the string is a
// copy.
func (p *FingerSetterProtocol12) LineReceived(line []byte) error {
	p.lines = append(p.lines, string(line))
	return nil
}

// ConnectionLost sets the message. A client that said less than two lines set
// nothing; in Twisted's listing that raises an IndexError.
func (p *FingerSetterProtocol12) ConnectionLost(error) {
	if len(p.lines) >= 2 {
		p.factory.SetUser(p.lines[0], p.lines[1])
	}
}

// FingerSetterFactory12 changes what another factory knows.
type FingerSetterFactory12 struct {
	factories.ServerFactory
	fingerFactory *FingerFactory08
}

// BuildProtocol makes a protocol that tells this factory.
func (f *FingerSetterFactory12) BuildProtocol(reactor.Address) reactor.Protocol {
	return &FingerSetterProtocol12{factory: f}
}

// SetUser sets the user's message.
func (f *FingerSetterFactory12) SetUser(user, message string) { f.fingerFactory.users[user] = message }

// finger12 has messages set, on a second port: anybody who can connect may.
func finger12(r reactor.Reactor, s settings) error {
	ff := &FingerFactory08{users: map[string]string{"alice": "Down the rabbit hole"}}
	fsf := &FingerSetterFactory12{fingerFactory: ff}
	return startApplication(r, tcpServer(r, s.address, ff), tcpServer(r, s.setter, fsf))
}
