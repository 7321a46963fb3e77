package reactorherd

import (
	"bytes"
	"time"

	"proxyherd/herd"
	"proxyherd/herd/wirelog"
	"proxyherd/protocols"
	"proxyherd/reactor"
)

// session is one client's connection. Most of them are idle most of the time, so
// it has no timer of its own (see watch), and is kept small: a test holds its
// size.
type session struct {
	protocols.LineReceiver
	server *Server
	log    *wirelog.Conn
	queue  *answers // behind what waits; nil while nothing does
	origin *origin  // where it counts by its address; nil: nowhere

	// quiet is since when the client says nothing that we would hear, and
	// lineBegan when the line began that it has not ended. Both run from the
	// server's start, and anew when we have not listened.
	quiet, lineBegan time.Duration

	place    int32  // in Server.sessions; notThere before and after
	unread   uint32 // bytes received and not carried out
	commands uint32 // carried out since the last bytes came
	since    uint32 // seconds from the server's start to this connection's
	lines    uint32 // carried out; after 4,294,967,295 it begins anew

	holds   holds
	cause   cause
	said    bool // a byte has come
	begun   bool // a first line has come
	ended   bool // the client has sent its last line
	closing bool // nothing more is read: the answers that wait are the last
	lingers bool // and they are out: see lingerTime
}

// notThere is the place of a session that is not in the server's list.
const notThere = -1

var newline = []byte{'\n'}

func newSession(s *Server, from *origin) *session {
	c := &session{server: s, origin: from, place: notThere}
	c.Delimiter = newline
	// One byte more than a line may have: the CR of a CRLF.
	c.MaxLength = herd.MaxClientLine + 1
	return c
}

// ConnectionMade begins the session.
func (c *session) ConnectionMade() {
	s := c.server
	at := s.reactor.Seconds()
	c.log = s.log.Conn(wirelog.Client, func() string { return c.Transport.GetPeer().String() }, at)
	s.join(c)
	// Each turn's answers leave in one piece: there is nothing to wait for. A
	// connection that is gone already will say so itself.
	_ = c.Transport.(reactor.TCPTransport).SetTcpNoDelay(true)
	// The first producer of a new connection is not refused.
	_ = c.Transport.RegisterProducer(c, true)
	c.quiet = at.Sub(s.started)
	c.since = uint32(c.quiet / time.Second)
	s.watch.expect(c)
}

// DataReceived logs what came, and drops it once the session is closing.
//
// Twin: input is cut into lines by LineReceiver, which can be paused in the middle
// of what came; a session that goes on later is called with nothing.
func (c *session) DataReceived(self reactor.Protocol, data []byte) error {
	if c.closing {
		return nil
	}
	s := c.server
	if len(data) > 0 { // else we only go on with what came before
		at := s.reactor.Seconds()
		s.log.In(c.log, data, at)
		s.tally.clients.In += uint64(len(data))
		c.quiet = at.Sub(s.started)
		if c.unread == 0 {
			c.lineBegan = c.quiet
		}
		c.said, c.commands = true, 0
		c.unread += uint32(len(data))
		// Twin: this goroutine alone has the store; there each part of it has a lock.
		s.node.Ahead(data)
	}
	s.sealing.begin()
	defer s.sealing.end()
	err := c.LineReceiver.DataReceived(self, data)
	s.watch.expect(c)
	return err
}

// LineReceived carries out one command, unless its client has had its turn.
func (c *session) LineReceived(line []byte) error {
	c.unread -= uint32(len(line) + len(newline))
	// The next line's first byte came, if it did, with the last bytes.
	c.lineBegan = c.quiet
	c.carryOut(line)
	c.endTurn()
	return nil
}

func (c *session) carryOut(line []byte) {
	line = bytes.TrimSuffix(line, []byte{'\r'})
	if len(line) > herd.MaxClientLine {
		c.tooLong()
		return
	}
	first := !c.begun
	c.begun = true
	c.lines++
	result := c.server.node.Receive(line, c.server.now())
	if result.Flood != nil {
		c.server.passOn(result.Flood, nil)
	}
	switch {
	case result.Elsewhere:
		c.askOthers(result, line)
	case result.Unknown:
		c.recall(line, result.ID)
	case result.Verb == herd.WHATSAT:
		c.ask(result)
	case result.Verb == herd.IAMAT && c.server.journal != nil:
		c.answerReport(result.Answer, line)
	default:
		c.answer(result.Answer)
	}
	if first && herd.EndsInHTTPVersion(line) {
		c.close(causeHTTP)
	} else if c.server.limits.CloseAfterReply {
		c.close(causeCloseAfterReply)
	}
}

// LineLengthExceeded says so and closes the connection.
func (c *session) LineLengthExceeded([]byte) error {
	c.tooLong()
	return nil
}

func (c *session) tooLong() {
	c.answer(c.server.node.LineTooLong().Answer)
	c.close(causeLineTooLong)
}

// answer sends a line, after those that wait.
func (c *session) answer(line []byte) {
	if c.queue == nil {
		c.write(line)
	} else {
		c.queue.add(line)
		c.holdForAnswers()
	}
	c.boundOutput()
}

// ReadConnectionLost takes the end of what the client sends: text without an
// end is a line too, and all answers still go out. A session that is held does
// not read, and so hears of the end after it has carried out what came before.
func (c *session) ReadConnectionLost() {
	if c.closing {
		c.Transport.LoseConnection()
		return
	}
	if rest := c.ClearLineBuffer(); len(rest) > 0 {
		c.carryOut(rest)
	}
	c.ended = true
	c.endIfAnswered()
}

// WriteConnectionLost tells that our last line is out.
func (c *session) WriteConnectionLost() {}
