package herdtest

import (
	"strings"
	"testing"
	"time"

	"proxyherd/herd"
)

// plain is a neighbour's connection, by hand: of a server that speaks AT lines
// alone, or of a stranger, who says nothing. It hears what came in its turn.
type plain struct {
	Client
	t         *testing.T
	handshake *herd.Handshake // nil for a stranger
	done      bool
	lines     []string
	other     int // lines that are no AT lines
}

// newPlain dials Meeks as a neighbour that has these capabilities.
func newPlain(t *testing.T, h Twin, name string, caps ...string) *plain {
	t.Helper()
	identity, err := h.Settings().Identity(name, 77, secrets(Secret), caps...)
	if err != nil {
		t.Fatal(err)
	}
	p := stranger(t, h, name)
	p.handshake = herd.NewDialler(identity, "Meeks", herd.Nonce{1})
	p.Send(p.handshake.Start())
	for range 10 {
		h.Advance(5 * time.Millisecond)
		p.turn()
	}
	if !p.done {
		t.Fatal("the handshake failed")
	}
	return p
}

// stranger dials Meeks, and says nothing.
func stranger(t *testing.T, h Twin, machine string) *plain {
	t.Helper()
	return &plain{Client: h.DialPeers(machine, "Meeks"), t: t}
}

func (p *plain) turn() {
	p.t.Helper()
	for _, line := range lines(p.Client) {
		switch {
		case p.handshake != nil && !p.done:
			var send []byte
			var err error
			if send, p.done, err = p.handshake.Receive([]byte(line)); err != nil {
				p.t.Fatal(err)
			}
			p.Send(send)
		case strings.HasPrefix(line, "AT "):
			p.lines = append(p.lines, line)
		default:
			p.other++
		}
	}
}
