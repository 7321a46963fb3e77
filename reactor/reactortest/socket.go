package reactortest

import (
	"io"
	"net/netip"
	"syscall"
	"time"

	"proxyherd/reactor"
)

// socket is one end of a connection as the operating system has it: what a
// transport reads and writes. It keeps TCP's rules as Linux does, and knows
// nothing of protocols.
type socket struct {
	alert
	network     *Network
	local, peer netip.AddrPort
	peerAddress reactor.Address // nil until somebody asks
	in, out     *pipe
	received    []byte // arrived; it is ours
	taken       int    // of received: what was read of it
	unread      int    // sent, and not known to be read by the peer
	untold      int    // read, and the peer does not know of it
	number      uint64 // of the connection
	starved     bool   // the last write found too little room
	cut         bool   // the last read left a part of what had arrived
	established bool
	ended       bool // the peer's end of stream has arrived
	dead        bool // a reset has arrived, or the connection was refused
	shut        bool // our end of stream was sent
	closed      bool
	ownsLocal   bool // the local address is in the network's locals
}

// alert tells a reactor that owner has something to do, once until it has
// done it.
type alert struct {
	reactor *Reactor
	owner   interface{ event() }
	queued  bool
}

func (a *alert) ring() {
	if a.owner != nil && !a.queued {
		a.queued = true
		a.reactor.alerts = append(a.reactor.alerts, a)
		a.reactor.wake()
	}
}

// dial starts to connect r to a listener: owner hears when the socket is
// established or dead.
func (r *Reactor) dial(local, to netip.AddrPort, owner interface{ event() }) *socket {
	n := r.network
	remote := n.ownerOf(to, r.name)
	n.opened++
	c := &connection{}
	s := &c.dialler
	*s = socket{network: n, number: n.opened, local: local, peer: to, ownsLocal: true, alert: alert{reactor: r, owner: owner}}
	s.out, s.in = &c.there, &c.back
	*s.out = pipe{network: n, from: r.name, to: remote, asks: c}
	*s.in = pipe{network: n, from: remote, to: r.name, target: s}
	s.out.push(segment{kind: syn})
	return s
}

// connection is a connection as a whole, in one piece of memory.
type connection struct {
	dialler, listener socket
	there, back       pipe
}

// backlogRetry is how long a client's system waits before it asks again a
// listener whose backlog was full.
const backlogRetry = time.Second

// asked is a request for a connection that has arrived at its listener.
func (n *Network) asked(p *pipe) {
	client := &p.asks.dialler
	port := n.portAt(client.peer)
	switch {
	case port == nil:
		client.in.push(segment{kind: reset})
		return
	case len(port.waiting) >= port.backlog:
		again := n.nanos + int64(backlogRetry)
		p.queue = append(p.queue, segment{kind: syn, due: again})
		n.wire.add(p, again)
		return
	}
	s := &p.asks.listener
	*s = socket{network: n, number: client.number, local: client.peer, peer: client.local, in: p, out: client.in, established: true}
	s.reactor = port.r
	p.target = s
	s.out.push(segment{kind: synAck})
	port.waiting = append(port.waiting, s)
	port.ring()
}

// arrive takes a segment.
func (s *socket) arrive(seg segment) {
	if s.closed {
		// Nobody is there any more: what expects somebody is told so.
		if seg.kind == data || seg.kind == synAck {
			s.out.push(segment{kind: reset})
		}
		return
	}
	switch seg.kind {
	case synAck:
		s.established = true
	case data:
		if s.waiting() == 0 {
			s.received = seg.data
		} else {
			s.received = append(s.received, seg.data...)
			s.network.buffers.give(seg.data)
		}
	case ack:
		s.unread -= seg.read
		if !s.starved {
			return // nobody waits for room
		}
		s.starved = false
	case fin:
		s.ended = true
	case reset:
		s.dead = true
	}
	s.ring()
}

