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
		Short: "Run the offline stand-in for Twitter's search",
		Long: `Answers GET /search.json as Twitter's Search API did in late 2012, offline: places
are real, tweets are made up, and the same question always has the same answer. It
runs until SIGTERM or Ctrl-C. The other flags make it misbehave, to see what the
herd makes of that. The ones that end in -every count requests: with 3, the third,
the sixth and so on misbehave.`,
		Example: examples(
			"herd upstream",
			"herd upstream --listen 127.0.0.1:8080 --delay 2s",
			"herd upstream --fail-every 2 --garbage-every 5",
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
	f.DurationVar(&o.Delay, "delay", 0, "wait this long before every answer")
	f.DurationVar(&o.Jitter, "jitter", 0, "wait up to this long in addition, always the same for the same question")
	f.IntVar(&o.RateLimitEvery, "rate-limit-every", 0, "answer every `N`th request with 420, Enhance your calm")
	f.IntVar(&o.FailEvery, "fail-every", 0, "answer every `N`th request with --fail-status and a page of HTML")
	f.IntVar(&o.FailStatus, "fail-status", 503, "`STATUS` of those answers, 500 to 599")
	f.IntVar(&o.GarbageEvery, "garbage-every", 0, "answer every `N`th request with text that is no JSON")
	f.IntVar(&o.TruncateEvery, "truncate-every", 0, "cut off the answer to every `N`th request")
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
