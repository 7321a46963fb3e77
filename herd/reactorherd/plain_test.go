package reactorherd_test

import (
	"bytes"
	"net/netip"
	"testing"

	"proxyherd/factories"
	"proxyherd/herd"
	"proxyherd/herd/herdtest"
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

// newPlain dials Meeks as a neighbour that has these capabilities.
func newPlain(t *testing.T, v *herdtest.Virtual, name string, caps ...string) *plain {
	t.Helper()
	identity, err := v.Config.Identity(name, 77, [][]byte{[]byte(herdtest.Secret)}, caps...)
	if err != nil {
		t.Fatal(err)
	}
	return dial(v, name, "Meeks", &plain{handshake: herd.NewDialler(identity, "Meeks", herd.Nonce{1})})
}

// dial connects p to a server's port for neighbours.
func dial(v *herdtest.Virtual, from, to string, p *plain) *plain {
	p.Delimiter = []byte{'\n'}
	member, _ := v.Config.Server(to)
	at := netip.MustParseAddrPort(member.Peers)
	f := &plainFactory{p: p}
	v.Network.Reactor(from).ConnectTCP(at.Addr().String(), int(at.Port()), f, 0, nil)
	return p
}

type plainFactory struct {
	factories.ClientFactory
	p *plain
}

func (f *plainFactory) BuildProtocol(reactor.Address) reactor.Protocol { return f.p }