// getPeer is the address of the other end.
func (s *socket) getPeer() reactor.Address {
	if s.peerAddress == nil {
		s.peerAddress = reactor.AddressFrom(s.peer)
	}
	return s.peerAddress
}

// readable reports that read has something to tell; an end of stream was told
// before if skipEnd is set.
func (s *socket) readable(skipEnd bool) bool {
	return s.waiting() > 0 || s.dead || s.ended && !skipEnd
}

// waiting is how many bytes have arrived and are not read.
func (s *socket) waiting() int { return len(s.received) - s.taken }

// read is a view of what has arrived, at most readSize bytes, good until done. Where
// the link is chunked it is first a part and then the rest: a piece of the rest, and of
// that, would be a read for each of its last bytes, and find nothing more. It returns
// io.EOF at the end of the stream, and ECONNRESET when the connection is dead
// without one; both only after all the bytes. nil and nil: nothing is there.
func (s *socket) read() ([]byte, error) {
	if s.waiting() == 0 {
		switch {
		case s.ended:
			return nil, io.EOF
		case s.dead:
			return nil, syscall.ECONNRESET
		}
		return nil, nil
	}
	size := min(readSize, s.waiting())
	if s.in.link().Chunked && !s.cut {
		size = 1 + s.network.random.IntN(size)
	}
	view := s.received[s.taken : s.taken+size : s.taken+size]
	s.taken += size
	s.cut = s.waiting() > 0
	s.tell(size)
	return view, nil
}

// done makes room of what read has shown.
func (s *socket) done() {
	switch {
	case s.waiting() == 0:
		s.network.buffers.give(s.received)
		s.received, s.taken = nil, 0
	case s.taken > s.waiting():
		s.received = s.received[:copy(s.received, s.received[s.taken:])]
		s.taken = 0
	}
}

// tell lets the peer know that bytes were read, once they are a quarter of the
// window: a system does not tell of each either. A peer whose window is full hears
// of it, as all that is in its way is read or told of.
func (s *socket) tell(read int) {
	s.untold += read
	if !s.dead && 4*s.untold >= s.network.options.Window {
		s.out.push(segment{kind: ack, read: s.untold})
		s.untold = 0
	}
}

// writable reports that write would take something or tell an error.
func (s *socket) writable() bool { return s.dead || s.unread < s.network.options.Window }

// write sends as much of p as the window takes. Of what is sent whole it takes the
// buffer, and p is the sender's no more.
func (s *socket) write(p []byte) (int, error) {
	if s.dead {
		return 0, syscall.EPIPE
	}
	size := min(len(p), s.network.options.Window-s.unread)
	s.starved = size < len(p)
	if size > 0 {
		s.unread += size
		if s.starved {
			p = append(s.network.buffers.take(), p[:size]...)
		}
		s.out.push(segment{kind: data, data: p})
	}
	return size, nil
}

// shutdownWrite sends the end of the stream.
func (s *socket) shutdownWrite() {
	if !s.dead && !s.shut {
		s.shut = true
		s.out.push(segment{kind: fin})
	}
}

// close shuts the socket down and gives it up. The peer gets what was written and
// then the end of the stream; and behind that a reset if bytes from it were not
// read, as on Linux.
func (s *socket) close() {
	switch {
	case s.closed:
		return
	case !s.established:
		s.out.drop() // a request held by a cut is not made again
	default:
		s.shutdownWrite()
		if s.waiting() > 0 {
			s.out.push(segment{kind: reset})
		}
	}
	s.release()
}

// abort gives the socket up at once; the peer gets a reset, and nothing that a
// cut holds back.
func (s *socket) abort() {
	if s.closed {
		return
	}
	s.out.drop()
	if s.established {
		s.out.push(segment{kind: reset})
	}
	s.release()
}

func (s *socket) release() {
	s.closed, s.received, s.taken, s.owner = true, nil, 0, nil
	if s.ownsLocal {
		delete(s.network.locals, s.local)
	}
}
