//go:build linux

package gnetreactor

import (
	"errors"
	"fmt"
	"net/netip"
	"unsafe"

	"github.com/panjf2000/gnet/v2/pkg/netpoll"
	"golang.org/x/sys/unix"

	"proxyherd/reactor"
	"proxyherd/reactor/internal/connecting"
)

// transport is one connection: twisted/internet/tcp.py:173 Connection, on
// twisted/internet/abstract.py:160 FileDescriptor. It is kept small: ten
// thousand idle ones are part of what is measured.
type transport struct {
	descriptor
	r         *Reactor
	protocol  reactor.Protocol
	connector *connecting.Connector // nil on the server's side
	producer  reactor.Producer
	out       []byte // what is not sent yet, from sent on; nil when all is
	sent      int
	peer      netip.Addr
	session   uint64
	giveUp    reactor.DelayedCall // ends a LoseConnection that takes too long

	peerPort       uint16
	order          reactor.FlushOrder
	connected      bool
	wantsRead      bool // reading has been started, and not paused
	unread         bool // the poller told of input that was not read
	wantsWrite     bool // there is something to do once output can be written
	readClosed     bool // the peer's end of stream came, and the protocol goes on
	writeClosing   bool // LoseWriteConnection was called
	writeClosed    bool // and carried out
	disconnecting  bool // LoseConnection was called
	aborting       bool
	dirty          bool // in one of the reactor's dirty lists
	writable       bool // the system takes output again: the flush tries
	streaming      bool // the producer is a push producer
	producerPaused bool
}

var _ reactor.TCPTransport = (*transport)(nil)

func newTransport(r *Reactor, fd int, peer netip.AddrPort, protocol reactor.Protocol) *transport {
	t := &transport{r: r, protocol: protocol, peer: peer.Addr(), peerPort: peer.Port(), connected: true, wantsRead: true}
	t.fd = fd
	r.owners.set(fd, t)
	return t
}

// makeConnection starts the protocol. A panic in it ends the connection, on
// both sides of it: Twisted lets a server's live on.
func (t *transport) makeConnection() (err error) {
	t.attach()
	defer func() {
		if err = reactor.Recovered(recover()); err != nil {
			t.fail(err)
		}
	}()
	t.protocol.MakeConnection(t.protocol, t)
	return nil
}

// fail logs an error out of the protocol's code and ends the connection for it.
func (t *transport) fail(err error) {
	t.r.log.Err(t.logPrefix(), err, "closing the connection")
	t.connectionLost(err)
}

// event is told by the poller what the socket is ready for.
func (t *transport) event(ev netpoll.IOEvent) {
	const trouble = unix.EPOLLERR | unix.EPOLLHUP
	if ev&(unix.EPOLLIN|unix.EPOLLPRI|trouble) != 0 {
		if t.wantsRead {
			t.doRead(ev)
		} else {
			t.unread = true
		}
	}
	if ev&(unix.EPOLLOUT|trouble) != 0 && t.wantsWrite && t.interest >= writing {
		// Not before the end of the turn: there is an order in which output leaves,
		// and this event may have brought input that others must hear of first.
		t.writable = true
		t.markDirty()
		return
	}
	if ev&trouble != 0 && t.connected && !t.aborting && !t.wantsRead && !t.wantsWrite {
		t.checkError()
	}
}

// checkError notices a reset while nobody reads or writes. Twisted notices it
// only when reading goes on. An end without an error is left for the reader:
// there may be input before it.
func (t *transport) checkError() {
	if code, err := unix.GetsockoptInt(t.fd, unix.SOL_SOCKET, unix.SO_ERROR); err == nil && code != 0 {
		t.lost(unix.Errno(code))
	}
}

// doRead is one read of at most readSize bytes, so that every connection gets
// its turn: twisted/internet/tcp.py:199. What it leaves comes behind what the poller has
// to tell of others.
func (t *transport) doRead(ev netpoll.IOEvent) {
	n, err := recvFD(t.fd, t.r.input)
	switch {
	case err == unix.EAGAIN:
	case err != nil:
		t.lost(err)
	case n == 0:
		t.readEnded()
	default:
		if err := t.deliver(t.r.input[:n]); err != nil {
			t.fail(err)
		}
		// A read that is short has left nothing, but for an end or an error that came
		// with the input, and for what stands behind an urgent byte.
		if n == len(t.r.input) || ev&^(unix.EPOLLIN|unix.EPOLLOUT) != 0 {
			t.unread = true
			t.readOn()
		}
	}
}

// readOn asks for what was not read, once somebody wants it. Where the socket is
// registered for output too, the poller tells of it in any case, and where its
// registration changes.
func (t *transport) readOn() {
	if !t.unread || !t.wantsRead {
		return
	}
	t.unread = false
	if t.interest == reading {
		t.r.again(&t.descriptor)
	}
}

func (t *transport) deliver(data []byte) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = reactor.Recovered(v)
		}
	}()
	return t.protocol.DataReceived(t.protocol, data)
}

