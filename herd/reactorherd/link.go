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
	errTooMuchAsked     = errors.New("the neighbour asks for more than it takes")
	errStopping         = errors.New("this server is stopping")
	errFarewell         = errors.New("the neighbour closes the link")
)

// link is a connection with a neighbour, dialled or accepted. Until the
// handshake is done the other end is nobody.
type link struct {
	protocols.LineReceiver
	server    *Server
	handshake *herd.Handshake
	neighbour *neighbour // who dialled it, or, once open, who is at its other end
	info      herd.Link  // once open
	terms     herd.Terms // once open
	log       *wirelog.Conn
	outbox    outbox
	comparing comparing
	heart
	sealed
	pacing

	written  int64 // bytes
	proving  bool  // accepted, and nothing is proved yet
	open     bool
	over     bool                // lost, and counted
	losing   error               // why we close it
	farewell string              // why the neighbour does
	timeout  reactor.DelayedCall // until the handshake is done
}

func newLink(s *Server, h *herd.Handshake, dialled *neighbour) *link {
	l := &link{server: s, handshake: h, neighbour: dialled}
	l.Delimiter = newline
	l.MaxLength = herd.MaxHandshakeLine
	l.heart.link, l.comparing.link, l.sealed.link, l.pacing.link = l, l, l, l
	return l
}

// ConnectionMade begins the handshake.
func (l *link) ConnectionMade() {
	s := l.server
	l.log = s.log.Conn(wirelog.Peer, func() string { return l.Transport.GetPeer().String() }, s.reactor.Seconds())
	t := l.Transport.(reactor.TCPTransport)
	// An acknowledgement never leaves before the update that it acknowledges.
	t.SetFlushOrder(s.faulty.flushOrder())
	// Neither option is needed to work; a dead connection will say so itself.
	_ = t.SetTcpNoDelay(true)
	_ = t.SetTcpKeepAlive(true)
	l.timeout = s.reactor.CallLater(herd.HandshakeTimeout, func() {
		l.timeout = nil
		l.guard(func() { l.lose(errHandshakeTimeout) })
	})
	if hello := l.handshake.Start(); hello != nil {
		l.write(hello)
	}
}

// DataReceived logs what came, and drops it once we close.
func (l *link) DataReceived(_ reactor.Protocol, data []byte) error {
	if l.losing != nil {
		return nil
	}
	l.server.log.In(l.log, data, l.server.reactor.Seconds())
	l.server.tally.links.In += uint64(len(data))
	l.take(data)
	return nil
}

// LineReceived takes a line of the handshake, then what neighbours say.
func (l *link) LineReceived(line []byte) error {
	switch {
	case l.losing != nil: // by a line before this one
	case !l.open:
		l.shake(bytes.TrimSuffix(line, []byte{'\r'}))
	case l.terms.MAC:
		l.sealedLine(line)
	default:
		l.line(bytes.TrimSuffix(line, []byte{'\r'}))
	}
	return nil
}

// line takes one line of a neighbour that has proved itself.
func (l *link) line(line []byte) {
	s := l.server
	var err error
	switch kind := herd.KindOf(line); {
	case l.over && kind != herd.ATLine: // nobody waits for what follows from it
	case kind == herd.BeatLine && l.terms.Heartbeat:
		err = l.beatReceived(line)
	case kind == herd.QuestionLine && l.terms.Digest:
		err = l.comparing.questionReceived(line)
	case kind == herd.AnswerLine && l.terms.Digest:
		err = l.comparing.answerReceived(line)
	case kind == herd.FarewellLine && l.terms.Heartbeat:
		err = l.farewellReceived(line)
	default:
		err = l.update(line)
	}
	if errors.Is(err, herd.ErrStoreFull) {
		l.lose(err)
	} else if err != nil {
		s.event(wirelog.Warn, "line dropped", wirelog.F("peer", l.info.Peer), wirelog.F("reason", herd.Reason(err)), wirelog.F("error", err))
	}
}

