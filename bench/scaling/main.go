// Command scaling finds how the costs of a herd grow with its servers, on each kind of
// graph: what make scaling runs. It follows updates through simulated herds, measures what
// an update costs one real server with up to 32 neighbours, whole herds of five, and links
// at rest, and writes tables and figures in which formula and measurement stand side by
// side.
//
//	go run ./bench/scaling
//	go run ./bench/scaling -quick
//	go run ./bench/scaling -again bench/results/MACHINE/DATE-scaling.json
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"proxyherd/bench/load"
	"proxyherd/bench/peers"
	"proxyherd/bench/scaling/scaled"
	"proxyherd/bench/scenario"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		if !errors.Is(err, flag.ErrHelp) {
			fmt.Fprintln(os.Stderr, "scaling:", err)
		}
		os.Exit(1)
	}
}

// run carries out a command line.
func run(ctx context.Context, args []string, out, progress io.Writer) (err error) {
	flags := flag.NewFlagSet("scaling", flag.ContinueOnError)
	flags.SetOutput(progress)
	results := flags.String("results", "bench/results", "the folder that takes the results")
	quick := flags.Bool("quick", false, "measure a little of everything, for a first look and nothing to cite")
	again := flags.String("again", "", "measure nothing, and write the tables and figures of this JSON again")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("%q: nothing but flags is taken here", flags.Args())
	}
	var r *scaled.Report
	if *again != "" {
		r, err = read(*again)
	} else {
		s := usual
		if *quick {
			s = small
		}
		began := time.Now()
		r, err = measure(ctx, s, func(line string) { fmt.Fprintf(progress, "%4.0fs  %s\n", time.Since(began).Seconds(), line) })
	}
	if err != nil {
		return err
	}
	paths, err := scaled.Write(*results, r)
	if err != nil {
		return err
	}
	page, err := os.ReadFile(paths[0])
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%s\nWritten:\n", page)
	for _, path := range paths {
		fmt.Fprintln(out, " ", path)
	}
	return nil
}

// read reads the JSON of a run.
func read(path string) (*scaled.Report, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return scaled.Read(file)
}

// size is how much is measured.
type size struct {
	name    string
	servers []int // of the simulated herds
	updates int   // that are followed in each

	rounds       int
	degrees      []int         // the neighbours of the real server
	alone, dense time.Duration // of each measurement, by the regime
	graphs       []string      // of the real herds
	deliveries   []int         // of a message of NATS's
	links        int           // at rest
	rest         time.Duration // of each measurement of them
}

var usual = size{
	name: "usual", servers: scaled.Sizes, updates: 5, rounds: 3, degrees: []int{1, 2, 4, 8, 16, 32},
	alone: 500 * time.Millisecond, dense: 400 * time.Millisecond,
	graphs: []string{"builtin", "ring", "tree:4", "mesh"}, deliveries: []int{1, 5, 20, 100}, links: 128, rest: 10 * time.Second,
}

var small = size{
	name: "quick", servers: []int{5, 50}, updates: 2, rounds: 2, degrees: []int{1, 4},
	alone: 50 * time.Millisecond, dense: 50 * time.Millisecond,
	graphs: []string{"builtin"}, deliveries: []int{1, 5}, links: 8, rest: 200 * time.Millisecond,
}

// bench is what all measurements need.
type bench struct {
	size
	place   peers.Place
	dir     string
	peers   []peers.Peer // of the designs, in their order
	servers []int        // cores
	tell    func(line string)
	report  *scaled.Report
}

// measure finds all that is in a report.
func measure(ctx context.Context, s size, tell func(string)) (r *scaled.Report, err error) {
	root, err := filepath.Abs(".")
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "herd-scaling-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	b := &bench{size: s, place: peers.Place{Root: root, Bin: filepath.Join(root, "bin", "bench")}, dir: dir, tell: tell}
	if err := b.prepare(ctx); err != nil {
		return nil, err
	}
	for _, part := range []func(context.Context) error{b.hubs, b.herds, b.backbone, b.rests, b.simulated} {
		if err := part(ctx); err != nil {
			return nil, err
		}
	}
	b.report.Conditions.Ended()
	return b.report, nil
}

// prepare builds the servers, and shares out the cores: this process has the last.
func (b *bench) prepare(ctx context.Context) error {
	all, err := peers.All()
	if err != nil {
		return err
	}
	for _, design := range scaled.Designs {
		at := slices.IndexFunc(all, func(p peers.Peer) bool { return p.Name == design })
		if at < 0 {
			return fmt.Errorf("the list of peers has no %s", design)
		}
		b.tell("building " + all[at].Title)
		if err := all[at].Make(ctx, b.place); err != nil {
			return err
		}
		b.peers = append(b.peers, all[at])
	}
	cores, err := load.Cores()
	if err != nil {
		return err
	}
	own := cores[len(cores)-1]
	b.servers = cores[:1]
	b.report = &scaled.Report{Conditions: scenario.Here(ctx, b.place.Root)}
	c := &b.report.Conditions
	c.Size, c.ServerCPUs, c.GeneratorCPUs = b.name, b.servers, []int{own}
	return load.Pin(own)
}

// start starts servers of a design in a folder of their own.
func (b *bench) start(ctx context.Context, design string, s peers.Settings) (servers []*peers.Server, err error) {
	at := slices.Index(scaled.Designs, design)
	s.CPUs = b.servers
	if s.Dir, err = os.MkdirTemp(b.dir, design+"-"); err != nil {
		return nil, err
	}
	return b.peers[at].Run(ctx, b.place, s)
}
