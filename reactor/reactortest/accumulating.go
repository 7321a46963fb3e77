package reactortest

import (
	"bytes"

	"proxyherd/reactor"
	"proxyherd/reactor/deferred"
)

// AccumulatingProtocol keeps what it is told:
// twisted/test/proto_helpers.py:33 AccumulatingProtocol. The zero value is
// ready.
type AccumulatingProtocol struct {
	Transport    reactor.Transport
	Made         int    // how often ConnectionMade was called
	Closed       int    // how often ConnectionLost was called
	Data         []byte // everything received
	ClosedReason error

	// ProtocolConnectionMade, if set, fires with the protocol when the
	// connection is made. Twisted has it on the factory.
	ProtocolConnectionMade *deferred.Deferred[*AccumulatingProtocol]
	// ClosedDeferred, if set, fires when the connection is lost, for whatever
	// reason.
	ClosedDeferred *deferred.Deferred[struct{}]
}

var _ reactor.Protocol = (*AccumulatingProtocol)(nil)

// MakeConnection keeps the transport and calls self.ConnectionMade.
func (p *AccumulatingProtocol) MakeConnection(self reactor.Protocol, transport reactor.Transport) {
	p.Transport = transport
	self.ConnectionMade()
}

// ConnectionMade counts, and fires ProtocolConnectionMade once.
func (p *AccumulatingProtocol) ConnectionMade() {
	p.Made++
	if d := p.ProtocolConnectionMade; d != nil {
		p.ProtocolConnectionMade = nil
		d.Callback(p)
	}
}

// DataReceived keeps data.
func (p *AccumulatingProtocol) DataReceived(_ reactor.Protocol, data []byte) error {
	p.Data = append(p.Data, data...)
	return nil
}

// ConnectionLost keeps the reason, and fires ClosedDeferred once.
func (p *AccumulatingProtocol) ConnectionLost(reason error) {
	p.Closed++
	p.ClosedReason = reason
	if d := p.ClosedDeferred; d != nil {
		p.ClosedDeferred = nil
		d.Callback(struct{}{})
	}
}

// LineSendingProtocol sends its lines, keeps those that it gets back, and may
// then end the connection: twisted/test/proto_helpers.py:75
// LineSendingProtocol. Lines end in CRLF.
type LineSendingProtocol struct {
	AccumulatingProtocol
	// Lines, without their line ends, are sent at once if Start is set, else
	// when the first line has come.
	Lines []string
	Start bool
	// Response has the lines received, without their line ends.
	Response []string

	sent bool
}

var _ reactor.Protocol = (*LineSendingProtocol)(nil)

// ConnectionMade sends the lines if Start is set.
func (p *LineSendingProtocol) ConnectionMade() {
	p.AccumulatingProtocol.ConnectionMade()
	if p.Start {
		p.send()
	}
}

// DataReceived cuts the lines out of data; what is not a whole line yet stays
// in Data.
func (p *LineSendingProtocol) DataReceived(_ reactor.Protocol, data []byte) error {
	p.Data = append(p.Data, data...)
	for {
		line, rest, found := bytes.Cut(p.Data, []byte("\r\n"))
		if !found {
			return nil
		}
		p.Response = append(p.Response, string(line))
		p.Data = rest
		if !p.sent {
			p.send()
		}
	}
}

func (p *LineSendingProtocol) send() {
	p.sent = true
	for _, line := range p.Lines {
		p.Transport.Write([]byte(line + "\r\n"))
	}
}
