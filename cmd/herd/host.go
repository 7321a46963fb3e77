package main

import (
	"context"

	"proxyherd/herd"
	"proxyherd/herd/backbone"
	"proxyherd/herd/backbone/natsbone"
	"proxyherd/herd/journal"
	"proxyherd/herd/monitor"
	"proxyherd/herd/sink"
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
	Walk() monitor.Walk
	Take(ctx context.Context, lines []byte) error
}

// parts is what a host is made of.
type parts struct {
	config      herd.Config
	keys        [][]byte
	connections int
	client      *upstream.Client
	kind        upstream.Kind
	journal     *journal.Journal // nil: none
	sink        *sink.Sink       // nil: none
	bus         *natsbone.Bus    // nil: none
	onlooker    *monitor.Sample  // nil: none
	log         *wirelog.Log
}

// looksOn is the onlooker as a server takes it.
func (p parts) looksOn() herd.Onlooker {
	if p.onlooker == nil {
		return nil
	}
	return p.onlooker
}

// backing is the journal as a server takes it.
func (p parts) backing() herd.Backing {
	if p.journal == nil {
		return nil
	}
	return p.journal
}

// copyist is the sink as a server takes it.
func (p parts) copyist() herd.Copyist {
	if p.sink == nil {
		return nil
	}
	return p.sink
}

// finds reports whether the sink is asked for clients that the herd does not know.
func (p parts) finds() bool { return p.sink != nil && p.config.Sink.Fallback }

// joins is the bus as a server takes it.
func (p parts) joins() backbone.Bus {
	if p.bus == nil {
		return nil
	}
	return p.bus
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

// complete adds what the server's client of the web service, its journal and its sink
// have counted.
func (p parts) complete(status herd.Status) herd.Status {
	asked := herd.UpstreamStatus(p.client.Stats())
	status.Upstream = &asked
	if p.journal != nil {
		saved := p.journal.Status()
		status.Journal = &saved
	}
	if p.sink != nil {
		written := p.sink.Status()
		status.Sink = &written
	}
	return status
}

// measuresOf adds what is counted beside a server to what it counts itself.
func (p parts) measuresOf(m herd.Measures) monitor.Measures {
	logged := p.log.Stats()
	return monitor.Measures{
		Status: p.complete(m.Status), Connected: m.Connected, Unproved: m.Unproved,
		Clients: m.Clients, Links: m.Links, Exchanges: m.Exchanges,
		Answers: monitor.Histogram{Bounds: herd.AnswerBounds[:], Counts: m.Answers.Counts[:], Sum: m.Answers.Sum},
		Log: monitor.Log{
			Dropped: logged.Dropped, DroppedBytes: logged.DroppedBytes, EchoDropped: logged.EchoDropped,
			LostBytes: logged.LostBytes, WriteErrors: logged.WriteErrors, Waiting: logged.Waiting,
		},
	}
}
