// Package connecting is the connector that every reactor shares: its states,
// and the order in which its factory hears of them
// (twisted/internet/base.py:1016 BaseConnector).
package connecting

import (
	"fmt"
	"time"

	"proxyherd/reactor"
)

// Attempt is one try at a connection, made by a reactor: a socket, or its
// stand-in in memory.
type Attempt interface {
	// Stop gives up before there is a connection. The reactor reports nothing.
	Stop()
	// LoseConnection ends the connection once there is one.
	LoseConnection()
}

// Connector is a reactor.Connector. Its reactor calls Connected, then Lost, or
// Failed, for each attempt that it started.
type Connector struct {
	clock       reactor.Time
	factory     reactor.ClientFactory
	destination reactor.Address
	timeout     time.Duration // none if not positive
	// start begins an attempt. It must not report before it returns.
	start func(c *Connector) Attempt

	state          reactor.ConnectorState
	attempt        Attempt // nil inside the factory's DoStart
	unwanted       bool    // given up there
	giveUp         reactor.DelayedCall
	factoryStarted bool
}

// usualTimeout is that of an attempt that is given none: twisted/internet/posixbase.py:498.
const usualTimeout = 30 * time.Second

// New makes a connector in state Disconnected. timeout is that of ConnectTCP:
// 0 means 30 seconds, negative none.
func New(clock reactor.Time, factory reactor.ClientFactory, destination reactor.Address, timeout time.Duration, start func(*Connector) Attempt) *Connector {
	if timeout == 0 {
		timeout = usualTimeout
	}
	return &Connector{clock: clock, factory: factory, destination: destination, timeout: timeout, start: start}
}

// Factory is the factory that builds the protocol.
func (c *Connector) Factory() reactor.ClientFactory { return c.factory }

// State tells how far it is.
func (c *Connector) State() reactor.ConnectorState { return c.state }

// GetDestination is where it connects to, as given to ConnectTCP.
func (c *Connector) GetDestination() reactor.Address { return c.destination }

// String names the connector in a log line.
func (c *Connector) String() string {
	return fmt.Sprintf("connector to %v (%v)", c.destination, c.state)
}

// Connect starts an attempt: twisted/internet/base.py:1037.
func (c *Connector) Connect() error {
	if c.state != reactor.Disconnected {
		return reactor.ErrConnectorBusy
	}
	c.state, c.attempt, c.unwanted = reactor.Connecting, nil, false
	if !c.factoryStarted {
		c.factory.DoStart(c.factory)
		c.factoryStarted = true
	}
	if c.unwanted {
		c.Failed(reactor.ErrUser)
		return nil
	}
	c.attempt = c.start(c)
	if c.timeout > 0 {
		c.giveUp = c.clock.CallLater(c.timeout, func() {
			c.giveUp = nil
			c.abandon(fmt.Errorf("%w: no answer from %v within %v", reactor.ErrTimeout, c.destination, c.timeout))
		})
	}
	c.factory.StartedConnecting(c)
	return nil
}

// StopConnecting gives up the attempt under way, or, inside the factory's
// DoStart, the one that is to begin: twisted/internet/base.py:1051.
func (c *Connector) StopConnecting() error {
	if c.state != reactor.Connecting {
		return reactor.ErrNotConnecting
	}
	c.abandon(reactor.ErrUser)
	return nil
}

// Disconnect gives up the attempt under way or loses the connection:
// twisted/internet/base.py:1030.
func (c *Connector) Disconnect() {
	switch c.state {
	case reactor.Connecting:
		c.abandon(reactor.ErrUser)
	case reactor.Connected:
		c.attempt.LoseConnection()
	}
}

func (c *Connector) abandon(reason error) {
	if c.attempt == nil {
		c.unwanted = true // Connect goes on from here when the factory has started
		return
	}
	c.attempt.Stop()
	c.Failed(reason)
}

// Connected tells that the attempt succeeded; the reactor builds the protocol
// next. twisted/internet/base.py:1068.
func (c *Connector) Connected() {
	c.state = reactor.Connected
	c.cancelTimeout()
}

// Failed tells that the attempt failed: twisted/internet/base.py:1073. The
// factory may connect again inside its hook, and then stays started.
func (c *Connector) Failed(reason error) {
	c.cancelTimeout()
	c.state = reactor.Disconnected
	c.factory.ClientConnectionFailed(c, reason)
	c.stopFactory()
}

// Lost tells that the connection ended, after its protocol was told:
// twisted/internet/base.py:1083.
func (c *Connector) Lost(reason error) {
	c.state = reactor.Disconnected
	c.factory.ClientConnectionLost(c, reason)
	c.stopFactory()
}

func (c *Connector) stopFactory() {
	if c.state == reactor.Disconnected && c.factoryStarted {
		c.factoryStarted = false
		c.factory.DoStop(c.factory)
	}
}

func (c *Connector) cancelTimeout() {
	if c.giveUp != nil {
		_ = c.giveUp.Cancel() // it is pending: it clears giveUp when it runs
		c.giveUp = nil
	}
}
