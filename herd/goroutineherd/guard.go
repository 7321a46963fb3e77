package goroutineherd

import (
	"errors"
	"fmt"
	"net"
	"runtime/debug"

	"proxyherd/herd/wirelog"
)

// panicError is a panic in the code of a connection.
type panicError struct {
	value any
	stack []byte
}

func (p *panicError) Error() string { return fmt.Sprintf("panic: %v", p.value) }

// recovered turns what recover has returned into an error; nil for nil.
func recovered(value any) error {
	if value == nil {
		return nil
	}
	return &panicError{value, debug.Stack()}
}

// guard runs a piece of the session's code. A panic in it ends this connection,
// and nothing else. Each goroutine of a session runs in one: in reactorherd the
// transport is a guard, here nobody else is.
//
// Twin: every goroutine, as a panic in one that has no guard ends the process; and
// locks are let go by defer, or a panic would leave them held.
func (c *session) guard(f func()) {
	defer func() {
		if err := recovered(recover()); err != nil {
			c.breakOff(err)
			c.server.panicked("closing a client's connection", c.conn.RemoteAddr(), err)
		}
	}()
	f()
}

// breakOff ends the session after a panic, which may have come in the middle of its
// end.
func (c *session) breakOff(err error) {
	c.server.wakeLinks() // for what was flooded before it
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.over {
		c.server.countClosed(causePanic.String()) // it has been counted otherwise
		_ = c.conn.Close()
		return
	}
	c.cause = causePanic
	c.cut(err)
}

// guard runs a piece of the link's code. A panic in it ends this link, and nothing
// else.
func (l *link) guard(f func()) {
	defer func() {
		if err := recovered(recover()); err != nil {
			if counted := l.outbox.breakOff(err); counted {
				l.server.countClosed(causePanic.String()) // it has been counted otherwise
			}
			_ = l.conn.Close() // and so wakes who reads or writes
			l.server.panicked("closing a neighbour's connection", l.conn.RemoteAddr(), err)
		}
	}()
	f()
}

// panicked logs a panic with its stack, and what is done about it.
func (s *Server) panicked(doing string, who net.Addr, err error) {
	s.event(wirelog.Error, doing, append(withStack(err), wirelog.F("address", who.String()), wirelog.F("reason", causePanic.String()))...)
}

// withStack is an error for the log, with the stack where it was a panic.
func withStack(err error) []wirelog.Field {
	fields := []wirelog.Field{wirelog.F("error", err)}
	if p, ok := errors.AsType[*panicError](err); ok {
		fields = append(fields, wirelog.F("stack", string(p.stack)))
	}
	return fields
}
