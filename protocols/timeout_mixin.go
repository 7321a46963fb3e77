package protocols

import (
	"fmt"
	"time"

	"proxyherd/reactor"
)

// TimeoutMixin is a mixin that ends a connection on which nothing happened for
// a while: twisted/protocols/policies.py:658 TimeoutMixin. It sees no traffic
// by itself: call SetTimeout to start it and ResetTimeout whenever something
// happened. ConnectionLost must call SetTimeout(self, 0), or the timer fires on
// a dead connection.
//
// When time is up the outer value's TimeoutConnection() is called; without that
// method the connection is lost.
type TimeoutMixin struct {
	// Clock runs the timer: Twisted's callLater hook. It must be set before
	// the first SetTimeout.
	Clock reactor.Time
	// TimeOut is the period set last, 0 for none. It stays after time was up.
	TimeOut time.Duration

	call reactor.DelayedCall
}

// SetTimeout restarts the timer with period, or stops it where period is not
// positive, and returns the period before (twisted/protocols/policies.py:695,
// where None stops it). self is the outer value; SetTimeout panics if that has
// neither TimeoutConnection() nor a Protocol embedded.
func (m *TimeoutMixin) SetTimeout(self any, period time.Duration) (previous time.Duration) {
	previous, m.TimeOut = m.TimeOut, max(period, 0)
	switch {
	case m.TimeOut == 0:
		m.cancel()
	case m.call != nil:
		_ = m.call.Reset(m.TimeOut) // pending, or call would be nil
	default:
		timeoutConnection := timeoutOf(self)
		m.call = m.Clock.CallLater(m.TimeOut, func() {
			m.call = nil // first: what is called may set a new one
			timeoutConnection()
		})
	}
	return previous
}

// ResetTimeout starts the period over: twisted/protocols/policies.py:680. It
// does nothing when no timer runs, as after time was up.
func (m *TimeoutMixin) ResetTimeout() {
	if m.call != nil {
		_ = m.call.Reset(m.TimeOut)
	}
}

func (m *TimeoutMixin) cancel() {
	if m.call != nil {
		_ = m.call.Cancel()
		m.call = nil
	}
}

// timeoutOf is what to call on self when time is up.
func timeoutOf(self any) func() {
	switch self := self.(type) {
	case interface{ TimeoutConnection() }:
		return self.TimeoutConnection
	case connected:
		return func() { self.transport().LoseConnection() }
	}
	panic(fmt.Sprintf("protocols: %T must have the method TimeoutConnection() or embed protocols.Protocol", self))
}
