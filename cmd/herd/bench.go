package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	benchload "proxyherd/bench/load"
	"proxyherd/herd"
)

// errBounds is a measurement that is not what it should be.
var errBounds = errors.New("a bound was broken")

// benchFormats are what --format takes.
var benchFormats = []string{"table", "json", "gobench"}

func newBench() *cobra.Command {
	b := bench{format: benchFormats[0]}
	c := &cobra.Command{
		Use:   "bench [SERVER|HOST:PORT...]",
		Short: "Put a load on servers and measure how they bear it",
		Long: `Puts a load of clients on servers, checks every answer, and tells throughput,
latency to the 99.99th percentile, errors, and what the servers cost where their
processes are known. Without a SERVER it starts the herd on free ports for the run,
with a stand-in for the upstream, and loads all of its servers.

The load is one of these:

  closed loop    each connection sends --pipeline requests once the last are answered
  --rate N       open loop: N requests a second are due, and latency counts from then
  --ramp         the rate is raised to where the servers no longer follow
  --idle N       N connections say nothing after one report (0: as many as can be)
  --churn        each connection lives for one report
  --propagation N
                 N updates are followed to every other server by the wire logs: of the
                 herd that this command starts, or of the config's, on this machine

Bounds (--p99 2ms, --at-least 50000 ...) set the exit code; errors always do.

To compare servers with each other in rounds, with plots: make bench-quick, make bench.
docs/benchmarking.md tells how to measure so that the numbers mean something.`,
		Example: examples(
			"herd bench --rate 20000 --duration 10s --p99 2ms",
			"herd bench --pipeline 16 --design goroutine --set log.lines=false",
			"herd bench 127.0.0.1:12000 --connections 200 --ids zipf --whatsat 0.05",
			"herd bench 127.0.0.1:6379 --dialect redis-set --pipeline 16",
			"herd bench --propagation 5000",
			"herd bench --pipeline 16 --format gobench >> new.txt    # for benchstat",
		),
		RunE: func(c *cobra.Command, args []string) error { return b.run(c, args) },
	}
	b.settings.addConfig(c)
	b.settings.addDesign(c)
	b.addFlags(c)
	return c
}

// bench is what the flags say.
type bench struct {
	settings    settings
	options     benchload.Options
	bounds      benchload.Bounds
	ramp, churn bool
	idle        int
	propagation int
	format      string
	quiet       bool
}

func (b *bench) addFlags(c *cobra.Command) {
	f, o := c.Flags(), &b.options
	f.IntVar(&o.Connections, "connections", 50, "how many connections there are in all")
	f.IntVar(&o.Pipeline, "pipeline", 1, "requests a write, in a closed loop")
	f.Float64Var(&o.Rate, "rate", 0, "requests a second that are due, in an open loop")
	f.BoolVar(&b.ramp, "ramp", false, "raise the rate, from --rate on, to where the servers no longer follow")
	f.IntVar(&b.idle, "idle", 0, "open so many connections that say nothing (0: as many as can be)")
	f.BoolVar(&b.churn, "churn", false, "open and close connections, each for one report")
	f.IntVar(&b.propagation, "propagation", 0, "follow so many updates through the servers' wire logs")
	f.DurationVar(&o.Warmup, "warmup", 500_000_000, "how long the load is put on before it counts")
	f.DurationVar(&o.Duration, "duration", 5_000_000_000, "how long it counts")
	f.IntVar(&o.Clients, "clients", 100_000, "how many clients report")
	f.StringVar(&o.IDs, "ids", benchload.Uniform, "which of them is next: "+strings.Join(benchload.Populations, ", "))
	f.StringVar(&o.Dialect, "dialect", benchload.Herd, "how reports are made: "+strings.Join(benchload.Dialects, ", "))
	f.Float64Var(&o.Whatsat, "whatsat", 0, "the share of requests, 0 to 1, that are WHATSATs")
	f.IntVar(&o.Radius, "radius", 10, "of a WHATSAT, in km")
	f.IntVar(&o.Limit, "limit", 2, "of a WHATSAT, in results")
	f.BoolVar(&o.Preload, "preload", false, "report every client once before")
	f.IntVar(&o.SlowReaders, "slow-readers", 0, "so many connections beside that read hardly any answer")
	f.IntVar(&o.Askers, "askers", 0, "so many connections beside that send WHATSATs")
	f.IntVar(&o.Threads, "threads", 1, "threads that make the load")
	f.IntSliceVar(&o.CPUs, "cpus", nil, "the cores that they run on")
	f.IntSliceVar(&o.PIDs, "pid", nil, "the servers' processes on this machine, for what they cost")
	f.Uint64Var(&o.Seed, "seed", 0, "decides every choice")
	f.StringVar(&b.format, "format", b.format, "of what is told: "+strings.Join(benchFormats, ", "))
	f.BoolVar(&b.quiet, "quiet", false, "tell no progress")
	f.DurationVar(&b.bounds.P50, "p50", 0, "the median latency may be so much")
	f.DurationVar(&b.bounds.P90, "p90", 0, "the 90th percentile")
	f.DurationVar(&b.bounds.P99, "p99", 0, "the 99th percentile")
	f.DurationVar(&b.bounds.P999, "p99.9", 0, "the 99.9th percentile")
	f.DurationVar(&b.bounds.P9999, "p99.99", 0, "the 99.99th percentile")
	f.DurationVar(&b.bounds.Max, "max", 0, "the longest latency may be so much")
	f.Float64Var(&b.bounds.Rate, "at-least", 0, "there must be so many good replies a second")
}

