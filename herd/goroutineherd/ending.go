package goroutineherd

import (
	"errors"
	"net"
	"os"
	"time"
)

// cause is why we ended, or refused, a client's connection. It is a number, and
// not the name, as every session has one.
type cause uint8

const (
	causeNone cause = iota // it was the client, or the network
	causeConnections
	causeConnectionsPerAddress
	causeFirstByte
	causePartialLine
	causeIdle
	causeLineTooLong
	causeOutputLimit
	causeHTTP
	causeCloseAfterReply
	causeCloseTimeout
	causeStopping
	causePanic
)

// String is the short name, for the log and for Status.Closed.
func (why cause) String() string {
	return [...]string{
		causeNone:                  "",
		causeConnections:           "connections",
		causeConnectionsPerAddress: "connections_per_address",
		causeFirstByte:             "first_byte",
		causePartialLine:           "partial_line",
		causeIdle:                  "idle",
		causeLineTooLong:           "line_too_long",
		causeOutputLimit:           "output_limit",
		causeHTTP:                  "http",
		causeCloseAfterReply:       "close_after_reply",
		causeCloseTimeout:          "close_timeout",
		causeStopping:              "server_stopping",
		causePanic:                 "panic",
	}[why]
}

// lingerTime is how long a connection that we end is still read, so that a
// client which goes on sending gets our last line before the reset that
// unread input causes.
const lingerTime = 2 * time.Second

// close ends the session for a reason of ours, once all answers are sent. What
// else the client has sent is dropped.
func (c *session) close(why cause) {
	if c.closing {
		return
	}
	c.closing, c.cause, c.rest = true, why, nil
	c.wake() // to drop what comes until it ends
	c.endIfAnswered()
}

// finish is close for a client that is not waited for: nothing more is read
// once its answers are sent.
func (c *session) finish(why cause) {
	c.ended = true
	if c.closing {
		c.endIfAnswered()
	} else {
		c.close(why)
	}
}

// abort ends the connection now, with a reset; what waits for the client is
// dropped.
func (c *session) abort(why cause) {
	if c.cause == causeNone {
		c.cause = why
	}
	reset(c.conn)
	c.cut(net.ErrClosed)
}

// reset makes the close that follows drop what waits, where conn can.
func reset(conn net.Conn) {
	if socket, ok := conn.(interface{ SetLinger(seconds int) error }); ok {
		_ = socket.SetLinger(0) // of a connection that is gone already
	}
}

// endIfAnswered ends the connection when nothing more is to be said.
func (c *session) endIfAnswered() {
	if c.queue != nil || c.over {
		return
	}
	switch {
	case c.ended:
		// Who does not take what was said last is cut off.
		_ = c.conn.SetWriteDeadline(time.Now().Add(time.Duration(c.server.limits.CloseTimeout)))
	case c.closing && !c.lingers:
		c.lingers = true
		c.quiet = c.server.elapsed()
		c.expect()
	}
	c.endIfSent()
}

// endIfSent goes on with what endIfAnswered has begun, once all is sent.
func (c *session) endIfSent() {
	switch {
	case c.writing, c.pending != nil, c.queue != nil, c.over:
	case c.ended:
		c.cut(nil)
	case c.lingers && !c.shut:
		c.shut = true
		if half, ok := c.conn.(interface{ CloseWrite() error }); ok {
			_ = half.CloseWrite() // of a connection that is gone already: the reader hears of it
		}
	}
}

// connectionLost takes the end of a connection that cannot be read any more.
func (c *session) connectionLost(reason error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cut(reason)
}

// cut ends the session and its connection at once; nil: all has been said. It is
// out of the server's books before anything is done that could go wrong.
//
// Twin: reader, writer, upstream and Stop may all come here, in any order, so the
// first one is marked; the connection is closed by hand, and a write deadline is
// what the reactor's close_timeout is there.
func (c *session) cut(reason error) {
	if c.over {
		return
	}
	s := c.server
	c.over, c.closing, c.rest = true, true, nil
	s.leave(c)
	c.wake()
	if c.floods {
		s.wakeLinks() // nobody else will
	}
	if q := c.queue; q != nil {
		c.queue = nil
		s.waiting.Add(-int64(q.waiting))
		q.cancel()
	}
	name := c.ending(reason)
	if c.cause != causeNone {
		s.countClosed(c.cause.String())
	}
	_ = c.conn.Close() // and so wakes who reads or writes
	s.log.Closed(c.log, name, time.Now())
}

// ending names why the connection ended.
func (c *session) ending(reason error) string {
	if c.cause == causeNone && errors.Is(reason, os.ErrDeadlineExceeded) {
		c.cause = causeCloseTimeout // writes have no other deadline
	}
	if c.cause != causeNone {
		return c.cause.String()
	}
	return reasonName(reason)
}
