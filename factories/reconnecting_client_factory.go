package factories

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"proxyherd/reactor"
)

// The defaults of a ReconnectingClientFactory:
// twisted/internet/protocol.py:341 to 350.
const (
	DefaultMaxDelay     = time.Hour
	DefaultInitialDelay = time.Second
	DefaultFactor       = math.E
	// DefaultJitter is the molar Planck constant times c, in J m/mol.
	DefaultJitter = 0.11962656472
)

// NoJitter as Jitter makes the waits exact.
const NoJitter = -1

// ErrNoConnector is a Retry before there was a connector.
var ErrNoConnector = errors.New("factories: no connector to retry: pass one, or wait for the first attempt to connect")

// ReconnectingClientFactory connects again when its connection is lost or
// could not be made, each time after a longer wait:
// twisted/internet/protocol.py:320 ReconnectingClientFactory. The zero value
// needs only Clock. The outer type adds BuildProtocol, and calls ResetDelay
// once a connection has proved good: nothing else does. Who overrides
// ClientConnectionFailed or ClientConnectionLost calls the base's too.
//
// The n-th wait is InitialDelay * Factor^n, so the first is already longer than
// InitialDelay, at most MaxDelay; then jitter is put on it, at the maximum too,
// and the result is what the next wait grows from. The connector is
// Disconnected during a wait, so a factory with no other user is stopped and
// started around each.
type ReconnectingClientFactory struct {
	ClientFactory

	// Clock runs the waits. It is required: there is no global reactor to fall
	// back on.
	Clock reactor.Time

	// MaxDelay is the longest wait before jitter; 0 means DefaultMaxDelay.
	MaxDelay time.Duration
	// InitialDelay is what the waits grow from; 0 means DefaultInitialDelay.
	// Setting it takes effect for the first wait too (in Twisted only after
	// resetDelay).
	InitialDelay time.Duration
	// Factor is how much longer each wait is; 0 means DefaultFactor.
	Factor float64
	// Jitter is the standard deviation of a wait in relation to it; 0 means
	// DefaultJitter, negative (NoJitter) none.
	Jitter float64
	// MaxRetries is how many attempts in a row may fail or be lost before it
	// gives up; 0 means no limit.
	MaxRetries int

	// Delay is the last wait, from which the next grows; 0 stands for
	// InitialDelay.
	Delay time.Duration
	// Retries is how many waits there were since ResetDelay.
	Retries int
	// Connector is the one last seen.
	Connector reactor.Connector

	// NormFloat64 gives the jitter's randomness: mean 0, standard deviation 1.
	// nil means math/rand/v2's.
	NormFloat64 func() float64

	call    reactor.DelayedCall
	stopped bool
}

// ContinueTrying reports that the factory will connect again: true until
// StopTrying, and again after ResetDelay.
func (f *ReconnectingClientFactory) ContinueTrying() bool { return !f.stopped }

// DoStart is Factory's. It panics without a Clock: better at the first attempt
// than when the connection is lost.
func (f *ReconnectingClientFactory) DoStart(self reactor.Factory) {
	if f.Clock == nil {
		panic(fmt.Sprintf("factories: %T needs its Clock, as a rule the reactor, to connect again", self))
	}
	f.ClientFactory.DoStart(self)
}

// StartedConnecting remembers the connector, so that StopTrying can stop the
// very first attempt (Twisted learns of the connector when it has failed).
func (f *ReconnectingClientFactory) StartedConnecting(connector reactor.Connector) {
	f.Connector = connector
}

// ClientConnectionFailed retries: twisted/internet/protocol.py:362.
func (f *ReconnectingClientFactory) ClientConnectionFailed(connector reactor.Connector, _ error) {
	f.again(connector)
}

// ClientConnectionLost retries: twisted/internet/protocol.py:368.
func (f *ReconnectingClientFactory) ClientConnectionLost(connector reactor.Connector, _ error) {
	f.again(connector)
}

func (f *ReconnectingClientFactory) again(connector reactor.Connector) {
	if f.stopped {
		return
	}
	f.Connector = connector
	_ = f.Retry(connector) // fails only without a connector
}

// Retry connects again after the next wait, whatever else is pending:
// twisted/internet/protocol.py:374. connector nil means the one last seen;
// without one the result is ErrNoConnector. After StopTrying, or MaxRetries
// waits, it only says in the log that it gives up.
func (f *ReconnectingClientFactory) Retry(connector reactor.Connector) error {
	if f.stopped {
		f.msg(f, "Abandoning %v on explicit request", connector)
		return nil
	}
	if connector == nil {
		if connector = f.Connector; connector == nil {
			return ErrNoConnector
		}
	}
	f.Retries++
	if f.MaxRetries != 0 && f.Retries > f.MaxRetries {
		f.msg(f, "Abandoning %v after %d retries.", connector, f.Retries)
		return nil
	}
	f.Delay = f.nextDelay()
	f.msg(f, "%v will retry in %d seconds", connector, int(f.Delay.Seconds()))
	f.call = f.Clock.CallLater(f.Delay, func() {
		f.call = nil
		if err := connector.Connect(); err != nil {
			// A second wait was pending and the first has connected.
			f.msg(f, "%v did not retry: %v", connector, err)
		}
	})
	return nil
}

// nextDelay is the wait after Delay. Jitter comes after the maximum, so that
// clients that all wait the longest do not come back all at once.
func (f *ReconnectingClientFactory) nextDelay() time.Duration {
	last := or(f.Delay, or(f.InitialDelay, DefaultInitialDelay))
	delay := min(float64(last)*or(f.Factor, DefaultFactor), float64(or(f.MaxDelay, DefaultMaxDelay)))
	if jitter := or(f.Jitter, DefaultJitter); jitter > 0 {
		normal := f.NormFloat64
		if normal == nil {
			normal = rand.NormFloat64
		}
		delay += normal() * delay * jitter
	}
	return time.Duration(max(delay, 0)) // the bell curve has no lower end
}

// StopTrying ends it: twisted/internet/protocol.py:413. A wait is cancelled and
// an attempt under way given up, whose failure is not retried. An established
// connection stays.
func (f *ReconnectingClientFactory) StopTrying() {
	forget(&f.call)
	f.stopped = true // before the failure that StopConnecting reports
	if f.Connector != nil {
		_ = f.Connector.StopConnecting() // nothing to stop is just as well
	}
}

// ResetDelay begins anew with the waits and undoes StopTrying:
// twisted/internet/protocol.py:429. A wait that is pending still ends in an
// attempt, which StopTrying can then no longer prevent.
func (f *ReconnectingClientFactory) ResetDelay() {
	f.Delay = 0
	f.Retries = 0
	f.call = nil
	f.stopped = false
}
