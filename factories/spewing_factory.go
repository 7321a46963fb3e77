package factories

import (
	"proxyherd/reactor"
)

// SpewingFactory logs everything that is sent and received:
// twisted/protocols/policies.py:380 SpewingFactory. It is of use with a Log.
type SpewingFactory struct{ WrappingFactory }

// BuildProtocol wraps what the factory inside builds.
func (f *SpewingFactory) BuildProtocol(addr reactor.Address) reactor.Protocol {
	wrapped := f.WrappedFactory.BuildProtocol(addr)
	if wrapped == nil {
		return nil
	}
	return &spewingProtocol{ProtocolWrapper{Factory: f, WrappedProtocol: wrapped}, f}
}

// spewingProtocol is twisted/protocols/policies.py:369 SpewingProtocol.
type spewingProtocol struct {
	ProtocolWrapper
	factory *SpewingFactory
}

func (p *spewingProtocol) DataReceived(self reactor.Protocol, data []byte) error {
	p.factory.msg(p, "Received: %q", data)
	return p.ProtocolWrapper.DataReceived(self, data)
}

func (p *spewingProtocol) Write(data []byte) {
	p.factory.msg(p, "Sending: %q", data)
	p.ProtocolWrapper.Write(data)
}
