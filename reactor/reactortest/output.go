package reactortest

import (
	"proxyherd/reactor"
)

// highWater is how many bytes may wait before a push producer is paused:
// twisted/internet/abstract.py:450 bufferSize.
const highWater = 65536

// Write keeps data until the end of the turn: twisted/internet/abstract.py:339.
func (t *transport) Write(data []byte) {
	if len(data) == 0 || !t.takesOutput() {
		return
	}
	t.out = append(t.buffer(), data...)
	t.kept()
}

// WriteSequence keeps all parts until the end of the turn:
// twisted/internet/abstract.py:358.
func (t *transport) WriteSequence(data [][]byte) {
	if len(data) == 0 || !t.takesOutput() {
		return
	}
	t.out = t.buffer()
	for _, part := range data {
		t.out = append(t.out, part...)
	}
	t.kept()
}

// buffer is where output is kept.
func (t *transport) buffer() []byte {
	if t.out == nil {
		return t.r.network.buffers.take()
	}
	return t.out
}

// takesOutput is true also after AbortConnection: what waits is dropped with the
// connection, and pauses until then a push producer that would write for ever.
func (t *transport) takesOutput() bool { return t.connected && !t.writeClosed }

// kept follows what one call has written. It pauses a push producer each time
// that too much waits, as Twisted does, and not only the first.
func (t *transport) kept() {
	t.startWriting()
	if t.producer != nil && t.streaming && len(t.out) > t.r.network.options.HighWater {
		t.producerPaused = true
		t.producer.(reactor.PushProducer).PauseProducing() // RegisterProducer saw to the type
	}
}

// startWriting asks for doWrite at the end of the turn. A connection that is
// being aborted has nothing left to do then: its end is on its way.
func (t *transport) startWriting() {
	if t.aborting {
		return
	}
	t.wantsWrite = true
	if t.dirty || !t.connected {
		return
	}
	t.dirty = true
	place := int(t.order) + 1
	t.r.dirty[place] = append(t.r.dirty[place], t)
	t.r.wake()
}

// flush is the connection's part in the end of a turn.
func (t *transport) flush() {
	t.dirty = false
	if t.wantsWrite && !t.blocked {
		t.doWrite()
	}
}

// doWrite hands output to the socket once, and when none is left does what
// waited for that: twisted/internet/abstract.py:234.
func (t *transport) doWrite() {
	if len(t.out) > 0 && !t.send() {
		return
	}
	t.wantsWrite = false
	switch {
	case t.producer != nil && (!t.streaming || t.producerPaused):
		t.producerPaused = false
		t.callProtocol(t.producer.ResumeProducing)
	case t.disconnecting:
		t.connectionLost(reactor.ErrConnectionDone)
	case t.writeClosing && !t.writeClosed:
		t.closeWrite()
	}
}

// send hands output to the socket and reports whether all is gone.
func (t *transport) send() bool {
	n, err := t.socket.write(t.out)
	if err != nil {
		t.lost(err)
		return false
	}
	if n > 0 {
		t.trace(Event{Kind: Sent, Bytes: n})
	}
	t.tap(Passage{Data: t.out[:n], Left: len(t.out) - n})
	t.blocked = n < len(t.out)
	if t.blocked {
		t.out = t.out[n:]
	} else {
		t.out = nil // the socket has it
	}
	return !t.blocked
}

func (t *transport) closeWrite() {
	t.writeClosed = true
	t.socket.shutdownWrite()
	t.trace(Event{Kind: WriteEnded})
	if half, ok := t.protocol.(reactor.HalfCloseableProtocol); ok {
		t.callProtocol(half.WriteConnectionLost)
	}
}
