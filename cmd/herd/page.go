package main

import (
	"context"
	"fmt"
	"runtime"
	"time"

	"proxyherd/herd"
	"proxyherd/herd/monitor"
	"proxyherd/herd/wirelog"
)

// blockNoted is how long a goroutine must have waited for the profile of that, where there
// are profiles, to have it for sure.
const blockNoted = 10 * time.Microsecond

// openPage opens the http port, if the config has one, and returns what ends it
// and its address.
func (m *member) openPage(config herd.Config, log *wirelog.Log, source host, onlooker *monitor.Sample) (end func(), address string, err error) {
	server, _ := config.Server(m.name)
	if server.HTTP == "" {
		return func() {}, "", nil
	}
	token, err := tokenOf(config)
	if err != nil {
		return nil, "", err
	}
	at := server.Bound().HTTP
	listener, err := monitor.Listen(at, token)
	if err != nil {
		return nil, "", fmt.Errorf("%s cannot listen for http on %s (is another server running there?): %w", m.name, at, err)
	}
	if m.profiles {
		runtime.SetBlockProfileRate(int(blockNoted))
	}
	pages := monitor.Pages{
		Status: source.Status, Measures: source.Measures, Connections: source.Connections,
		Sample: onlooker, Walk: source.Walk, Future: time.Duration(config.Future),
		Token: token, Profiles: m.profiles,
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		// The server goes on without its page: clients do not depend on it.
		if err := monitor.Serve(ctx, listener, pages); err != nil {
			log.Event(time.Now(), wirelog.Error, "the http port ended", wirelog.F("error", err))
		}
	}()
	return func() {
		cancel()
		<-ended
	}, listener.Addr().String(), nil
}
