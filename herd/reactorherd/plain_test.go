package reactorherd_test

import (
	"bytes"

	"proxyherd/factories"
	"proxyherd/herd"
	"proxyherd/protocols"
	"proxyherd/reactor"
)

// plain is a neighbour's connection, by hand: of a server that speaks AT lines
// alone, or of a stranger, who says nothing.
type plain struct {
	protocols.LineReceiver
	handshake *herd.Handshake // nil for a stranger
	done      bool
	ended     bool
	lines     []string
	other     int // lines that are no AT lines

	answer func(line []byte) string // to such a line; may be nil
}

func (p *plain) ConnectionMade() {
	if p.handshake != nil {
		p.Transport.Write(p.handshake.Start())
	}
}

func (p *plain) LineReceived(line []byte) error {
	switch {
	case p.handshake != nil && !p.done:
		var send []byte
		var err error
		if send, p.done, err = p.handshake.Receive(line); err != nil {
			return err
		}
		p.Transport.Write(send)
	case bytes.HasPrefix(line, []byte("AT ")):
		p.lines = append(p.lines, string(line))
	default:
		p.other++
		if p.answer != nil {
			p.Transport.Write([]byte(p.answer(line)))
		}
	}
	return nil
}

func (p *plain) ConnectionLost(error) { p.ended = true }

type plainFactory struct {
	factories.ClientFactory
	p *plain
}

func (f *plainFactory) BuildProtocol(reactor.Address) reactor.Protocol { return f.p }
