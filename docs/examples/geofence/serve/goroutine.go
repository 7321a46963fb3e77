package main

import (
	"context"
	"net"
	"os/signal"
	"strconv"
	"syscall"

	"proxyherd/docs/examples/geofence/ingoroutines"
	"proxyherd/herd/goroutineherd"
	"proxyherd/herd/upstream"
)

func (p parts) inGoroutines() error {
	options := goroutineherd.Options{Name: p.name, Config: p.config, Keys: p.keys, Upstream: p.client, Kind: upstream.Twitter{}, Log: p.log}
	// -- fence --
	fences := ingoroutines.New(p.log)
	options.Onlooker = fences
	// -- server --
	server, err := goroutineherd.New(options)
	if err != nil {
		return err
	}
	if err := server.Start(); err != nil {
		return err
	}
	// -- fence --
	if p.fence != 0 {
		if _, err := fences.Start(server, net.JoinHostPort(p.host, strconv.Itoa(p.fence))); err != nil {
			return err
		}
	}
	// -- server --
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, server.Stop)
	server.Wait()
	// -- fence --
	fences.Wait()
	// -- server --
	return nil
}
