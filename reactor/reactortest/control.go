package reactortest

import "proxyherd/reactor"

// LoseConnection ends the connection once everything has been sent:
// twisted/internet/abstract.py:386.
func (t *transport) LoseConnection() {
	if !t.connected || t.disconnecting {
		return
	}
	t.disconnecting, t.wantsRead = true, false
	if t.writeClosed && !t.aborting {
		t.connectionLost(reactor.ErrConnectionDone) // nothing is left that could wait
		return
	}
	t.startWriting()
}

// Disconnecting reports that LoseConnection was called.
func (t *transport) Disconnecting() bool { return t.disconnecting }

// AbortConnection ends the connection now: twisted/internet/tcp.py:154.
func (t *transport) AbortConnection() {
	if !t.connected || t.aborting {
		return
	}
	t.aborting, t.wantsRead, t.wantsWrite = true, false, false
	t.r.CallLater(0, func() { t.connectionLost(reactor.ErrConnectionAborted) })
}

// LoseWriteConnection ends our direction once everything has been sent:
// twisted/internet/abstract.py:411.
func (t *transport) LoseWriteConnection() {
	if !t.connected || t.writeClosing {
		return
	}
	t.writeClosing = true
	t.startWriting()
}

// PauseProducing stops reading: twisted/internet/abstract.py:468. A reset is
// noticed meanwhile, an end of stream is not.
func (t *transport) PauseProducing() { t.wantsRead = false }

// ResumeProducing starts reading again: twisted/internet/abstract.py:464.
func (t *transport) ResumeProducing() {
	if t.connected && !t.disconnecting && !t.aborting && !t.readClosed {
		t.wantsRead = true
		t.await()
	}
}

// StopProducing is LoseConnection: twisted/internet/abstract.py:471.
func (t *transport) StopProducing() { t.LoseConnection() }

// RegisterProducer lets a producer write here:
// twisted/internet/abstract.py:86.
func (t *transport) RegisterProducer(producer reactor.Producer, streaming bool) error {
	if t.producer != nil {
		return reactor.ErrProducerRegistered
	}
	if streaming {
		_ = producer.(reactor.PushProducer) // panics here, where the mistake is
	}
	if !t.connected {
		producer.StopProducing()
		return nil
	}
	t.producer, t.streaming = producer, streaming
	if !streaming {
		producer.ResumeProducing()
	}
	return nil
}

// UnregisterProducer lets the producer go; a connection that waited for that
// can close. twisted/internet/abstract.py:115.
func (t *transport) UnregisterProducer() {
	t.producer = nil
	if t.connected && t.disconnecting {
		t.startWriting()
	}
}

// SetFlushOrder says when in a turn this connection's output is sent.
func (t *transport) SetFlushOrder(order reactor.FlushOrder) {
	t.order = min(max(order, reactor.FlushFirst), reactor.FlushLast)
}

// Unsent is what waits for room on the network: nothing after AbortConnection.
func (t *transport) Unsent() int {
	if t.aborting {
		return 0
	}
	return len(t.out)
}

// GetTcpNoDelay gives what was set; it changes nothing in memory.
func (t *transport) GetTcpNoDelay() (bool, error) { return t.noDelay, t.gone() }

// SetTcpNoDelay keeps enabled.
func (t *transport) SetTcpNoDelay(enabled bool) error { return t.set(&t.noDelay, enabled) }

// GetTcpKeepAlive gives what was set; it changes nothing in memory.
func (t *transport) GetTcpKeepAlive() (bool, error) { return t.keepAlive, t.gone() }

// SetTcpKeepAlive keeps enabled.
func (t *transport) SetTcpKeepAlive(enabled bool) error { return t.set(&t.keepAlive, enabled) }

func (t *transport) set(option *bool, enabled bool) error {
	if err := t.gone(); err != nil {
		return err
	}
	*option = enabled
	return nil
}

func (t *transport) gone() error {
	if t.place == nil {
		return reactor.ErrConnectionClosed
	}
	return nil
}
