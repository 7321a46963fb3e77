package reactorherd

import (
	"bytes"
	"errors"

	"proxyherd/herd"
	"proxyherd/herd/wirelog"
	"proxyherd/protocols"
	"proxyherd/reactor"
)

// Why we close a link, beyond what the handshake and package herd say.
var (
	errHandshakeTimeout = errors.New("the handshake took too long")
	errLineTooLong      = errors.New("a line was too long")
	errStalled          = errors.New("the neighbour took none of what waits for it")
	errStopping         = errors.New("this server is stopping")
)

// link is a connection with a neighbour, dialled or accepted. Until the
// handshake is done the other end is nobody.
type link struct {
	protocols.LineReceiver
	server    *Server
	handshake *herd.Handshake
	neighbour *neighbour // who dialled it, or, once open, who is at its other end
	info      herd.Link  // once open
	log       *wirelog.Conn
	outbox    outbox

	open    bool
	losing  error               // why we close it
	timeout reactor.DelayedCall // until the handshake is done
}

func newLink(s *Server, h *herd.Handshake, dialled *neighbour) *link {
	l := &link{server: s, handshake: h, neighbour: dialled}
	l.Delimiter = newline
	l.MaxLength = herd.MaxHandshakeLine
	return l
}

// ConnectionMade begins the handshake.
func (l *link) ConnectionMade() {
	s := l.server
	l.log = s.log.Conn(wirelog.Peer, l.Transport.GetPeer().String(), s.reactor.Seconds())
	t := l.Transport.(reactor.TCPTransport)
	// An acknowledgement never leaves before the update that it acknowledges.
	t.SetFlushOrder(reactor.FlushFirst)
	// Neither option is needed to work; a dead connection will say so itself.
	_ = t.SetTcpNoDelay(true)
	_ = t.SetTcpKeepAlive(true)
	l.timeout = s.reactor.CallLater(herd.HandshakeTimeout, func() {
		l.timeout = nil
		l.lose(errHandshakeTimeout)
	})
	if hello := l.handshake.Start(); hello != nil {
		l.write(hello)
	}
}

// DataReceived logs what came, and drops it once we close.
func (l *link) DataReceived(self reactor.Protocol, data []byte) error {
	if l.losing != nil {
		return nil
	}
	l.server.log.In(l.log, data, l.server.reactor.Seconds())
	return l.LineReceiver.DataReceived(self, data)
}

// LineReceived takes a line of the handshake, then AT lines.
func (l *link) LineReceived(line []byte) error {
	line = bytes.TrimSuffix(line, []byte{'\r'})
	if !l.open {
		l.shake(line)
		return nil
	}
	s := l.server
	flood, err := s.node.ReceivePeer(line)
	switch {
	case errors.Is(err, herd.ErrStoreFull):
		l.lose(err)
	case err != nil:
		s.event(wirelog.Warn, "line dropped", wirelog.F("peer", l.info.Peer), wirelog.F("reason", herd.Reason(err)), wirelog.F("error", err))
	case flood != nil:
		l.outbox.received(flood)
		s.flood(flood, l)
	}
	return nil
}

// LineLengthExceeded closes the link.
func (l *link) LineLengthExceeded([]byte) error {
	l.lose(errLineTooLong)
	return nil
}

// shake takes one line of the handshake.
func (l *link) shake(line []byte) {
	answer, done, err := l.handshake.Receive(line)
	if answer != nil {
		l.write(answer)
	}
	switch {
	case err != nil:
		l.lose(err)
	case done:
		_ = l.timeout.Cancel() // pending, or we would be losing the link
		l.timeout = nil
		l.open = true
		l.MaxLength = herd.MaxPeerLine + 1 // and the CR of a CRLF
		l.server.linkOpened(l)
	}
}

// begin lets updates travel, first of all everything that we know.
func (l *link) begin() {
	l.neighbour.up(l)
	l.outbox.begin(l)
	// The first producer of a connection is not refused.
	_ = l.Transport.RegisterProducer(&l.outbox, true)
}

// forward sends an AT line, or takes note of it while the neighbour is slow.
func (l *link) forward(line []byte) { l.outbox.put(line) }

func (l *link) write(line []byte) {
	l.server.log.Out(l.log, line, l.server.reactor.Seconds())
	l.Transport.Write(line)
}

// lose ends the link for a reason of ours. What was written before is sent
// still, but to a neighbour that takes nothing.
func (l *link) lose(why error) {
	if l.losing != nil {
		return
	}
	l.losing = why
	l.outbox.end()
	l.Transport.UnregisterProducer()
	if errors.Is(why, errStalled) {
		l.Transport.AbortConnection()
		return
	}
	l.Transport.LoseConnection()
}

// finish ends the link once everything that waits for the neighbour is sent.
func (l *link) finish() {
	l.outbox.last = func() { l.lose(errStopping) }
	l.outbox.pump()
}

// ConnectionLost ends the link.
func (l *link) ConnectionLost(reason error) {
	s := l.server
	if l.timeout != nil {
		_ = l.timeout.Cancel() // pending: it clears itself when it runs
		l.timeout = nil
	}
	l.outbox.end()
	why := reasonName(reason)
	if l.losing != nil {
		reason = l.losing
		why = reasonName(reason)
		s.closed[why]++
	}
	s.log.Closed(l.log, why, s.reactor.Seconds())
	l.report(why, reason)
	if l.open {
		s.links.Lost(l.info)
	}
	if n := l.neighbour; n != nil && n.link == l {
		n.down(why)
	}
	s.gone()
}

// report says why a link is no more, or never was.
func (l *link) report(why string, reason error) {
	peer := l.info.Peer
	if peer == "" && l.neighbour != nil {
		peer = l.neighbour.name
	}
	if peer == "" {
		peer = l.Transport.GetPeer().String()
	}
	if errors.Is(reason, herd.ErrDuplicateLink) {
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
	if name := herd.Reason(err); name != "" {
		return name
	}
	for _, known := range []struct {
		err  error
		name string
	}{
		{errHandshakeTimeout, "handshake_timeout"},
		{errLineTooLong, "line_too_long"},
		{errStalled, "stalled"},
		{errStopping, "server_stopping"},
		{reactor.ErrConnectionDone, "done"},
		{reactor.ErrConnectionAborted, "aborted"},
		{reactor.ErrConnectionLost, "lost"},
	} {
		if errors.Is(err, known.err) {
			return known.name
		}
	}
	return "error"
}
