package factories_test

import (
	"errors"
	"testing"
	"time"

	"proxyherd/factories"
	"proxyherd/reactor"
	"proxyherd/reactor/deferred"
	"proxyherd/reactor/reactortest"
)

// creation is a ClientCreator at work in memory.
type creation struct {
	reactor *reactortest.MemoryReactorClock
	made    []*inner
	result  *deferred.Deferred[*inner]
	fired   int
	got     *inner
	err     error
}

func create() *creation {
	c := &creation{reactor: &reactortest.MemoryReactorClock{}}
	creator := factories.ClientCreator[*inner]{
		Reactor: c.reactor,
		Protocol: func() *inner {
			p := &inner{events: &[]string{}}
			c.made = append(c.made, p)
			return p
		},
	}
	c.result = creator.ConnectTCP("example.com", 1234, 4*time.Second, anyAddress)
	c.result.AddBoth(func(p *inner, err error) (*inner, error) {
		c.fired++
		c.got, c.err = p, err
		return nil, nil
	})
	return c
}

func (c *creation) asked() reactortest.TCPClient { return c.reactor.TCPClients[0] }

func TestClientCreator(t *testing.T) {
	t.Run("connects as told, with a factory of the one protocol", func(t *testing.T) { // CC1, CC4
		c := create()
		asked := c.asked()
		if asked.Host != "example.com" || asked.Port != 1234 || asked.Timeout != 4*time.Second || asked.BindAddress != reactor.Address(anyAddress) {
			t.Fatalf("asked for %+v", asked)
		}
		if len(c.made) != 1 || asked.Factory.BuildProtocol(nil) != reactor.Protocol(c.made[0]) {
			t.Fatalf("%d protocols made", len(c.made))
		}
		asked.Factory.ClientConnectionLost(asked.Connector, errAny) // nobody's business
		if c.fired != 0 {
			t.Fatal("fired at once")
		}
	})
	t.Run("fires with the protocol in the turn after ConnectionMade", func(t *testing.T) { // CC2
		c := create()
		p := c.asked().Factory.BuildProtocol(nil)
		p.MakeConnection(p, &reactortest.StringTransport{})
		if c.fired != 0 {
			t.Fatal("fired in the same turn")
		}
		c.reactor.Advance(0)
		if c.fired != 1 || c.got != c.made[0] || c.err != nil || len(*c.got.events) != 1 {
			t.Fatalf("fired %d times with %v, %v", c.fired, c.got, c.err)
		}
	})
	t.Run("fails with the reason, in the next turn", func(t *testing.T) { // CC2
		c := create()
		c.asked().Factory.ClientConnectionFailed(c.asked().Connector, errAny)
		if c.fired != 0 {
			t.Fatal("fired in the same turn")
		}
		c.reactor.Advance(0)
		if c.fired != 1 || !errors.Is(c.err, errAny) {
			t.Fatalf("fired %d times with %v", c.fired, c.err)
		}
	})
	for _, when := range []struct {
		name  string
		reach func(c *creation)
	}{
		{"before there is a result", func(*creation) {}},
		{"between the connection and the result", func(c *creation) { c.asked().Factory.BuildProtocol(nil) }},
		{"between the failure and the result", func(c *creation) {
			c.asked().Factory.ClientConnectionFailed(c.asked().Connector, errAny)
		}},
	} {
		t.Run("cancelled "+when.name+" it disconnects", func(t *testing.T) { // CC3
			c := create()
			when.reach(c)
			c.result.Cancel()
			if !errors.Is(c.err, deferred.ErrCancelled) || c.asked().Connector.Disconnects != 1 {
				t.Fatalf("failed with %v, disconnected %d times", c.err, c.asked().Connector.Disconnects)
			}
			if n := len(c.reactor.GetDelayedCalls()); n != 0 {
				t.Fatalf("%d calls pending", n)
			}
			c.reactor.Advance(time.Second)
			if c.fired != 1 {
				t.Fatalf("fired %d times", c.fired)
			}
		})
	}
	t.Run("cancelled on a reactor the failure that follows is not heard", func(t *testing.T) { // CC3
		network := reactortest.NewNetwork(reactortest.Options{})
		var err error
		d := factories.ClientCreator[*inner]{
			Reactor:  network.Reactor("client"),
			Protocol: func() *inner { return &inner{} },
		}.ConnectTCP("127.0.0.1", 9, 0, nil)
		d.AddErrback(func(e error) (*inner, error) { err = e; return nil, nil })
		d.Cancel()
		network.Advance(time.Minute)
		if !errors.Is(err, deferred.ErrCancelled) {
			t.Fatalf("failed with %v", err)
		}
	})
}
