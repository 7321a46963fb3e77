// Package reconnecting has scenarios of a ReconnectingClientFactory.
package reconnecting

import (
	"errors"
	"strconv"
	"time"

	"proxyherd/factories"
	"proxyherd/reactor"
	"proxyherd/reactor/internal/oracle/noting"
	"proxyherd/reactor/internal/oracle/scenario"
	"proxyherd/reactor/task"
)

// factory is the one on the stage. Its twin is Factory in reconnecting.py.
type factory struct {
	factories.ReconnectingClientFactory
	jitter uint32 // the state of the generator
}

// BuildProtocol is never called: there is no connection, only its connector.
func (f *factory) BuildProtocol(reactor.Address) reactor.Protocol { return nil }

// normal is the jitter's randomness: numbers from -2 to 2 that are the same on
// both sides, from a linear congruential generator.
func (f *factory) normal() float64 {
	f.jitter = (f.jitter*1103515245 + 12345) & 0x7fffffff
	return float64(int(f.jitter>>8)%2001-1000) / 500
}

// connector is one that connects when it is told that it has.
type connector struct {
	stage   *scenario.Stage
	factory *factory
	name    string
	state   reactor.ConnectorState
}

var (
	errBusy  = errors.New("the connector is busy")
	errLost  = errors.New("the connection was lost")
	errFails = errors.New("the attempt failed")
)

func (c *connector) Connect() error {
	if c.state != reactor.Disconnected {
		c.stage.Note("busy", c.name)
		return errBusy
	}
	c.state = reactor.Connecting
	c.stage.Note("connect", c.name)
	c.factory.StartedConnecting(c)
	c.stage.Enter("connect")
	return nil
}

func (c *connector) StopConnecting() error {
	if c.state != reactor.Connecting {
		return reactor.ErrNotConnecting
	}
	c.stage.Note("stopConnecting", c.name)
	c.state = reactor.Disconnected
	c.factory.ClientConnectionFailed(c, reactor.ErrUser)
	return nil
}

func (c *connector) Disconnect() { _ = c.StopConnecting() }

func (c *connector) GetDestination() reactor.Address { return reactor.IPv4Address{} }

func (c *connector) State() reactor.ConnectorState { return c.state }

// player has the factory, its clock and two connectors.
type player struct {
	stage      *scenario.Stage
	clock      task.Clock
	factory    *factory
	connectors map[string]*connector
}

// do plays one statement.
func (p *player) do(w scenario.Words) {
	f, c := p.factory, p.connectors[w.Word(1)]
	switch w.Word(0) {
	case "maxDelay":
		f.MaxDelay = w.Ticks(1)
	case "initialDelay":
		f.InitialDelay = w.Ticks(1)
	case "factor":
		f.Factor, _ = strconv.ParseFloat(w.Word(1), 64) // 0 is the default
	case "jitter":
		f.Jitter, _ = strconv.ParseFloat(w.Word(1), 64)
	case "maxRetries":
		f.MaxRetries = w.Int(1)
	case "random":
		f.jitter = uint32(w.Int(1))
	case "connect":
		if c != nil {
			_ = c.Connect() // it has noted what came of it
		}
	case "made", "failed", "lost":
		if c != nil {
			p.happen(w.Word(0), c)
		}
	case "retry":
		p.retry(c)
	case "stopTrying":
		f.StopTrying()
	case "resetDelay":
		f.ResetDelay()
	case "advance":
		p.clock.Advance(w.Ticks(1))
	case "look":
		p.look()
	case "raise":
		panic(noting.Boom{})
	}
}

// happen changes a connector's state, if it is in the one before.
func (p *player) happen(what string, c *connector) {
	switch {
	case what == "made" && c.state == reactor.Connecting:
		c.state = reactor.Connected
	case what == "failed" && c.state == reactor.Connecting:
		c.state = reactor.Disconnected
		p.factory.ClientConnectionFailed(c, errFails)
	case what == "lost" && c.state == reactor.Connected:
		c.state = reactor.Disconnected
		p.factory.ClientConnectionLost(c, errLost)
	}
}

func (p *player) retry(c *connector) {
	var err error
	if c == nil { // a nil *connector would be a Connector that is not nil
		err = p.factory.Retry(nil)
	} else {
		err = p.factory.Retry(c)
	}
	if errors.Is(err, factories.ErrNoConnector) {
		p.stage.Note("refused")
	}
}

// look notes what the factory shows, and how many calls wait.
func (p *player) look() {
	f := p.factory
	delay := f.Delay
	if delay == 0 {
		delay = time.Second
		if f.InitialDelay != 0 {
			delay = f.InitialDelay
		}
	}
	p.stage.Note("state", f.Retries, tenths(delay), f.ContinueTrying(), len(p.clock.GetDelayedCalls()))
}

// tenths is a delay as a number for an event. The two sides count in floats and
// in nanoseconds: the odd offset keeps round delays away from the boundary at
// which that would show.
func tenths(d time.Duration) int { return int(d.Seconds()*10 + 0.3183) }

func play(script scenario.Script) scenario.Transcript {
	return scenario.Play(script, noting.Name, func(stage *scenario.Stage) func(scenario.Words) {
		p := &player{stage: stage, factory: &factory{}, connectors: make(map[string]*connector)}
		p.factory.Clock = &p.clock
		p.factory.NormFloat64 = p.factory.normal
		for _, name := range []string{"a", "b"} {
			p.connectors[name] = &connector{stage: stage, factory: p.factory, name: name}
		}
		return p.do
	})
}
