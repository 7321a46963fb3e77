package main

import (
	"proxyherd/factories"
	"proxyherd/protocols"
	"proxyherd/reactor"
)

// FingerProtocol02 does nothing: the base drops what is received.
type FingerProtocol02 struct{ protocols.Protocol }

// FingerFactory02 makes a protocol for each connection.
type FingerFactory02 struct{ factories.ServerFactory }

// BuildProtocol makes one that does nothing.
func (f *FingerFactory02) BuildProtocol(reactor.Address) reactor.Protocol {
	return &FingerProtocol02{}
}

// finger02 accepts connections and does nothing with them.
func finger02(r reactor.Reactor, s settings) error {
	return listen(r, s.address, &FingerFactory02{})
}
