package main

import (
	"context"

	"proxyherd/herd"
	"proxyherd/herd/goroutineherd"
	"proxyherd/herd/monitor"
	"proxyherd/reactor"
)

// inGoroutines is a server in goroutines. It may be asked on any of them, and so
// what is for a loop is done at once.
type inGoroutines struct {
	parts
	server *goroutineherd.Server
}

func newInGoroutines(name string, p parts) (host, error) {
	o := goroutineherd.Options{
		Name: name, Config: p.config, Keys: p.keys,
		Upstream: p.client, Kind: p.kind, Log: p.log, Journal: p.backing(), Sink: p.copyist(), Onlooker: p.looksOn(), Bus: p.joins(), Connections: p.connections,
		Memory: &outside,
	}
	if p.finds() {
		o.Archive = p.sink
	}
	server, err := goroutineherd.New(o)
	if err != nil {
		return nil, err
	}
	return inGoroutines{p, server}, nil
}

func (o inGoroutines) start() error                { return o.server.Start() }
func (o inGoroutines) close()                      {}
func (o inGoroutines) setKeys(keys [][]byte) error { return o.server.SetKeys(keys) }

func (o inGoroutines) run() error {
	o.server.Wait()
	return nil
}

// Stop begins the orderly end.
func (o inGoroutines) Stop() error {
	o.server.Stop()
	return nil
}

// CallFromThread calls f, which may be done on any goroutine here.
func (o inGoroutines) CallFromThread(f func()) bool {
	f()
	return true
}

// AddSystemEventTrigger has f called when the server begins to stop, the one event
// that there is. Nobody waits for what f returns.
func (o inGoroutines) AddSystemEventTrigger(_ reactor.Phase, _ string, f reactor.Trigger) (reactor.TriggerID, error) {
	o.server.BeforeStop(func() { f() })
	return reactor.TriggerID{}, nil
}

// Status is monitor.Pages.Status.
func (o inGoroutines) Status(context.Context) (herd.Status, error) {
	return o.complete(o.server.Status()), nil
}

// Measures is monitor.Pages.Measures.
func (o inGoroutines) Measures(context.Context) (monitor.Measures, error) {
	return o.measuresOf(o.server.Measures()), nil
}

// Connections is monitor.Pages.Connections.
func (o inGoroutines) Connections(_ context.Context, before int) (piece []monitor.Connection, next int, err error) {
	list, next := o.server.Connections(before)
	for _, c := range list {
		piece = append(piece, monitor.Connection{
			Number: c.Number, Client: c.Client.String(), Since: c.Since, Lines: c.Lines, Waiting: c.Waiting, Holds: c.Holds,
		})
	}
	return piece, next, nil
}

// Walk is monitor.Pages.Walk.
func (o inGoroutines) Walk() monitor.Walk {
	var at goroutineherd.Place
	return func(_ context.Context, most int) (lines []byte, more bool, err error) {
		lines = make([]byte, 0, most*usualLine)
		at, more = o.server.Walk(at, most, func(line []byte) { lines = append(lines, line...) })
		return lines, more, nil
	}
}

// Take gives the server AT lines as a neighbour would.
func (o inGoroutines) Take(_ context.Context, lines []byte) error { return o.server.Take(lines) }
