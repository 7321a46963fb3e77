package goroutineherd

import (
	"bytes"
	"errors"
	"io"
	"net"
	"sync"
	"time"

	"proxyherd/herd"
	"proxyherd/herd/wirelog"
)

// Why we close a link, beyond what the handshake and package herd say.
var (
	errHandshakeTimeout = errors.New("the handshake took too long")
	errLineTooLong      = errors.New("a line was too long")
	errStalled          = errors.New("the neighbour took none of what waits for it")
	errTooMuchAsked     = errors.New("the neighbour asks for more than it takes")
	errStopping         = errors.New("this server is stopping")
	errFarewell         = errors.New("the neighbour closes the link")
)

// link is a connection with a neighbour, dialled or accepted. Until the
// handshake is done the other end is nobody.
type link struct {
	server *Server
	conn   net.Conn
	log    *wirelog.Conn
	outbox outbox // has a lock of its own

	mu        sync.Mutex // guards what follows, but for what says otherwise
	handshake *herd.Handshake
	neighbour *neighbour // who dialled it, or, once open, who is at its other end
	info      herd.Link  // once open
	terms     herd.Terms // once open
	comparing comparing
	heart
	sealed

	rest      []byte // of a line that has not ended
	maxLength int
	proving   bool // accepted, and nothing is proved yet; guarded by Server.mu
	open      bool
	over      bool        // lost, and counted
	farewell  string      // why the neighbour closes it
	timeout   *time.Timer // until the handshake is done
}

func newLink(s *Server, h *herd.Handshake, dialled *neighbour) *link {
	l := &link{server: s, handshake: h, neighbour: dialled, maxLength: herd.MaxHandshakeLine}
	l.heart.link, l.comparing.link, l.sealed.link = l, l, l
	l.outbox.init(l)
	return l
}

// run is the link's life: it reads, and another goroutine writes.
//
// Twin: a link is two goroutines and its timers. Each may find out that it is over,
// so why it ends is kept with the outbox, under that one's lock, and is the first
// reason that anybody had.
func (l *link) run() {
	s := l.server
	s.mu.Lock()
	s.peers[l] = true
	stopping := s.stopping
	s.mu.Unlock()
	if stopping {
		l.lose(errStopping)
	}
	var reason error
	l.guard(func() {
		l.outbox.open(l.conn)
		l.log = s.log.Conn(wirelog.Peer, func() string { return l.conn.RemoteAddr().String() }, time.Now())
		s.running.Go(func() { l.guard(l.outbox.run) })
		l.connectionMade()
		reason = l.receive()
	})
	l.guard(l.hangUp)
	l.guard(func() { l.connectionLost(reason) })
}

// hangUp closes the connection, with what waits for it.
func (l *link) hangUp() {
	_ = l.conn.Close() // and so wakes who reads or writes
	l.outbox.end()
}

