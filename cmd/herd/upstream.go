package main

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"proxyherd/herd"
	"proxyherd/herd/upstream/standin"
)

func newUpstream() *cobra.Command {
	var listen string
	var supervised bool
	var o standin.Options
	c := &cobra.Command{
		Use:   "upstream",
		Short: "Run the offline stand-in for the services that a WHATSAT asks",
		Long: `Answers offline, each in the format and at the path of the real service:

  kind twitter     GET  /search.json                       as in late 2012
  kind twitter11   GET  /1.1/search/tweets.json            any bearer token
  kind x           GET  /2/tweets/search/recent            any bearer token
  kind places      GET  /maps/api/place/nearbysearch/json  any key
  kind places-new  POST /v1/places:searchNearby            any key
  kind wikipedia   GET  /w/api.php

Places are real, tweets are made up, and the same question always has the same
answer. It runs until SIGTERM or Ctrl-C. The other flags make it misbehave, each
service in its own form, to see what the herd makes of that. --fail, --rate-limit,
--garbage, --truncate and --huge alone mean every question; with =3 they mean the
third, the sixth and so on, of all questions together.`,
		Example: examples(
			"herd upstream",
			"herd upstream --listen 127.0.0.1:8080 --slow 2s",
			"herd upstream --fail",
			"herd upstream --fail=2 --garbage=5",
		),
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			signal.Ignore(syscall.SIGPIPE)
			if err := o.Check(); err != nil {
				return usageError{err}
			}
			var gone <-chan struct{}
			if supervised {
				gone = endOf(c.InOrStdin())
			}
			err := serveStandin(c, listen, o, gone)
			if err != nil && supervised {
				fmt.Fprintf(c.OutOrStdout(), "failed %s\n", oneLine(err))
				return errTold
			}
			return err
		},
	}
	f := c.Flags()
	f.StringVar(&listen, "listen", hostOf(herd.Default().Upstream.URL), "`HOST:PORT` to answer on; port 0 is any free port")
	f.DurationVar(&o.Delay, "slow", 0, "wait this long before every answer")
	f.DurationVar(&o.Jitter, "jitter", 0, "wait up to this long in addition, always the same for the same URL")
	f.IntVar(&o.FailStatus, "fail-status", 503, "`STATUS` of what --fail answers, 500 to 599")
	for _, fault := range []struct {
		every      *int
		name, does string
	}{
		{&o.RateLimitEvery, "rate-limit", "say that too much was asked, with 420 or 429 where the service has that"},
		{&o.FailEvery, "fail", "fail with --fail-status"},
		{&o.GarbageEvery, "garbage", "answer with text that is no JSON"},
		{&o.TruncateEvery, "truncate", "cut off the answer in the middle"},
		{&o.HugeEvery, "huge", "answer with more than 16 MiB"},
	} {
		f.IntVar(fault.every, fault.name, 0, fault.does+", every `N`th time")
		f.Lookup(fault.name).NoOptDefVal = "1"
	}
	// The name that --slow had first; it is not shown, and goes on to work.
	f.DurationVar(&o.Delay, "delay", 0, "what --slow was called")
	f.Lookup("delay").Hidden = true
	addSupervised(c, &supervised)
	return c
}

// serveStandin answers until a signal or the parent's end.
func serveStandin(c *cobra.Command, address string, o standin.Options, gone <-chan struct{}) error {
	ctx, stop := context.WithCancel(c.Context())
	defer stop()
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM)
	go func() {
		select {
		case <-signals:
		case <-gone:
		}
		stop()
		<-signals
		endAtOnce()
	}()
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return fmt.Errorf("the stand-in cannot listen on %s (if one runs there already, use that: herd up --standin=false): %w", address, err)
	}
	fmt.Fprintf(c.OutOrStdout(), "ready upstream pid=%d url=http://%s/search.json\n", os.Getpid(), listener.Addr())
	return standin.Serve(ctx, listener, o)
}

// hostOf returns the host:port of an address of the web, with the port that
// http:// means where it has none; "" if it cannot be read.
func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" {
		return ""
	}
	port := u.Port()
	if port == "" {
		port = "80"
	}
	return net.JoinHostPort(u.Hostname(), port)
}
