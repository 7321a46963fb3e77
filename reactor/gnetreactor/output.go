//go:build linux

package gnetreactor

import (
	"golang.org/x/sys/unix"

	"proxyherd/reactor"
)

const (
	// highWater is how many bytes may wait before a push producer is paused:
	// twisted/internet/abstract.py:450 bufferSize.
	highWater = 65536
	// sendLimit is the most that one call hands to the system:
	// twisted/internet/abstract.py:176 SEND_LIMIT.
	sendLimit = 131072
)

// Write keeps data until the end of the turn: twisted/internet/abstract.py:339.
func (t *transport) Write(data []byte) {
	if len(data) == 0 || !t.takesOutput() {
		return
	}
	t.keep(data)
	t.kept()
}

// WriteSequence keeps all parts until the end of the turn:
// twisted/internet/abstract.py:358. Parts that are all empty ask for the end of
// the turn too, and so for what a flush brings, such as a pull producer's next
// piece.
func (t *transport) WriteSequence(data [][]byte) {
	if len(data) == 0 || !t.takesOutput() {
		return
	}
	for _, part := range data {
		if len(part) > 0 {
			t.keep(part)
		}
	}
	t.kept()
}

// takesOutput is true also after AbortConnection: what waits is dropped with the
// connection, and pauses until then a push producer that would write for ever.
func (t *transport) takesOutput() bool { return t.connected && !t.writeClosed }

// keep adds to what is not sent yet.
func (t *transport) keep(data []byte) {
	if t.out == nil {
		t.out = t.r.buffers.get()
	}
	t.out = append(t.out, data...)
}

// kept follows what one call has written. It pauses a push producer each time
// that too much waits, as Twisted does, and not only the first: one that was
// resumed by somebody else hears of it again.
func (t *transport) kept() {
	t.startWriting()
	if t.producer != nil && t.streaming && len(t.out)-t.sent > highWater {
		t.producerPaused = true
		// StreamingProducers are PushProducers: RegisterProducer saw to it.
		t.producer.(reactor.PushProducer).PauseProducing()
	}
}

// startWriting asks for doWrite at the end of the turn. A connection that is
// being aborted has nothing left to do then: its end is on its way.
func (t *transport) startWriting() {
	if t.aborting {
		return
	}
	t.wantsWrite = true
	t.markDirty()
}

// markDirty has the end of this turn look at the connection.
func (t *transport) markDirty() {
	if t.dirty || !t.connected {
		return
	}
	t.dirty = true
	place := int(t.order) + 1
	t.r.dirty[place] = append(t.r.dirty[place], t)
	if !t.r.collecting {
		t.r.ring()
	}
}

// flush is the connection's part in the end of a turn: it sends, and only then
// changes what the socket is registered for, so that a connection that is
// written to and closed, or paused and resumed, in one turn costs no call for
// it.
func (t *transport) flush() {
	t.dirty = false
	if !t.connected {
		return
	}
	if t.wantsWrite && (t.interest < writing || t.writable) {
		t.writeMeasured() // else the system's buffer is full, and EPOLLOUT will tell
	}
	t.writable = false
	if !t.connected {
		return
	}
	t.attach()
	t.readOn()
	if t.disconnecting && t.giveUp == nil && t.r.config.CloseTimeout > 0 {
		t.giveUp = t.r.CallLater(t.r.config.CloseTimeout, func() { t.giveUp = nil; t.AbortConnection() })
	}
}

// writeMeasured is doWrite, measured alone where it may call somebody.
func (t *transport) writeMeasured() {
	calls := t.disconnecting || t.writeClosing || t.producerPaused || t.producer != nil && !t.streaming
	if calls {
		t.r.turns.ran(wasFlush, nil)
	}
	t.doWrite()
	if calls || !t.connected {
		t.r.turns.ran(wasIO, t)
	}
}

// doWrite hands output to the system once, and when none is left does what
// waited for that: twisted/internet/abstract.py:234.
func (t *transport) doWrite() {
	if pending := t.out[t.sent:]; len(pending) > 0 {
		n, err := sendFD(t.fd, pending[:min(len(pending), sendLimit)])
		if err != nil {
			// ENOBUFS passes too: twisted/internet/tcp.py:234.
			if err != unix.EAGAIN && err != unix.ENOBUFS {
				t.lost(err)
			}
			return
		}
		t.sent += n
		if t.sent < len(t.out) {
			t.compact()
			return
		}
		t.dropOutput()
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

// compact moves the rest to the front once more than half has been sent: each
// byte moves at most once for each time that it doubles.
func (t *transport) compact() {
	if t.sent > len(t.out)/2 {
		t.out = t.out[:copy(t.out, t.out[t.sent:])]
		t.sent = 0
	}
}

// dropOutput forgets what was or will not be sent.
func (t *transport) dropOutput() {
	if t.out != nil {
		t.r.buffers.put(t.out)
	}
	t.out, t.sent = nil, 0
}

// bufferList lends output buffers: a connection with nothing to send has none.
type bufferList struct{ free [][]byte }

const (
	newBufferSize  = 512
	keptBufferSize = 256 << 10 // larger ones go back to the garbage collector
	keptBuffers    = 256
)

func (b *bufferList) get() []byte {
	if last := len(b.free) - 1; last >= 0 {
		buf := b.free[last]
		b.free[last] = nil
		b.free = b.free[:last]
		return buf
	}
	return make([]byte, 0, newBufferSize)
}

func (b *bufferList) put(buf []byte) {
	if cap(buf) <= keptBufferSize && len(b.free) < keptBuffers {
		b.free = append(b.free, buf[:0])
	}
}
