package goroutineherd

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"time"

	"proxyherd/herd"
	"proxyherd/herd/wirelog"
)

// session is one client's connection. It has a goroutine that reads, carries out and
// writes (see turnOver), and another for what the system does not take at once, or what
// comes later, as long as there is some. Most of them are idle most of the time, so it
// keeps no buffer, no timer but the connection's own deadline, and no second goroutine
// then.
type session struct {
	input
	server *Server
	log    *wirelog.Conn
	origin *origin // where it counts by its address; nil: nowhere

	mu    sync.Mutex // guards what follows; a system call never waits under it
	queue *answers   // behind what waits; nil while nothing does
	rest  []byte     // of a line that its client has not ended
	output

	// quiet is since when the client says nothing that we would hear, and
	// lineBegan when the line began that it has not ended. Both run from the
	// server's start, and anew when we have not listened. armed is the deadline of
	// the reads, and never later than the session's: see expect.
	quiet, lineBegan, armed time.Duration

	released chan struct{} // closed when holds have ended; nil: nobody waits for that
	place    int32         // in Server.sessions; notThere before and after. Guarded by Server.mu
	commands uint32        // carried out since the last bytes came
	since    uint32        // seconds from the server's start to this connection's
	lines    uint32        // carried out; after 4,294,967,295 it begins anew

	holds   holds
	cause   cause
	said    bool // a byte has come
	begun   bool // a first line has come
	ended   bool // the client has sent its last line
	closing bool // nothing more is read: the answers that wait are the last
	lingers bool // and they are out: see lingerTime
	shut    bool // our end of the connection is closed
	over    bool // the connection is
}

// notThere is the place of a session that is not in the server's list.
const notThere = -1

func newSession(s *Server, from *origin) *session {
	return &session{server: s, origin: from, place: notThere, armed: never}
}

// begin takes the session's connection, once it is in the server's list.
func (c *session) begin(conn net.Conn) {
	at := time.Now()
	c.input.open(conn)
	c.log = c.server.log.Conn(wirelog.Client, func() string { return conn.RemoteAddr().String() }, at)
	c.quiet = at.Sub(c.server.started)
	c.since = uint32(c.quiet / time.Second)
}

// run reads until the end. In reactorherd the loop calls DataReceived.
//
// Twin: the goroutine that reads is the session: it waits where a protocol would be
// paused. The lock is for the upstream's answers, Stop, and a goroutine that writes.
func (c *session) run() {
	defer c.server.running.Done()
	c.guard(func() {
		for c.listens() {
			data, err := c.read()
			switch {
			case errors.Is(err, os.ErrDeadlineExceeded):
				c.silent()
			case err != nil:
				c.connectionLost(err)
			case len(data) == 0:
				c.readConnectionLost()
				return // whoever has the last answer ends the connection
			default:
				c.turn(data)
			}
		}
	})
}

// turn carries out a piece of input, and sends what comes of it.
func (c *session) turn(data []byte) {
	c.server.turns.Add(1)
	defer c.server.turns.Add(-1)
	c.dataReceived(data)
	c.done()
	c.turnOver()
}

// listens waits while the session is held, and reports whether to read on.
func (c *session) listens() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.waitForRelease()
	c.expect()
	return !c.over
}

// dataReceived logs what came, and drops it once the session is closing.
func (c *session) dataReceived(data []byte) {
	s, at := c.server, time.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closing {
		return
	}
	s.log.In(c.log, data, at)
	s.tally.clientsIn.Add(uint64(len(data)))
	c.quiet = at.Sub(s.started)
	if len(c.rest) == 0 {
		c.lineBegan = c.quiet
	}
	c.said, c.commands = true, 0
	desk := s.takeDesk(nil)
	// Another after a wait: the session has no use for one while it waits.
	defer func() { s.giveDesk(desk) }()
	for len(data) > 0 && !c.closing {
		line, rest, whole := bytes.Cut(data, newline)
		data = rest
		if !whole {
			c.keep(desk, line)
			break
		}
		if len(c.rest) > 0 {
			line = append(c.rest, line...)
			c.rest = nil
		}
		c.lineReceived(desk, line, at)
		if c.holds != 0 {
			s.giveDesk(desk)
			c.waitForRelease()
			desk = s.takeDesk(nil)
		}
		c.endTurn(len(data))
	}
}

var newline = []byte{'\n'}

// keep keeps the beginning of a line, up to one byte more than a line may have: the
// CR of a CRLF.
func (c *session) keep(desk *desk, begun []byte) {
	if len(c.rest)+len(begun) > herd.MaxClientLine+1 {
		c.tooLong(desk)
		return
	}
	c.rest = append(c.rest, begun...)
}

// lineReceived carries out one command.
func (c *session) lineReceived(desk *desk, line []byte, at time.Time) {
	// The next line's first byte came, if it did, with the last bytes.
	c.lineBegan = c.quiet
	c.carryOut(desk, line, at)
}

func (c *session) carryOut(desk *desk, line []byte, at time.Time) {
	line = bytes.TrimSuffix(line, []byte{'\r'})
	if len(line) > herd.MaxClientLine {
		c.tooLong(desk)
		return
	}
	first := !c.begun
	c.begun = true
	c.lines++
	// The desk floods what is new: see desk.Put.
	result := desk.node.Receive(line, timestamp(at))
	switch {
	case result.Elsewhere:
		c.askOthers(result, line)
	case result.Unknown:
		c.recall(desk, line, result.ID)
	case result.Verb == herd.WHATSAT:
		c.ask(result)
	case result.Verb == herd.IAMAT && c.server.journal != nil:
		c.floods = true
		c.answerReport(result.Answer, line)
	default:
		c.floods = c.floods || result.Verb == herd.IAMAT
		c.answer(result.Answer)
	}
	if first && herd.EndsInHTTPVersion(line) {
		c.close(causeHTTP)
	} else if c.server.limits.CloseAfterReply {
		c.close(causeCloseAfterReply)
	}
}

func (c *session) tooLong(desk *desk) {
	c.answer(desk.node.LineTooLong().Answer)
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

// readConnectionLost takes the end of what the client sends: text without an
// end is a line too, and all answers still go out. A session that is held does
// not read, and so hears of the end after it has carried out what came before.
func (c *session) readConnectionLost() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if rest := c.rest; len(rest) > 0 && !c.closing {
		c.rest = nil
		desk := c.server.takeDesk(nil)
		c.carryOut(desk, rest, time.Now())
		c.server.giveDesk(desk)
	}
	c.ended = true
	c.startSending()
	c.endIfAnswered()
}

// endIsNoError tells the end of the input from what ends a connection.
func endIsNoError(err error) error {
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}
