package main

import (
	"cmp"
	"context"
	"errors"
	"time"

	"proxyherd/herd"
	"proxyherd/herd/monitor"
	"proxyherd/herd/reactorherd"
	"proxyherd/herd/wirelog"
	"proxyherd/reactor/deferred"
	"proxyherd/reactor/gnetreactor"
)

// errLoopEnded is a question to a server that has stopped.
var errLoopEnded = errors.New("the server has stopped")

// onLoop is a server on a reactor. It gets from the server's loop what its http port
// shows. What can be read elsewhere, and what is only put into another form, costs
// the loop nothing.
type onLoop struct {
	*gnetreactor.Reactor
	parts
	server *reactorherd.Server
	slow   *slowTurns
}

func newOnLoop(name string, p parts) (host, error) {
	gnetreactor.SetLogger(p.log.Logger())
	deferred.ReportUnhandled(func(e *deferred.UnhandledError) {
		p.log.Event(time.Now(), wirelog.Error, "a Deferred ended with an error that nobody took", wirelog.F("error", e))
	})
	slow := newSlowTurns(p.log, name, p.config.Log)
	loop := gnetreactor.New(gnetreactor.Config{
		Log:              reactorLog{p.log},
		CloseTimeout:     time.Duration(p.config.Limits.CloseTimeout),
		ResolveTimeout:   herd.LookupTime,
		NoSignalHandlers: true, // a second signal and SIGHUP mean something here
		SlowTurn:         slowTurn,
		OnSlowTurn:       slow.took,
		ThreadTime:       p.config.Log.ThreadTime,
	})
	o := reactorherd.Options{
		Name: name, Config: p.config, Keys: p.keys,
		Upstream: p.client, Kind: p.kind, Log: p.log, Journal: p.backing(), Sink: p.copyist(), Onlooker: p.looksOn(), Bus: p.joins(), Connections: p.connections,
		Memory: &outside,
	}
	if p.finds() {
		o.Archive = p.sink
	}
	server, err := reactorherd.New(loop, o)
	if err != nil {
		slow.close()
		return nil, err
	}
	return onLoop{loop, p, server, slow}, nil
}

func (o onLoop) start() error                { return o.server.Start() }
func (o onLoop) run() error                  { return o.Run() }
func (o onLoop) close()                      { o.slow.close() }
func (o onLoop) setKeys(keys [][]byte) error { return o.server.SetKeys(keys) }

// ask calls f on the loop, and waits until it has returned or ctx is done.
func ask[T any](ctx context.Context, o onLoop, f func() T) (answer T, err error) {
	reply := make(chan T, 1) // the loop does not wait for whoever has gone
	if !o.Reactor.CallFromThread(func() { reply <- f() }) {
		return answer, errLoopEnded
	}
	select {
	case answer = <-reply:
		return answer, nil
	case <-ctx.Done():
		return answer, ctx.Err()
	}
}

// Status is monitor.Pages.Status.
func (o onLoop) Status(ctx context.Context) (herd.Status, error) {
	status, err := ask(ctx, o, func() herd.Status {
		status := o.server.Status()
		status.Loop = loopStatus(o.Reactor.Turns())
		return status
	})
	return o.complete(status), err
}

func loopStatus(t gnetreactor.Turns) *herd.LoopStatus {
	return &herd.LoopStatus{Slow: t.Slow, Slowest: t.Slowest.Took.Seconds(), Callback: t.Slowest.Callback}
}

// Measures is monitor.Pages.Measures.
func (o onLoop) Measures(ctx context.Context) (monitor.Measures, error) {
	type both struct {
		server herd.Measures
		turns  gnetreactor.Turns
	}
	got, err := ask(ctx, o, func() both { return both{o.server.Measures(), o.Reactor.Turns()} })
	if err != nil {
		return monitor.Measures{}, err
	}
	shown := o.measuresOf(got.server)
	shown.Status.Loop = loopStatus(got.turns)
	turns := &got.turns
	shown.Turns = monitor.Histogram{Bounds: gnetreactor.TurnBounds[:], Counts: turns.Counts[:], Sum: turns.Sum}
	if o.config.Log.ThreadTime {
		shown.ThreadTurns = monitor.Histogram{Bounds: gnetreactor.TurnBounds[:], Counts: turns.ThreadCounts[:], Sum: turns.ThreadSum}
		shown.ThreadSlowest = monitor.Turn{Seconds: turns.ThreadSlowest.Took.Seconds(), Callback: turns.ThreadSlowest.Callback}
	}
	return shown, nil
}

// Connections is monitor.Pages.Connections.
func (o onLoop) Connections(ctx context.Context, before int) (piece []monitor.Connection, next int, err error) {
	type both struct {
		list []reactorherd.Connection
		next int
	}
	got, err := ask(ctx, o, func() (b both) {
		b.list, b.next = o.server.Connections(before)
		return b
	})
	if err != nil {
		return nil, 0, err
	}
	for _, c := range got.list {
		piece = append(piece, monitor.Connection{
			Number: c.Number, Client: c.Client.String(), Since: c.Since, Lines: c.Lines, Waiting: c.Waiting, Holds: c.Holds,
		})
	}
	return piece, got.next, nil
}

// Walk is monitor.Pages.Walk.
func (o onLoop) Walk() monitor.Walk {
	var at reactorherd.Place
	return func(ctx context.Context, most int) ([]byte, bool, error) {
		type piece struct {
			lines []byte
			next  reactorherd.Place
			more  bool
		}
		from := at
		got, err := ask(ctx, o, func() (p piece) {
			p.lines = make([]byte, 0, most*usualLine)
			p.next, p.more = o.server.Walk(from, most, func(line []byte) { p.lines = append(p.lines, line...) })
			return p
		})
		at = got.next
		return got.lines, got.more, err
	}
}

// Take gives the server AT lines as a neighbour would.
func (o onLoop) Take(ctx context.Context, lines []byte) error {
	said, err := ask(ctx, o, func() error { return o.server.Take(lines) })
	return cmp.Or(err, said)
}

// usualLine is somewhat more bytes than most records have.
const usualLine = 128
