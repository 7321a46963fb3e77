package endpoints

import (
	"errors"
	"fmt"
	"reflect"

	"proxyherd/reactor"
	"proxyherd/reactor/deferred"
)

// ErrNoProtocol is the result where the factory built no protocol. In Twisted
// there would be no result.
var ErrNoProtocol = errors.New("the factory built no protocol: BuildProtocol returned nil")

// wrappingFactory is the client factory around the application's, with one
// result instead of hooks: twisted/internet/endpoints.py:146 _WrappingFactory.
type wrappingFactory struct {
	wrapped   reactor.Factory
	connector reactor.Connector
	connected *deferred.Deferred[reactor.Protocol]
}

func newWrappingFactory(wrapped reactor.Factory) *wrappingFactory {
	f := &wrappingFactory{wrapped: wrapped}
	f.connected = deferred.New(func(d *deferred.Deferred[reactor.Protocol]) {
		d.Errback(&reactor.ConnectingCancelledError{Address: f.connector.GetDestination()})
		// If there is a connection already, cancelled by its own ConnectionMade,
		// it is lost: nobody will hear of it. The result is there, so that the
		// failure that this causes is not a second one.
		f.connector.Disconnect()
	})
	return f
}

func (f *wrappingFactory) StartedConnecting(connector reactor.Connector) { f.connector = connector }

func (f *wrappingFactory) DoStart(reactor.Factory) { f.wrapped.DoStart(f.wrapped) }
func (f *wrappingFactory) DoStop(reactor.Factory)  { f.wrapped.DoStop(f.wrapped) }

func (f *wrappingFactory) LogPrefix() string { return logPrefix(f.wrapped) }

// BuildProtocol wraps the application's protocol:
// twisted/internet/endpoints.py:218. Without one the reactor closes the
// connection.
func (f *wrappingFactory) BuildProtocol(addr reactor.Address) reactor.Protocol {
	p, err := build(f.wrapped, addr)
	if err != nil {
		f.fail(err)
		return nil
	}
	wrapping := &wrappingProtocol{wrapped: p, factory: f}
	if half, ok := p.(reactor.HalfCloseableProtocol); ok {
		// The reactor goes by the type: only who can go on with half a
		// connection may look as if.
		return &halfCloseableProtocol{wrapping, half}
	}
	return wrapping
}

func build(factory reactor.Factory, addr reactor.Address) (p reactor.Protocol, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = reactor.Recovered(v)
		}
	}()
	if p = factory.BuildProtocol(addr); p == nil {
		return nil, fmt.Errorf("connecting to %v: %w", addr, ErrNoProtocol)
	}
	return p, nil
}

// ClientConnectionFailed fails the Deferred: twisted/internet/endpoints.py:233.
func (f *wrappingFactory) ClientConnectionFailed(_ reactor.Connector, reason error) { f.fail(reason) }

// ClientConnectionLost has been told to the protocol.
func (f *wrappingFactory) ClientConnectionLost(reactor.Connector, error) {}

func (f *wrappingFactory) fail(reason error) {
	if !f.connected.Called() {
		f.connected.Errback(reason)
	}
}

// wrappingProtocol passes everything on to the application's protocol, and
// fires the Deferred: twisted/internet/endpoints.py:67 _WrappingProtocol.
type wrappingProtocol struct {
	wrapped reactor.Protocol
	factory *wrappingFactory
}

// MakeConnection connects the protocol inside, and then fires the Deferred.
func (p *wrappingProtocol) MakeConnection(_ reactor.Protocol, transport reactor.Transport) {
	p.wrapped.MakeConnection(p.wrapped, transport)
	if d := p.factory.connected; !d.Called() { // else it has cancelled it
		d.Callback(p.wrapped)
	}
}

// ConnectionMade is what MakeConnection has told the protocol inside.
func (p *wrappingProtocol) ConnectionMade() {}

func (p *wrappingProtocol) DataReceived(_ reactor.Protocol, data []byte) error {
	return p.wrapped.DataReceived(p.wrapped, data)
}

// ConnectionLost passes the end on. If the protocol has panicked when it was
// connected, this is what becomes of the Deferred.
func (p *wrappingProtocol) ConnectionLost(reason error) {
	p.wrapped.ConnectionLost(reason)
	p.factory.fail(reason)
}

func (p *wrappingProtocol) LogPrefix() string { return logPrefix(p.wrapped) }

// halfCloseableProtocol is a wrappingProtocol around one that can go on with
// half a connection.
type halfCloseableProtocol struct {
	*wrappingProtocol
	reactor.HalfCloseableProtocol
}

// logPrefix names who speaks in a log line as if it were not wrapped.
func logPrefix(v any) string {
	if named, ok := v.(reactor.LoggingContext); ok {
		return named.LogPrefix()
	}
	kind := reflect.TypeOf(v)
	for kind.Kind() == reflect.Pointer {
		kind = kind.Elem()
	}
	return kind.Name()
}
