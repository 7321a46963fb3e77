package reactorherd

import (
	"errors"

	"proxyherd/herd/wirelog"
	"proxyherd/reactor"
)

// guard runs a piece of the session's code. A panic in it ends this connection,
// and nothing else. What the transport calls needs no guard, as the transport is
// one; what is called by a timer, a Deferred or another connection does.
//
// Twin: what a timer, a Deferred or another connection calls; the transport guards
// what it calls itself.
func (c *session) guard(f func()) {
	defer func() {
		if err := reactor.Recovered(recover()); err != nil {
			c.closing, c.cause = true, causePanic
			c.Transport.AbortConnection()
			c.server.panicked("closing a client's connection", c.Transport.GetPeer(), err)
		}
	}()
	f()
}

// guard runs a piece of the link's code that no transport calls. A panic in it
// ends this link, and nothing else.
func (l *link) guard(f func()) {
	defer func() {
		if err := reactor.Recovered(recover()); err != nil {
			if l.over {
				l.server.closed[causePanic.String()]++ // it has been counted otherwise
			}
			l.losing = err
			l.finishTimers()
			l.Transport.AbortConnection()
			l.server.panicked("closing a neighbour's connection", l.Transport.GetPeer(), err)
		}
	}()
	f()
}

// panicked logs a panic with its stack, and what is done about it.
func (s *Server) panicked(doing string, who reactor.Address, err error) {
	s.event(wirelog.Error, doing, append(withStack(err), wirelog.F("address", who.String()), wirelog.F("reason", causePanic.String()))...)
}

// withStack is an error for the log, with the stack where it was a panic.
func withStack(err error) []wirelog.Field {
	fields := []wirelog.Field{wirelog.F("error", err)}
	if p, ok := errors.AsType[*reactor.PanicError](err); ok {
		fields = append(fields, wirelog.F("stack", p.Stack))
	}
	return fields
}
