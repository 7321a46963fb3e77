package factories

import (
	"time"

	"proxyherd/reactor"
)

// DefaultTimeoutPeriod is the period where none is set.
const DefaultTimeoutPeriod = 30 * time.Minute

// TimeoutFactory loses connections on which nothing was sent or received for a
// while: twisted/protocols/policies.py:536 TimeoutFactory.
type TimeoutFactory struct {
	WrappingFactory
	// Clock runs the timers. It is required.
	Clock reactor.Time
	// TimeoutPeriod is how long a connection may be silent; 0 means
	// DefaultTimeoutPeriod.
	TimeoutPeriod time.Duration
}

// BuildProtocol wraps what the factory inside builds in a TimeoutProtocol,
// whose time runs from now on.
func (f *TimeoutFactory) BuildProtocol(addr reactor.Address) reactor.Protocol {
	wrapped := f.WrappedFactory.BuildProtocol(addr)
	if wrapped == nil {
		return nil
	}
	p := &TimeoutProtocol{
		ProtocolWrapper: ProtocolWrapper{Factory: f, WrappedProtocol: wrapped},
		clock:           f.Clock,
	}
	p.SetTimeout(or(f.TimeoutPeriod, DefaultTimeoutPeriod))
	return p
}

// TimeoutProtocol loses its connection when nothing was written or received
// for its period: twisted/protocols/policies.py:449 TimeoutProtocol.
type TimeoutProtocol struct {
	ProtocolWrapper
	clock  reactor.Time
	period time.Duration
	call   reactor.DelayedCall
}

// SetTimeout starts over with period, or with the one before if period is 0:
// twisted/protocols/policies.py:468.
func (p *TimeoutProtocol) SetTimeout(period time.Duration) {
	p.CancelTimeout()
	p.period = or(period, p.period)
	p.call = p.clock.CallLater(p.period, func() {
		if p.Transport != nil { // else it never came to a connection
			p.LoseConnection()
		}
	})
}

// CancelTimeout lets the connection live: twisted/protocols/policies.py:483.
func (p *TimeoutProtocol) CancelTimeout() { forget(&p.call) }

// ResetTimeout starts the period over, if the timer runs:
// twisted/protocols/policies.py:497.
func (p *TimeoutProtocol) ResetTimeout() {
	if p.call != nil {
		_ = p.call.Reset(p.period) // when time was up it is too late
	}
}

// Write starts the period over and passes on.
func (p *TimeoutProtocol) Write(data []byte) {
	p.ResetTimeout()
	p.ProtocolWrapper.Write(data)
}

// WriteSequence starts the period over and passes on.
func (p *TimeoutProtocol) WriteSequence(data [][]byte) {
	p.ResetTimeout()
	p.ProtocolWrapper.WriteSequence(data)
}

// DataReceived starts the period over and passes on.
func (p *TimeoutProtocol) DataReceived(self reactor.Protocol, data []byte) error {
	p.ResetTimeout()
	return p.ProtocolWrapper.DataReceived(self, data)
}

// ConnectionLost stops the timer and passes on.
func (p *TimeoutProtocol) ConnectionLost(reason error) {
	p.CancelTimeout()
	p.ProtocolWrapper.ConnectionLost(reason)
}
