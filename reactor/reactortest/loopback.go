package reactortest

import (
	"proxyherd/reactor"
	"proxyherd/reactor/deferred"
)

// LoopbackAsync connects two protocols through a network:
// twisted/protocols/loopback.py:140 loopbackAsync. It makes the reactors
// "server" and "client"; the connection is made once the network is driven. The
// Deferred fires when both protocols were told that the connection is lost, and
// fails if it cannot be made.
func LoopbackAsync(n *Network, server, client reactor.Protocol) *deferred.Deferred[struct{}] {
	done := deferred.New[struct{}](nil)
	left := 2
	told := func() {
		if left--; left == 0 {
			done.Callback(struct{}{})
		}
	}
	port, err := n.Reactor("server").ListenTCP(0, &loopbackFactory{protocol: server, lost: told}, 0, loopback4.String())
	if err != nil {
		done.Errback(err)
		return done
	}
	host, number := reactor.SplitAddress(port.GetHost())
	factory := &loopbackFactory{protocol: client, lost: told, failed: done.Errback}
	n.Reactor("client").ConnectTCP(host, number, factory, 0, nil)
	return done
}

// loopbackFactory has one protocol.
type loopbackFactory struct {
	protocol reactor.Protocol
	lost     func()
	failed   func(error)
}

func (f *loopbackFactory) BuildProtocol(reactor.Address) reactor.Protocol {
	watched := watchedProtocol{f.protocol, f.lost}
	if half, ok := f.protocol.(reactor.HalfCloseableProtocol); ok {
		return &watchedHalfCloseable{watched, half}
	}
	return &watched
}

func (f *loopbackFactory) DoStart(reactor.Factory)                             {}
func (f *loopbackFactory) DoStop(reactor.Factory)                              {}
func (f *loopbackFactory) StartedConnecting(reactor.Connector)                 {}
func (f *loopbackFactory) ClientConnectionLost(reactor.Connector, error)       {}
func (f *loopbackFactory) ClientConnectionFailed(_ reactor.Connector, e error) { f.failed(e) }

// watchedProtocol passes everything on, and tells when the connection was lost.
type watchedProtocol struct {
	reactor.Protocol
	lost func()
}

func (w *watchedProtocol) MakeConnection(_ reactor.Protocol, t reactor.Transport) {
	w.Protocol.MakeConnection(w.Protocol, t)
}

func (w *watchedProtocol) DataReceived(_ reactor.Protocol, data []byte) error {
	return w.Protocol.DataReceived(w.Protocol, data)
}

func (w *watchedProtocol) ConnectionLost(reason error) {
	w.Protocol.ConnectionLost(reason)
	w.lost()
}

// watchedHalfCloseable keeps a protocol half-closeable.
type watchedHalfCloseable struct {
	watchedProtocol
	reactor.HalfCloseableProtocol
}