// readEnded takes the peer's end of stream: twisted/internet/tcp.py:270. Only a
// half-closeable protocol may go on writing.
func (t *transport) readEnded() {
	half, ok := t.protocol.(reactor.HalfCloseableProtocol)
	if !ok {
		t.connectionLost(reactor.ErrConnectionDone)
		return
	}
	t.wantsRead, t.readClosed = false, true
	t.markDirty()
	t.callProtocol(half.ReadConnectionLost)
}

// callProtocol runs a callback whose panic ends the connection.
func (t *transport) callProtocol(f func()) {
	defer func() {
		if err := reactor.Recovered(recover()); err != nil {
			t.fail(err)
		}
	}()
	f()
}

// lost ends the connection for an error of the socket.
func (t *transport) lost(err error) {
	t.connectionLost(fmt.Errorf("%w: %w", reactor.ErrConnectionLost, err))
}

// connectionLost ends the connection, once: twisted/internet/tcp.py:283. The
// producer hears of it first, then the protocol, then a connector's factory.
func (t *transport) connectionLost(reason error) {
	if !t.connected {
		return
	}
	t.connected, t.wantsRead, t.wantsWrite = false, false, false
	if t.giveUp != nil {
		_ = t.giveUp.Cancel() // pending: it clears itself when it runs
		t.giveUp = nil
	}
	t.dropOutput()
	if producer := t.producer; producer != nil {
		t.producer = nil
		t.r.guard("stopping a producer", producer.StopProducing)
	}
	t.r.closeSocket(&t.descriptor, !errors.Is(reason, reactor.ErrConnectionAborted))
	t.r.guard("telling a protocol that its connection was lost", func() { t.protocol.ConnectionLost(reason) })
	if t.connector != nil {
		t.r.guard("telling a factory that its connection was lost", func() { t.connector.Lost(reason) })
	}
}

// shutdown ends the connection with the reactor. What was written before is
// offered to the system once, which Twisted does not.
func (t *transport) shutdown() {
	if t.aborting {
		t.connectionLost(reactor.ErrConnectionAborted)
		return
	}
	if t.connected && len(t.out) > t.sent {
		_, _ = sendFD(t.fd, t.out[t.sent:]) // the connection ends whatever becomes of it
	}
	t.connectionLost(reactor.ErrConnectionLost)
}

// attach registers what the connection waits for; detach forgets it with its
// poller.
func (t *transport) attach() { t.r.set(&t.descriptor, t.wants()) }
func (t *transport) detach() { t.interest = off }

// wants is what the socket should be registered for.
func (t *transport) wants() interest {
	switch {
	case t.wantsRead && t.wantsWrite:
		return readWriting
	case t.wantsWrite:
		return writing
	}
	return reading // paused too: what comes then is told of once, and an error
}

// logPrefix names the connection: twisted/internet/tcp.py:304.
func (t *transport) logPrefix() string {
	name := typeName(t.protocol)
	if t.connector != nil {
		return name + ",client"
	}
	return fmt.Sprintf("%s,%d,%s", name, t.session, t.peer.Unmap())
}

// String names the connection by its protocol, and says where it is:
// twisted/internet/tcp.py:729 and :789.
func (t *transport) String() string {
	name := typeName(t.protocol)
	if t.connector != nil {
		return fmt.Sprintf("%s to %v", name, t.connector.GetDestination())
	}
	if !t.connected {
		return fmt.Sprintf("%s #%d (closed)", name, t.session)
	}
	_, number := reactor.SplitAddress(t.GetHost())
	return fmt.Sprintf("%s #%d on %d", name, t.session, number)
}

// GetPeer is the address of the other side, also after the end.
func (t *transport) GetPeer() reactor.Address {
	return reactor.AddressFrom(netip.AddrPortFrom(t.peer, t.peerPort))
}

// GetHost is the address of this side; after the end it has no host.
func (t *transport) GetHost() reactor.Address {
	if t.fd < 0 {
		return reactor.IPv4Address{}
	}
	return reactor.AddressFrom(localAddr(t.fd))
}

// recvFD and sendFD are the system calls, again when a signal interrupts; read and write would go
// through the kernel's files first. The sockets do not block, so Go's scheduler need not
// know of these calls: it would make ready to run something else meanwhile, which costs as
// much as a small call does.
func recvFD(fd int, p []byte) (int, error) { return call(unix.SYS_RECVFROM, fd, p, 0) }

func sendFD(fd int, p []byte) (int, error) { return call(unix.SYS_SENDTO, fd, p, unix.MSG_NOSIGNAL) }

func call(number uintptr, fd int, p []byte, flags uintptr) (int, error) {
	for {
		n, _, errno := unix.RawSyscall6(number, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(p))), uintptr(len(p)), flags, 0, 0)
		switch errno {
		case 0:
			return int(n), nil
		case unix.EINTR:
		default:
			return -1, errno
		}
	}
}
