package reactorherd

import (
	"bytes"
	"time"

	"proxyherd/herd"
	"proxyherd/herd/wirelog"
	"proxyherd/protocols"
	"proxyherd/reactor"
)

// lingerTime is how long a connection that we end is still read, so that a
// client which goes on sending gets our last line before the reset that
// unread input causes.
const lingerTime = 2 * time.Second

// session is one client's connection.
type session struct {
	protocols.LineReceiver
	server *Server
	log    *wirelog.Conn
	queue  answers // behind a WHATSAT that waits; empty as a rule
	place  int     // in Server.sessions

	holds      holds
	begun      bool // a first line has come
	ended      bool // the client has sent its last line
	closing    bool // nothing more is read: the answers that wait are the last
	linger     reactor.DelayedCall
	closeCause string // why we closed it, for the log
}

// holds is why a session reads no further commands for now.
type holds uint8

const (
	outputWaits holds = 1 << iota // the client does not take its answers
	answersWait                   // as many WHATSATs, or as much behind them, as are allowed
)

var newline = []byte{'\n'}

func newSession(s *Server) *session {
	c := &session{server: s}
	c.Delimiter = newline
	// One byte more than a line may have: the CR of a CRLF.
	c.MaxLength = herd.MaxClientLine + 1
	return c
}

// ConnectionMade begins the session.
func (c *session) ConnectionMade() {
	s := c.server
	c.place = len(s.sessions)
	s.sessions = append(s.sessions, c)
	c.log = s.log.Conn(wirelog.Client, c.Transport.GetPeer().String(), s.reactor.Seconds())
	// Each turn's answers leave in one piece: there is nothing to wait for. A
	// connection that is gone already will say so itself.
	_ = c.Transport.(reactor.TCPTransport).SetTcpNoDelay(true)
	// The first producer of a new connection is not refused.
	_ = c.Transport.RegisterProducer(c, true)
}

// DataReceived logs what came, and drops it once the session is closing.
func (c *session) DataReceived(self reactor.Protocol, data []byte) error {
	if c.closing {
		return nil
	}
	c.server.log.In(c.log, data, c.server.reactor.Seconds())
	return c.LineReceiver.DataReceived(self, data)
}

// LineReceived carries out one command.
func (c *session) LineReceived(line []byte) error {
	line = bytes.TrimSuffix(line, []byte{'\r'})
	if len(line) > herd.MaxClientLine {
		return c.LineLengthExceeded(line)
	}
	first := !c.begun
	c.begun = true
	result := c.server.node.Receive(line, c.server.now())
	if result.Flood != nil {
		c.server.flood(result.Flood, nil)
	}
	if result.Verb == herd.WHATSAT {
		c.ask(result)
	} else {
		c.answer(result.Answer)
	}
	if first && herd.EndsInHTTPVersion(line) {
		c.close("http")
	} else if c.server.limits.CloseAfterReply {
		c.close("close_after_reply")
	}
	return nil
}

// LineLengthExceeded says so and closes the connection.
func (c *session) LineLengthExceeded([]byte) error {
	c.answer(c.server.node.LineTooLong().Answer)
	c.close("line_too_long")
	return nil
}

// answer sends a line, after those that wait.
func (c *session) answer(line []byte) {
	if c.queue.empty() {
		c.write(line)
		return
	}
	c.queue.add(line)
	c.holdForAnswers()
}

func (c *session) write(line []byte) {
	c.server.log.Out(c.log, line, c.server.reactor.Seconds())
	c.Transport.Write(line)
}

// holdForAnswers stops or starts the reading of commands by what waits.
func (c *session) holdForAnswers() {
	limits := &c.server.limits
	if c.queue.waiting >= limits.WaitingWhatsatsPerClient || c.queue.bytes >= limits.OutputPerClient {
		c.hold(answersWait)
	} else {
		c.release(answersWait)
	}
}

// PauseProducing is the transport's: too much output waits.
func (c *session) PauseProducing() { c.hold(outputWaits) }

// ResumeProducing is the transport's: the client has taken its output.
func (c *session) ResumeProducing() { c.release(outputWaits) }

func (c *session) hold(why holds) {
	if c.holds == 0 && !c.closing {
		c.LineReceiver.PauseProducing()
	}
	c.holds |= why
}

func (c *session) release(why holds) {
	held := c.holds != 0
	c.holds &^= why
	if held && c.holds == 0 && !c.closing {
		c.LineReceiver.ResumeProducing()
	}
}

// ReadConnectionLost takes the end of what the client sends: text without an
// end is a line too, and all answers still go out.
func (c *session) ReadConnectionLost() {
	if c.closing {
		c.Transport.LoseConnection()
		return
	}
	if rest := c.ClearLineBuffer(); len(rest) > 0 {
		// A session's LineReceived reports nothing: it closes by itself.
		_ = c.LineReceived(rest)
	}
	c.ended = true
	c.endIfAnswered()
}

// WriteConnectionLost tells that our last line is out.
func (c *session) WriteConnectionLost() {}

// close ends the session for a reason of ours, once all answers are sent. What
// else the client has sent is dropped.
func (c *session) close(cause string) {
	if c.closing {
		return
	}
	c.closing, c.closeCause = true, cause
	c.ClearLineBuffer()
	if c.holds != 0 {
		c.LineReceiver.ResumeProducing() // to drop what comes until it ends
	}
	c.endIfAnswered()
}

// finish ends the session because the server stops: once its answers are sent,
// and without waiting for the client.
func (c *session) finish() {
	c.ended = true
	if c.closing {
		c.endIfAnswered()
	} else {
		c.close("server_stopping")
	}
}

// endIfAnswered ends the connection when nothing more is to be said.
func (c *session) endIfAnswered() {
	if !c.queue.empty() {
		return
	}
	// A producer that is paused would hold the end back.
	c.Transport.UnregisterProducer()
	switch {
	case c.ended:
		c.Transport.LoseConnection()
	case c.closing && c.linger == nil:
		c.Transport.(reactor.TCPTransport).LoseWriteConnection()
		c.linger = c.server.reactor.CallLater(lingerTime, func() {
			c.linger = nil
			c.ended = true
			c.Transport.LoseConnection()
		})
	}
}

// ConnectionLost ends the session.
func (c *session) ConnectionLost(reason error) {
	s := c.server
	if c.linger != nil {
		_ = c.linger.Cancel() // pending: it clears itself when it runs
	}
	c.queue.cancel()
	c.closing = true
	last := len(s.sessions) - 1
	moved := s.sessions[last]
	s.sessions[c.place], moved.place = moved, c.place
	s.sessions[last] = nil
	s.sessions = s.sessions[:last]
	if c.closeCause == "" {
		c.closeCause = reasonName(reason)
	} else {
		s.closed[c.closeCause]++
	}
	s.log.Closed(c.log, c.closeCause, s.reactor.Seconds())
	s.gone()
}