// run does what the flags ask for.
func (b *bench) run(c *cobra.Command, args []string) (err error) {
	ctx, stop := signal.NotifyContext(c.Context(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	switch {
	case !slices.Contains(benchFormats, b.format):
		return usageError{fmt.Errorf("--format %s: there are %s", b.format, strings.Join(benchFormats, ", "))}
	case several(c, "ramp", "idle", "churn", "propagation"):
		return usageError{errors.New("give one of --ramp, --idle, --churn and --propagation")}
	case len(args) == 0 && b.options.Dialect != benchload.Herd:
		return usageError{fmt.Errorf("--dialect %s: the herd does not take it; give the HOST:PORT of a server that does", b.options.Dialect)}
	case b.propagation > 0 && b.options.Dialect != benchload.Herd:
		return usageError{errors.New("--propagation follows AT lines: leave --dialect out")}
	case b.bounds != (benchload.Bounds{}) && (b.ramp || c.Flags().Changed("idle") || c.Flags().Changed("propagation")):
		return usageError{errors.New("bounds are for a loop and for --churn: leave them out")}
	}
	config, err := b.settings.read(c.ErrOrStderr())
	if err != nil {
		return err
	}
	if len(args) == 0 {
		var end func() error
		if config, end, err = b.ownHerd(ctx, config); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, end()) }()
		for _, s := range config.Servers {
			args = append(args, s.Name)
		}
	}
	for _, server := range args {
		address, err := clientAddress(config, server)
		if err != nil {
			return usageError{err}
		}
		b.options.Addresses = append(b.options.Addresses, address)
		// Another machine's clock tells nothing about a difference.
		b.options.OtherClock = b.options.OtherClock || !isHere(address)
	}
	if !b.quiet {
		b.options.Progress = progressTo(c.ErrOrStderr())
	}
	err = b.measure(ctx, c, config)
	if errors.Is(err, benchload.ErrOptions) {
		return usageError{err}
	}
	return err
}

// measured is what can be told in each of the formats.
type measured interface {
	Write(io.Writer) error
	WriteBench(io.Writer) error
	Broken(benchload.Bounds) []string
}

func (b *bench) measure(ctx context.Context, c *cobra.Command, config herd.Config) error {
	m, err := b.load(ctx, c, config)
	if err != nil {
		return err
	}
	switch b.format {
	case "json":
		err = writeDocument(c.OutOrStdout(), m)
	case "gobench":
		err = m.WriteBench(c.OutOrStdout())
	default:
		err = m.Write(c.OutOrStdout())
	}
	for _, line := range m.Broken(b.bounds) {
		err = errors.Join(err, fmt.Errorf("%w: %s", errBounds, line))
	}
	return err
}

// load puts on the load that the flags ask for.
func (b *bench) load(ctx context.Context, c *cobra.Command, config herd.Config) (measured, error) {
	switch {
	case b.ramp:
		return benchload.Ramp(ctx, b.options)
	case c.Flags().Changed("idle"):
		b.options.Connections = b.idle
		return benchload.Idle(ctx, b.options)
	case c.Flags().Changed("propagation"):
		return b.propagate(ctx, config)
	case b.churn:
		return benchload.Churn(ctx, b.options)
	}
	return benchload.Run(ctx, b.options)
}

// propagate loads the first server and reads the logs of the others.
func (b *bench) propagate(ctx context.Context, config herd.Config) (measured, error) {
	var others []benchload.Watched
	for _, s := range config.Servers {
		if !slices.Contains(b.options.Addresses[:1], s.Clients) {
			others = append(others, benchload.Watched{Name: s.Name, Log: logOf(config, s.Name)})
		}
	}
	return benchload.Propagate(ctx, b.options, b.propagation, others)
}

// progressTo writes a line a second.
func progressTo(out io.Writer) func(benchload.Progress) {
	return func(p benchload.Progress) {
		fmt.Fprintf(out, "%-9s %3.0fs  %d replies a second, %d errors\n", p.Phase, p.Since.Seconds(), p.Replies, p.Errors)
	}
}

// isHere reports whether an address is of this machine's loopback.
func isHere(address string) bool {
	host, _, err := net.SplitHostPort(address)
	ip := net.ParseIP(host)
	return err == nil && (host == "localhost" || ip != nil && ip.IsLoopback())
}
