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
	"errors"
	"flag"
	"fmt"
	"net"
	"os"
	"path/filepath"

	"proxyherd/herd"
	"proxyherd/herd/configfile"
	"proxyherd/herd/upstream"
	"proxyherd/herd/wirelog"
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
