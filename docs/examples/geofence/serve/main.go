// Command serve is a server of the herd with a geofence in the same process, in either
// design, until SIGTERM or Ctrl-C.
//
//	go run ./docs/examples/geofence/serve reactor --config herd.json --name Gasol --fence 12500
//
// It reads the herd's own config file, and needs the herd's secret beside it. Notice what
// each design is given: the service is made first, is the server's Onlooker, and gets the
// server when it starts.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"syscall"

	"proxyherd/docs/examples/geofence/ingoroutines"
	"proxyherd/docs/examples/geofence/onreactor"
	"proxyherd/herd"
	"proxyherd/herd/configfile"
	"proxyherd/herd/goroutineherd"
	"proxyherd/herd/reactorherd"
	"proxyherd/herd/upstream"
	"proxyherd/herd/wirelog"
	"proxyherd/reactor/gnetreactor"
)

var errUsage = errors.New("usage: serve reactor|goroutine --config FILE --name NAME [--fence PORT]")

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "serve:", err)
		os.Exit(1)
	}
}

// parts is what a server of either design is made of.
type parts struct {
	name   string
	config herd.Config
	keys   [][]byte
	client *upstream.Client
	log    *wirelog.Log
	host   string // where clients are taken
	fence  int    // the port; 0: no fence
}

func run(args []string) error {
	if len(args) == 0 {
		return errUsage
	}
	flags := flag.NewFlagSet("serve", flag.ContinueOnError)
	path := flags.String("config", "", "the herd's config `file`")
	name := flags.String("name", "", "which of its servers this is")
	fence := flags.Int("fence", 0, "take those who set fences at this `port`")
	if err := flags.Parse(args[1:]); err != nil {
		return err
	}
	config, _, err := configfile.Read(*path)
	if err != nil {
		return err
	}
	keys, err := configfile.Secret(*path, config)
	if err != nil {
		return err
	}
	server, found := config.Server(*name)
	if !found {
		return fmt.Errorf("%w: %q", herd.ErrUnknownName, *name)
	}
	host, _, err := net.SplitHostPort(server.Clients)
	if err != nil {
		return err
	}
	log, err := wirelog.Open(wirelog.Options{Path: filepath.Join(config.Log.Dir, *name+".log"), Lines: config.Log.Lines})
	if err != nil {
		return err
	}
	defer log.Close()
	client, err := upstream.New(upstream.Config{Kind: upstream.Twitter{}, URL: config.Upstream.URL})
	if err != nil {
		return err
	}
	defer client.Close()
	p := parts{*name, config, keys, client, log, host, *fence}
	switch args[0] {
	case "reactor":
		return p.onReactor()
	case "goroutine":
		return p.inGoroutines()
	}
	return errUsage
}

func (p parts) onReactor() error {
	loop := gnetreactor.New(gnetreactor.Config{})
	options := reactorherd.Options{Name: p.name, Config: p.config, Keys: p.keys, Upstream: p.client, Kind: upstream.Twitter{}, Log: p.log}
	// -- fence --
	fences := onreactor.New(loop, p.log)
	options.Onlooker = fences
	// -- server --
	server, err := reactorherd.New(loop, options)
	if err != nil {
		return err
	}
	if err := server.Start(); err != nil {
		return err
	}
	// -- fence --
	if p.fence != 0 {
		if err := fences.Start(server, p.host, p.fence); err != nil {
			return err
		}
	}
	// -- server --
	return loop.Run()
}

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