// update takes an AT line, and passes on what is new.
func (l *link) update(line []byte) error {
	flood, err := l.server.node.ReceivePeer(line)
	if flood != nil {
		l.outbox.received(flood)
		l.server.passOn(flood, l)
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
		l.proved()
		l.open, l.terms = true, l.handshake.Terms()
		l.MaxLength = herd.MaxPeerLine + 1 // and the CR of a CRLF
		if l.terms.MAC {
			l.sealed.begin(l.handshake)
		}
		l.server.linkOpened(l)
	}
}

// proved takes note that the other end need not be counted any more among those
// that have proved nothing.
func (l *link) proved() {
	if l.proving {
		l.proving = false
		l.server.unproved--
	}
}

// begin lets updates travel, and finds out what the two ends lack.
func (l *link) begin() {
	l.neighbour.up(l)
	l.outbox.begin(l)
	// The first producer of a connection is not refused.
	_ = l.Transport.RegisterProducer(&l.outbox, true)
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

func (l *link) write(line []byte) {
	l.writeOpen(line)
	if l.terms.MAC {
		l.sealed.sent(line)
	}
}

// writeOpen sends a line that needs no proof.
func (l *link) writeOpen(line []byte) {
	l.server.log.Out(l.log, line, l.server.reactor.Seconds())
	l.server.tally.links.Out += uint64(len(line))
	l.written += int64(len(line))
	l.Transport.Write(line)
}

// lose ends the link for a reason of ours. What was written before is sent
// still, but to a neighbour that takes nothing.
//
// Twin: losing a link changes its state at once, since nobody else runs; the
// transport sends what was written.
func (l *link) lose(why error) {
	if l.losing != nil {
		return
	}
	l.losing = why
	if l.over {
		return // by a line that had waited
	}
	dead := errors.Is(why, errStalled) || errors.Is(why, errTooMuchAsked) || errors.Is(why, herd.ErrSilent)
	if l.terms.Heartbeat && !dead {
		l.write(herd.AppendFarewell(nil, reasonName(why)))
	}
	l.finishTimers()
	l.Transport.UnregisterProducer()
	if dead {
		l.Transport.AbortConnection()
		return
	}
	l.Transport.LoseConnection()
}

// finishTimers ends whatever would still happen on the link.
func (l *link) finishTimers() {
	l.pacing.end()
	l.outbox.end()
	l.heart.end()
	l.comparing.end()
}

// finish ends the link once everything that waits for the neighbour is sent.
func (l *link) finish() {
	l.outbox.last = func() { l.lose(errStopping) }
	l.outbox.pump()
}

// ConnectionLost ends the link. It is out of the server's books before anything
// is done that could go wrong.
func (l *link) ConnectionLost(reason error) {
	s := l.server
	defer s.gone()
	l.proved()
	if l.open {
		s.links.Lost(l.info)
	}
	why, reason := l.ending(reason)
	l.over = true
	l.guard(l.takeRest)
	l.guard(l.finishTimers)
	if n := l.neighbour; n != nil && n.link == l {
		l.guard(func() { n.down(why) })
	}
	l.guard(func() {
		s.log.Closed(l.log, why, s.reactor.Seconds())
		l.report(why, reason)
	})
}

// ending names why the connection ended, and counts it if that was us.
func (l *link) ending(reason error) (why string, because error) {
	_, panicked := errors.AsType[*reactor.PanicError](reason)
	switch {
	case panicked:
		l.losing = reason
	case l.losing != nil:
		reason = l.losing
	case l.farewell != "" && errors.Is(reason, reactor.ErrConnectionDone):
		return l.farewell, errFarewell
	}
	why = reasonName(reason)
	if l.losing != nil {
		l.server.closed[why]++
	}
	return why, reason
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
	if name := herd.Reason(err); name != "" {
		return name
	}
	if _, panicked := errors.AsType[*reactor.PanicError](err); panicked {
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
