// Package policies has scenarios of the wrapping factories and of TimeoutMixin.
package policies

import (
	"errors"
	"time"

	"proxyherd/factories"
	"proxyherd/reactor"
	"proxyherd/reactor/internal/oracle/noting"
	"proxyherd/reactor/internal/oracle/scenario"
	"proxyherd/reactor/task"
)

// player has a factory, which the script's first statement chooses, and its
// connections. Its twin is Player in policies.py.
type player struct {
	stage       *scenario.Stage
	clock       task.Clock
	factory     reactor.Factory
	kind        string
	limits      [2]int // of a ThrottlingFactory, bytes read and written a second
	moved       [2][]moved
	connections map[string]*connection
	building    string // the name of the connection that is being built
}

// connection is both ends of the wrapping.
type connection struct {
	outer reactor.Protocol
	inner *inner
	gone  bool // lost, after which nothing happens any more
}

// do plays one statement.
func (p *player) do(w scenario.Words) {
	if p.factory == nil {
		p.choose(w)
	}
	c := p.connections[w.Word(1)]
	switch w.Word(0) {
	case "build":
		if c == nil {
			p.build(w.Word(1))
		}
	case "advance":
		p.clock.Advance(w.Ticks(1))
		p.stage.Note("now", scenario.InTicks(p.clock.Seconds().Sub(time.Unix(0, 0))))
	case "count":
		p.count()
	case "start":
		p.factory.DoStart(p.factory)
	case "stop":
		p.factory.DoStop(p.factory)
	case "connecting", "failed", "ended":
		p.tellClient(w.Word(0))
	case "raise":
		panic(noting.Boom{})
	default:
		if c != nil && !c.gone {
			p.happen(w, c)
		}
	}
}

// build makes a connection, if the factory likes.
func (p *player) build(name string) {
	p.stage.Note("building", name, p.counted())
	p.building = name
	outer := p.factory.BuildProtocol(reactor.IPv4Address{Host: "192.168.1.1", Port: 54321})
	if outer == nil {
		p.stage.Note("refused", name)
		return
	}
	c := p.connections[name] // innerFactory put it there
	c.outer = outer
	outer.MakeConnection(outer, &noting.Transport{Stage: p.stage, Label: name})
}

// counted is how many connections a factory that counts them has.
func (p *player) counted() int {
	switch f := p.factory.(type) {
	case *factories.ThrottlingFactory:
		return f.ConnectionCount
	case *factories.LimitTotalConnectionsFactory:
		return f.ConnectionCount
	}
	return 0
}

// count notes how many connections there are, and what waits.
func (p *player) count() {
	live := 0
	if f, ok := p.factory.(interface{ Protocols() []reactor.Protocol }); ok {
		live = len(f.Protocols())
	}
	p.stage.Note("counted", p.counted(), live, len(p.clock.GetDelayedCalls()))
}

// tellClient plays a connector's part.
func (p *player) tellClient(what string) {
	f, ok := p.factory.(reactor.ClientFactory)
	if !ok {
		return
	}
	switch what {
	case "connecting":
		f.StartedConnecting(nil)
	case "failed":
		f.ClientConnectionFailed(nil, reactor.ErrConnectionRefused)
	case "ended":
		f.ClientConnectionLost(nil, reactor.ErrConnectionLost)
	}
}

// happen plays a statement about a connection.
func (p *player) happen(w scenario.Words, c *connection) {
	inside := c.inner.Transport // the wrapper, as the protocol inside sees it
	if inside == nil {
		return // within the building
	}
	switch w.Word(0) {
	case "data":
		p.move(0, len(w.Bytes(2)))
		if err := c.outer.DataReceived(c.outer, w.Bytes(2)); err != nil {
			p.stage.Note("returned", err)
		}
	case "write":
		p.move(1, len(w.Bytes(2)))
		inside.Write(w.Bytes(2))
	case "writeSequence":
		p.move(1, len(w.Bytes(2))+len(w.Bytes(3)))
		inside.WriteSequence([][]byte{w.Bytes(2), w.Bytes(3)})
	case "lose":
		p.stage.Note("losing", w.Word(1))
		inside.LoseConnection()
	case "abort":
		inside.AbortConnection()
	case "pauseTransport":
		if p.kind != "throttle" { // see Family
			inside.PauseProducing()
		}
	case "disconnecting":
		p.stage.Note("disconnecting", w.Word(1), inside.Disconnecting())
	case "lost":
		c.gone = true
		c.outer.ConnectionLost(reactor.ErrConnectionLost)
	case "done":
		c.gone = true
		c.outer.ConnectionLost(reactor.ErrConnectionDone)
	case "register":
		if !c.inner.registered {
			c.inner.registered = true
			if err := inside.RegisterProducer(producer{c.inner}, true); err != nil {
				p.stage.Note("returned", err)
			}
		}
	case "unregister":
		if c.inner.registered {
			c.inner.registered = false
			inside.UnregisterProducer()
		}
	case "setTimeout", "cancelTimeout", "resetTimeout":
		p.timeout(w, c)
	}
}

// reasonName is the event's name of why a connection was lost.
func reasonName(reason error) string {
	switch {
	case errors.Is(reason, reactor.ErrConnectionDone):
		return "ConnectionDone"
	case errors.Is(reason, reactor.ErrConnectionLost):
		return "ConnectionLost"
	case errors.Is(reason, reactor.ErrConnectionRefused):
		return "ConnectionRefusedError"
	}
	return reason.Error()
}

// moved is bytes that were read or written.
type moved struct {
	at    time.Time
	bytes int
}

// move remembers bytes that are read (0) or written (1), and is an event where
// so many are that the pause for them may take longer than a second.
func (p *player) move(direction, bytes int) {
	if p.limits[direction] == 0 {
		return
	}
	p.moved[direction] = append(p.moved[direction], moved{p.clock.Seconds(), bytes})
	sum := 0
	for _, m := range p.moved[direction] {
		if p.clock.Seconds().Sub(m.at) < 2*time.Second {
			sum += m.bytes
		}
	}
	if sum > 2*p.limits[direction] {
		p.stage.Note("overload")
	}
}

func play(script scenario.Script) scenario.Transcript {
	return scenario.Play(script, noting.Name, func(stage *scenario.Stage) func(scenario.Words) {
		return (&player{stage: stage, connections: make(map[string]*connection)}).do
	})
}
