//go:build linux

package gnetreactor

import (
	"os"

	"golang.org/x/sys/unix"

	"proxyherd/reactor"
)

// LoseConnection ends the connection once everything has been sent:
// twisted/internet/abstract.py:386.
func (t *transport) LoseConnection() {
	if !t.connected || t.disconnecting {
		return
	}
	t.disconnecting, t.wantsRead = true, false
	if t.writeClosed && !t.aborting {
		// Nothing is left that could wait.
		t.connectionLost(reactor.ErrConnectionDone)
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
	t.markDirty()
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

func (t *transport) closeWrite() {
	t.writeClosed = true
	// It fails if the peer has gone, and that is for the reader to find: there
	// may be input before it.
	_ = unix.Shutdown(t.fd, unix.SHUT_WR)
	if half, ok := t.protocol.(reactor.HalfCloseableProtocol); ok {
		t.callProtocol(half.WriteConnectionLost)
	}
}

// PauseProducing stops reading: twisted/internet/abstract.py:468. A reset is
// noticed meanwhile, an end of stream is not.
func (t *transport) PauseProducing() {
	t.wantsRead = false
	t.markDirty()
}

// ResumeProducing starts reading again: twisted/internet/abstract.py:464.
func (t *transport) ResumeProducing() {
	if t.connected && !t.disconnecting && !t.aborting && !t.readClosed {
		t.wantsRead = true
		t.markDirty()
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

// Unsent is what waits for the system to take it: nothing after AbortConnection.
func (t *transport) Unsent() int {
	if t.aborting {
		return 0
	}
	return len(t.out) - t.sent
}

// GetTcpNoDelay reports whether Nagle's algorithm is off.
func (t *transport) GetTcpNoDelay() (bool, error) {
	return t.option(unix.IPPROTO_TCP, unix.TCP_NODELAY)
}

// SetTcpNoDelay turns Nagle's algorithm off or on.
func (t *transport) SetTcpNoDelay(enabled bool) error {
	return t.setOption(unix.IPPROTO_TCP, unix.TCP_NODELAY, enabled)
}

// GetTcpKeepAlive reports whether the kernel probes an idle connection.
func (t *transport) GetTcpKeepAlive() (bool, error) {
	return t.option(unix.SOL_SOCKET, unix.SO_KEEPALIVE)
}

// SetTcpKeepAlive turns the kernel's probes on or off.
func (t *transport) SetTcpKeepAlive(enabled bool) error {
	return t.setOption(unix.SOL_SOCKET, unix.SO_KEEPALIVE, enabled)
}

func (t *transport) option(level, name int) (bool, error) {
	if t.fd < 0 {
		return false, reactor.ErrConnectionClosed
	}
	v, err := unix.GetsockoptInt(t.fd, level, name)
	return v != 0, os.NewSyscallError("getsockopt", err)
}

func (t *transport) setOption(level, name int, enabled bool) error {
	if t.fd < 0 {
		return reactor.ErrConnectionClosed
	}
	v := 0
	if enabled {
		v = 1
	}
	return os.NewSyscallError("setsockopt", unix.SetsockoptInt(t.fd, level, name, v))
}
