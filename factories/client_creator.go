package factories

import (
	"time"

	"proxyherd/reactor"
	"proxyherd/reactor/deferred"
)

// ClientCreator makes single connections for which no factory is wanted:
// twisted/internet/protocol.py:215 ClientCreator. P is the protocol's type.
type ClientCreator[P reactor.Protocol] struct {
	// Reactor connects.
	Reactor interface {
		reactor.TCP
		reactor.Time
	}
	// Protocol makes the protocol of a connection, before it is there.
	Protocol func() P
}

// ConnectTCP connects: twisted/internet/protocol.py:270. The arguments are
// those of reactor.TCP's. The Deferred fires with the protocol in the turn
// after its ConnectionMade, or with the reason for which there is none.
// Cancelling it before gives up the attempt, or loses the connection that was
// just made.
func (c ClientCreator[P]) ConnectTCP(host string, port int, timeout time.Duration, bind reactor.Address) *deferred.Deferred[P] {
	f := &instanceFactory[P]{clock: c.Reactor, instance: c.Protocol()}
	var connector reactor.Connector
	f.result = deferred.New(func(*deferred.Deferred[P]) {
		connector.Disconnect()
		if f.pending != nil { // what Disconnect may just have reported, too
			_ = f.pending.Cancel()
		}
	})
	connector = c.Reactor.ConnectTCP(host, port, f, timeout, bind)
	return f.result
}

// instanceFactory is twisted/internet/protocol.py:160 _InstanceFactory: the
// factory of one protocol that is there already.
type instanceFactory[P reactor.Protocol] struct {
	ClientFactory
	clock    reactor.Time
	instance P
	result   *deferred.Deferred[P]
	pending  reactor.DelayedCall // tells the result
}

// BuildProtocol gives the protocol, and the result in the next turn: after the
// ConnectionMade that follows now.
func (f *instanceFactory[P]) BuildProtocol(reactor.Address) reactor.Protocol {
	f.pending = f.clock.CallLater(0, func() {
		f.pending = nil
		f.result.Callback(f.instance)
	})
	return f.instance
}

// ClientConnectionFailed gives the reason in the next turn.
func (f *instanceFactory[P]) ClientConnectionFailed(_ reactor.Connector, reason error) {
	f.pending = f.clock.CallLater(0, func() {
		f.pending = nil
		f.result.Errback(reason)
	})
}