// connectionMade begins the handshake.
func (l *link) connectionMade() {
	if socket, ok := l.conn.(*net.TCPConn); ok {
		_ = socket.SetKeepAlive(true) // it is not needed to work
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.heard = time.Now()
	l.timeout = l.later(herd.HandshakeTimeout, func() {
		if !l.open {
			l.lose(errHandshakeTimeout)
		}
	})
	if hello := l.handshake.Start(); hello != nil {
		l.outbox.write(hello)
	}
}

// later runs f after a while, with mu held, unless the link is over by then.
func (l *link) later(wait time.Duration, f func()) *time.Timer {
	return time.AfterFunc(wait, func() {
		l.guard(func() {
			l.mu.Lock()
			defer l.mu.Unlock()
			if !l.over {
				f()
			}
		})
	})
}

// receive reads until the end, and returns why that was.
func (l *link) receive() error {
	buffer := readBuffers.Get().(*[readSize]byte)
	defer readBuffers.Put(buffer)
	for {
		n, err := l.conn.Read(buffer[:])
		if n > 0 {
			l.dataReceived(buffer[:n])
			l.server.flushFlood(l)
		}
		if err != nil {
			return err
		}
	}
}

// dataReceived logs what came, and drops it once we close.
func (l *link) dataReceived(data []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.outbox.losing() != nil {
		return
	}
	s := l.server
	l.heard = time.Now()
	s.log.In(l.log, data, l.heard)
	s.tally.linksIn.Add(uint64(len(data)))
	desk := s.takeDesk(l)
	defer s.giveDesk(desk)
	for len(data) > 0 && l.outbox.losing() == nil {
		line, after, whole := bytes.Cut(data, newline)
		data = after
		if len(l.rest)+len(line) > l.maxLength {
			l.lose(errLineTooLong)
			return
		}
		if !whole {
			l.rest = append(l.rest, line...)
			return
		}
		if len(l.rest) > 0 {
			line = append(l.rest, line...)
			l.rest = line[:0] // its room is used again: this line is done with by then
		}
		l.lineReceived(desk, line)
	}
}

// lineReceived takes a line of the handshake, then what neighbours say.
func (l *link) lineReceived(desk *desk, line []byte) {
	switch {
	case !l.open:
		l.shake(bytes.TrimSuffix(line, []byte{'\r'}))
	case l.terms.MAC:
		l.sealedLine(desk, line)
	default:
		l.line(desk, bytes.TrimSuffix(line, []byte{'\r'}))
	}
}

// line takes one line of a neighbour that has proved itself.
func (l *link) line(desk *desk, line []byte) {
	s := l.server
	var err error
	switch kind := herd.KindOf(line); {
	case kind == herd.BeatLine && l.terms.Heartbeat:
		err = l.beatReceived(line)
	case kind == herd.QuestionLine && l.terms.Digest:
		err = l.comparing.questionReceived(line)
	case kind == herd.AnswerLine && l.terms.Digest:
		err = l.comparing.answerReceived(line)
	case kind == herd.FarewellLine && l.terms.Heartbeat:
		err = l.farewellReceived(line)
	default:
		err = l.update(desk, line)
	}
	if errors.Is(err, herd.ErrStoreFull) {
		l.lose(err)
	} else if err != nil {
		s.event(wirelog.Warn, "line dropped", wirelog.F("peer", l.info.Peer), wirelog.F("reason", herd.Reason(err)), wirelog.F("error", err))
	}
}

// update takes an AT line. The desk passes on what is new: see desk.Put.
func (l *link) update(desk *desk, line []byte) error {
	flood, err := desk.node.ReceivePeer(line)
	if flood != nil {
		l.outbox.received(flood)
	}
	return err
}

// farewellReceived takes the neighbour's word why it closes the link.
func (l *link) farewellReceived(line []byte) error {
	reason, err := herd.ParseFarewell(line)
	if err != nil {
		return err
	}
	l.farewell = reason
	if reason == herd.Reason(herd.ErrDuplicateName) {
		// The other one may run elsewhere, where nobody looks.
		l.server.event(wirelog.Error, "two servers under our name", wirelog.F("peer", l.info.Peer), wirelog.F("reason", reason), wirelog.F("error", herd.ErrDuplicateName))
	}
	return nil
}

// shake takes one line of the handshake.
func (l *link) shake(line []byte) {
	answer, done, err := l.handshake.Receive(line)
	if answer != nil {
		l.outbox.write(answer)
	}
	switch {
	case err != nil:
		l.lose(err)
	case done:
		l.timeout.Stop()
		l.proved()
		l.open, l.terms = true, l.handshake.Terms()
		l.maxLength = herd.MaxPeerLine + 1 // and the CR of a CRLF
		if l.terms.MAC {
			l.sealed.begin(l.handshake)
		}
		if l.server.linkOpened(l) {
			l.begin()
		}
	}
}

// proved takes note that the other end need not be counted any more among those
// that have proved nothing.
func (l *link) proved() {
	l.server.mu.Lock()
	defer l.server.mu.Unlock()
	if l.proving {
		l.proving = false
		l.server.unproved--
	}
}

// begin finds out what the two ends lack, while updates travel already.
func (l *link) begin() {
	if l.terms.Heartbeat {
		l.heart.begin()
	}
	switch {
	case l.server.faulty.NoResync:
	case l.terms.Digest:
		l.comparing.begin()
	default:
		l.outbox.sendAll(nil)
	}
}

// forward sends an AT line, or takes note of it while the neighbour is slow.
func (l *link) forward(line []byte) { l.outbox.put(line) }

// lose ends the link for a reason of ours. What was written before is sent
// still, but to a neighbour that takes nothing. It needs no lock, and may be called
// by any link's goroutine.
func (l *link) lose(why error) {
	dead := errors.Is(why, errStalled) || errors.Is(why, errTooMuchAsked) || errors.Is(why, herd.ErrSilent)
	if !l.outbox.lose(why, dead) {
		return
	}
	l.guard(func() {
		if dead {
			reset(l.conn)
			_ = l.conn.Close()
			return
		}
		_ = l.conn.SetWriteDeadline(time.Now().Add(time.Duration(l.server.limits.CloseTimeout)))
	})
}

// finishTimers ends whatever would still happen on the link.
func (l *link) finishTimers() {
	if l.timeout != nil {
		l.timeout.Stop()
	}
	l.heart.end()
	l.comparing.end()
}

// finish ends the link once everything that waits for the neighbour is sent.
func (l *link) finish() { l.outbox.finish() }

// connectionLost ends the link. It is out of the server's books before anything
// is done that could go wrong.
func (l *link) connectionLost(reason error) {
	s := l.server
	l.mu.Lock()
	defer l.mu.Unlock()
	l.over = true
	l.finishTimers()
	l.proved()
	why, reason := l.ending(reason)
	s.linkLost(l, why)
	if l.log != nil { // a panic may have come before it
		s.log.Closed(l.log, why, time.Now())
	}
	l.report(why, reason)
}

// linkLost takes a link out of the server's books.
func (s *Server) linkLost(l *link, why string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.gone()
	delete(s.peers, l)
	if l.open {
		s.links.Lost(l.info)
	}
	if n := l.neighbour; n != nil && n.link == l {
		n.down(why)
	}
}

// ending names why the connection ended, and counts it if that was us.
func (l *link) ending(reason error) (why string, because error) {
	losing := l.outbox.count()
	if losing != nil {
		defer func() { l.server.countClosed(why) }()
	}
	switch {
	case losing != nil:
		reason = losing
	case l.farewell != "" && errors.Is(reason, io.EOF):
		return l.farewell, errFarewell
	case errors.Is(reason, net.ErrClosed):
		reason = l.outbox.failed() // the writer has closed it
	}
	return reasonName(reason), reason
}

// report says why a link is no more, or never was.
func (l *link) report(why string, reason error) {
	peer := l.info.Peer
	if peer == "" && l.neighbour != nil {
		peer = l.neighbour.name
	}
	if peer == "" {
		peer = l.conn.RemoteAddr().String()
	}
	if why == herd.Reason(herd.ErrDuplicateLink) {
		l.server.event(wirelog.Debug, "second link closed", wirelog.F("peer", peer), wirelog.F("reason", why))
		return
	}
	if l.open {
		l.server.event(wirelog.Info, "peer disconnected", wirelog.F("peer", peer), wirelog.F("reason", why), wirelog.F("error", reason))
		return
	}
	l.server.event(wirelog.Warn, "link refused", wirelog.F("peer", peer), wirelog.F("reason", why), wirelog.F("error", reason))
}

// reasonName is the short name of why a connection ended.
func reasonName(err error) string {
	if err == nil || errors.Is(err, io.EOF) {
		return "done"
	}
	if name := herd.Reason(err); name != "" {
		return name
	}
	if _, panicked := errors.AsType[*panicError](err); panicked {
		return causePanic.String()
	}
	for _, known := range []struct {
		err  error
		name string
	}{
		{errHandshakeTimeout, "handshake_timeout"},
		{errLineTooLong, "line_too_long"},
		{errStalled, "stalled"},
		{errTooMuchAsked, "peer_output"},
		{errStopping, "server_stopping"},
		{net.ErrClosed, "aborted"},
	} {
		if errors.Is(err, known.err) {
			return known.name
		}
	}
	return "lost"
}
