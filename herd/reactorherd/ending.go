package reactorherd

import (
	"errors"
	"time"

	"proxyherd/reactor"
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
	c.closing, c.cause = true, why
	c.ClearLineBuffer()
	if c.holds != 0 {
		c.LineReceiver.ResumeProducing() // to drop what comes until it ends
	}
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
	c.closing = true
	c.ClearLineBuffer()
	c.Transport.AbortConnection()
}

// endIfAnswered ends the connection when nothing more is to be said.
func (c *session) endIfAnswered() {
	if c.queue != nil {
		return
	}
	// A producer that is paused would hold the end back.
	c.Transport.UnregisterProducer()
	switch {
	case c.ended:
		c.Transport.LoseConnection()
	case c.closing && !c.lingers:
		c.lingers = true
		c.quiet = c.server.elapsed()
		c.Transport.(reactor.TCPTransport).LoseWriteConnection()
		c.server.watch.expect(c)
	}
}

// ConnectionLost ends the session. It is out of the server's books before
// anything is done that could go wrong.
//
// Twin: the transport calls this once, whatever happens, and after it nothing; the
// reactor closes the connection, and bounds how long that may take.
func (c *session) ConnectionLost(reason error) {
	s := c.server
	defer s.gone()
	s.leave(c)
	c.closing = true
	if q := c.queue; q != nil {
		c.queue = nil
		s.waiting -= q.waiting
		c.guard(q.cancel)
	}
	name := c.ending(reason)
	if c.log != nil { // a panic may have come before it
		c.guard(func() { s.log.Closed(c.log, name, s.reactor.Seconds()) })
	}
	if c.cause != causeNone {
		s.closed[c.cause.String()]++
	}
}

// ending names why the connection ended.
func (c *session) ending(reason error) string {
	if _, panicked := errors.AsType[*reactor.PanicError](reason); panicked {
		c.cause = causePanic
	} else if c.cause == causeNone && errors.Is(reason, reactor.ErrConnectionAborted) {
		// Not by us: the reactor cuts off who does not take what was said last.
		c.cause = causeCloseTimeout
	}
	if c.cause != causeNone {
		return c.cause.String()
	}
	return reasonName(reason)
}
