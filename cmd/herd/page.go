package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"proxyherd/herd"
	"proxyherd/herd/monitor"
	"proxyherd/herd/wirelog"
	"proxyherd/reactor"
)

// errLoopEnded is a question to a server that has stopped.
var errLoopEnded = errors.New("the server has stopped")

// onLoop gets a server's status from its loop.
type onLoop struct {
	loop   reactor.Threads
	status func() herd.Status
}

// Status implements monitor.Source.
func (o onLoop) Status(ctx context.Context) (herd.Status, error) {
	reply := make(chan herd.Status, 1) // the loop does not wait for whoever has gone
	if !o.loop.CallFromThread(func() { reply <- o.status() }) {
		return herd.Status{}, errLoopEnded
	}
	select {
	case status := <-reply:
		return status, nil
	case <-ctx.Done():
		return herd.Status{}, ctx.Err()
	}
}

// openPage serves the status page, if the config has one, and returns what ends
// it and its address.
func (m *member) openPage(config herd.Config, log *wirelog.Log, source monitor.Source) (end func(), address string, err error) {
	server, _ := config.Server(m.name)
	if server.HTTP == "" {
		return func() {}, "", nil
	}
	listener, err := monitor.Listen(server.HTTP)
	if err != nil {
		return nil, "", fmt.Errorf("%s cannot listen for its status page on %s (is another server running there?): %w", m.name, server.HTTP, err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		// The server goes on without its page: clients do not depend on it.
		if err := monitor.Serve(ctx, listener, source); err != nil {
			log.Event(time.Now(), wirelog.Error, "the status page ended", wirelog.F("error", err))
		}
	}()
	return func() {
		cancel()
		<-ended
	}, listener.Addr().String(), nil
}
