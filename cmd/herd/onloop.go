package main

import (
	"context"
	"errors"
	"time"

	"proxyherd/herd"
	"proxyherd/herd/monitor"
	"proxyherd/herd/reactorherd"
	"proxyherd/herd/upstream"
	"proxyherd/herd/wirelog"
	"proxyherd/reactor/gnetreactor"
)

// errLoopEnded is a question to a server that has stopped.
var errLoopEnded = errors.New("the server has stopped")

// onLoop gets from a server's loop what its http port shows. What can be read
// elsewhere, and what is only put into another form, costs the loop nothing.
type onLoop struct {
	loop   *gnetreactor.Reactor
	server *reactorherd.Server
	client *upstream.Client
	log    *wirelog.Log
}

// ask calls f on the loop, and waits until it has returned or ctx is done.
func ask[T any](ctx context.Context, o onLoop, f func() T) (answer T, err error) {
	reply := make(chan T, 1) // the loop does not wait for whoever has gone
	if !o.loop.CallFromThread(func() { reply <- f() }) {
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
		status.Loop = loopStatus(o.loop.Turns())
		return status
	})
	return o.withUpstream(status), err
}

func loopStatus(t gnetreactor.Turns) *herd.LoopStatus {
	return &herd.LoopStatus{Slow: t.Slow, Slowest: t.Slowest.Took.Seconds(), Callback: t.Slowest.Callback}
}

func (o onLoop) withUpstream(status herd.Status) herd.Status {
	asked := herd.UpstreamStatus(o.client.Stats())
	status.Upstream = &asked
	return status
}

// Measures is monitor.Pages.Measures.
func (o onLoop) Measures(ctx context.Context) (monitor.Measures, error) {
	type both struct {
		server reactorherd.Measures
		turns  gnetreactor.Turns
	}
	got, err := ask(ctx, o, func() both { return both{o.server.Measures(), o.loop.Turns()} })
	if err != nil {
		return monitor.Measures{}, err
	}
	m, log := got.server, o.log.Stats()
	shown := monitor.Measures{
		Status: o.withUpstream(m.Status), Connected: m.Connected, Unproved: m.Unproved,
		Clients: monitor.Traffic(m.Clients), Links: monitor.Traffic(m.Links),
		Answers: histogram(reactorherd.AnswerBounds[:], m.Answers.Counts[:], m.Answers.Sum),
		Turns:   histogram(gnetreactor.TurnBounds[:], got.turns.Counts[:], got.turns.Sum),
		Log: monitor.Log{
			Dropped: log.Dropped, DroppedBytes: log.DroppedBytes, EchoDropped: log.EchoDropped,
			LostBytes: log.LostBytes, WriteErrors: log.WriteErrors, Waiting: log.Waiting,
		},
	}
	shown.Status.Loop = loopStatus(got.turns)
	for _, e := range m.Exchanges {
		shown.Exchanges = append(shown.Exchanges, monitor.Exchanges(e))
	}
	return shown, nil
}

func histogram(bounds []time.Duration, counts []uint64, sum time.Duration) monitor.Histogram {
	return monitor.Histogram{Bounds: bounds, Counts: counts, Sum: sum}
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
