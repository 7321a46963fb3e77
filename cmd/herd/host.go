package main

import (
	"context"

	"proxyherd/herd"
	"proxyherd/herd/monitor"
	"proxyherd/herd/upstream"
	"proxyherd/herd/wirelog"
)

// host is a server of any design, as the rest of its process knows it: what it can
// be told by signals and the supervisor, and what its pages show.
type host interface {
	stoppable
	serving
	start() error
	run() error // until Stop, and to the end of what that leads to
	close()     // when run has returned, or was never called
	setKeys(keys [][]byte) error

	Status(ctx context.Context) (herd.Status, error)
	Measures(ctx context.Context) (monitor.Measures, error)
	Connections(ctx context.Context, before int) (piece []monitor.Connection, next int, err error)
}

// parts is what a host is made of.
type parts struct {
	config      herd.Config
	keys        [][]byte
	connections int
	client      *upstream.Client
	kind        upstream.Kind
	log         *wirelog.Log
}

// host makes the server in the design that the config says.
func (m *member) host(p parts) (host, error) {
	if server, _ := p.config.Server(m.name); server.Design == designGoroutine {
		return newInGoroutines(m.name, p)
	}
	return newOnLoop(m.name, p)
}

// designGoroutine is the entry of herd.Designs that is not the first.
const designGoroutine = "goroutine"
