//go:build linux

package sockets

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"proxyherd/factories"
	"proxyherd/reactor"
)

// portFactory is the factory of a port, and the port.
type portFactory struct {
	factories.ServerFactory
	world     *world
	name      string
	port      reactor.ListeningPort
	listening bool
}

// BuildProtocol knows by its address which client it is: client n connects from
// 127.0.0.(10+n).
func (f *portFactory) BuildProtocol(addr reactor.Address) reactor.Protocol {
	host, _ := reactor.SplitAddress(addr)
	last, _ := strconv.Atoi(host[strings.LastIndexByte(host, '.')+1:]) // an IPv4 literal
	number := strconv.Itoa(last - 10)
	options := f.world.options[number]
	return f.world.build("s"+number, slices.Contains(options, "refuse"), slices.Contains(options, "shalf"))
}

func (f *portFactory) DoStart(self reactor.Factory) {
	f.world.note(f.name, "doStart", f.name)
	f.ServerFactory.DoStart(self)
}

func (f *portFactory) DoStop(self reactor.Factory) {
	f.world.note(f.name, "doStop", f.name)
	f.ServerFactory.DoStop(self)
}

func (f *portFactory) StartFactory() { f.note("startFactory") }

func (f *portFactory) StopFactory() {
	f.world.stopped++
	f.note("stopFactory")
}

// note is an event of this port, to which the script may react.
func (f *portFactory) note(kind string) {
	f.world.note(f.name, kind, f.name)
	f.world.enter(kind + " " + f.name)
}

// client is the factory of a client, with its connector. One that does not
// reconnect is stopped from the beginning.
type client struct {
	factories.ReconnectingClientFactory
	world                *world
	number, name, stream string
	connector            reactor.Connector // nil until it starts
	retrying             bool
	givingUp             bool // inside StopConnecting
	telling              bool // inside a hook that tells of an end
	failures             int
}

// newClient makes the factory of client number. retries is how often it may
// connect again by itself; below 0 it does not.
func newClient(w *world, number string, retries int) *client {
	c := &client{world: w, number: number, name: "f" + number, stream: "c" + number, retrying: retries >= 0}
	c.Clock = w.reactor
	c.InitialDelay, c.Factor, c.MaxDelay = 4*time.Millisecond, 1.5, 20*time.Millisecond
	c.Jitter, c.MaxRetries = factories.NoJitter, retries
	return c
}

func (c *client) BuildProtocol(reactor.Address) reactor.Protocol {
	return c.world.build("c"+c.number, false, slices.Contains(c.world.options[c.number], "chalf"))
}

func (c *client) DoStart(self reactor.Factory) {
	c.world.note(c.stream, "doStart", c.name)
	c.ReconnectingClientFactory.DoStart(self)
}

func (c *client) DoStop(self reactor.Factory) {
	c.world.note(c.stream, "doStop", c.name)
	c.ReconnectingClientFactory.DoStop(self)
}

func (c *client) StartFactory() { c.note("startFactory") }

func (c *client) StopFactory() {
	c.world.stopped++
	c.note("stopFactory")
}

func (c *client) StartedConnecting(connector reactor.Connector) {
	c.connector = connector
	c.note("started", connector.State())
	if c.retrying {
		c.ReconnectingClientFactory.StartedConnecting(connector)
	}
}

func (c *client) ClientConnectionFailed(connector reactor.Connector, reason error) {
	c.tell("failed", reason)
	if c.retrying {
		c.ReconnectingClientFactory.ClientConnectionFailed(connector, reason)
	}
}

func (c *client) ClientConnectionLost(connector reactor.Connector, reason error) {
	c.tell("lost", reason)
	if c.retrying {
		c.ReconnectingClientFactory.ClientConnectionLost(connector, reason)
	}
}

// tell is the event that an attempt failed, or its connection was lost.
func (c *client) tell(kind string, reason error) {
	c.failures++
	c.telling = true
	c.note(kind, nameOf(reason), c.connector.State())
	c.telling = false
}

// note is an event of this factory, to which the script may react.
func (c *client) note(kind string, words ...any) {
	c.world.note(c.stream, append([]any{kind, c.name}, words...)...)
	c.world.enter(kind + " " + c.name)
}

// giveUp ends everything that the client does.
func (c *client) giveUp() {
	c.StopTrying()
	c.connector.Disconnect()
}
