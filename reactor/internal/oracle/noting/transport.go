// Package noting is a transport that notes on a stage what it is asked for.
package noting

import (
	"proxyherd/reactor"
	"proxyherd/reactor/internal/oracle/scenario"
	"proxyherd/reactor/reactortest"
)

// Transport notes each call as an event. Its twin is Transport in noting.py.
// Pausing, resuming and stopping have no other effect: which of them a
// StringTransport refuses differs between the versions of Twisted.
type Transport struct {
	// StringTransport has the addresses, and the producer.
	reactortest.StringTransport
	Stage *scenario.Stage
	// Label, if not "", follows the name of each event: which transport it was.
	Label string
	// Protocol, if set, loses its connection in LoseConnection, once.
	Protocol reactor.Protocol

	lost bool
}

var _ reactor.TCPTransport = (*Transport)(nil)

func (t *Transport) note(event string, words ...any) {
	head := []any{event}
	if t.Label != "" {
		head = append(head, t.Label)
	}
	t.Stage.Note(append(head, words...)...)
}

// Write is the event "write".
func (t *Transport) Write(data []byte) { t.note("write", scenario.Quote(data)) }

// WriteSequence is the event "writeSequence".
func (t *Transport) WriteSequence(data [][]byte) {
	words := make([]any, len(data))
	for i, part := range data {
		words[i] = scenario.Quote(part)
	}
	t.note("writeSequence", words...)
}

// LoseConnection is the event "lose".
func (t *Transport) LoseConnection() {
	t.note("lose")
	if t.Protocol == nil {
		t.StringTransport.LoseConnection()
		return
	}
	if !t.lost {
		t.lost = true
		t.Protocol.ConnectionLost(reactor.ErrConnectionDone)
	}
}

// AbortConnection is the event "abort".
func (t *Transport) AbortConnection() { t.note("abort") }

// PauseProducing is the event "pause".
func (t *Transport) PauseProducing() { t.note("pause") }

// ResumeProducing is the event "resume".
func (t *Transport) ResumeProducing() { t.note("resume") }

// StopProducing is the event "stop".
func (t *Transport) StopProducing() { t.note("stop") }
