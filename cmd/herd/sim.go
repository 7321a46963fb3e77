package main

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"proxyherd/herd/sim"
)

func newSim() *cobra.Command {
	s := simulation{seeds: 1000, first: 1, mode: "both", jobs: runtime.GOMAXPROCS(0), updates: 5, latency: time.Millisecond}
	c := &cobra.Command{
		Use:   "sim",
		Short: "Fight herds in virtual time, or follow updates through large ones",
		Long: `Runs whole herds of the real servers in memory and in virtual time, breaks their
links, servers and clocks, and checks every promise of the protocol. A seed decides
everything, so that a failure is a number and can be run again. Without flags it
fights the seeds 1 to 1000.

There are two modes. In safety everything is mended at the end, and all servers must
agree; in liveness a connected part is mended and the rest stays broken, and that
part must agree. A failure is made smaller and written as a script, which --script
runs again; the exit code is then 1. From 1000 seeds on, a fault, a verb, a reason
of closing or a rare path that never occurred is a failure too.

With --bus the servers have a backbone in place of links. It promises what NATS does:
messages are lost, doubled and late, connections end, and what would break between two
neighbours breaks between any two servers that the graph joins.

With --graph or --servers and no seeds it follows a few updates through a herd at
peace, 5000 servers if need be, and compares what they cost with the formulas:
2E - (N - 1) messages, and as many hops as the server that is farthest away. The
graphs are builtin, ring, mesh, tree:N, regular:N and random; builtin is the five, or
a tree of such fives.`,
		Example: examples(
			"herd sim --seeds 10000",
			"herd sim --seed 42 --mode liveness --trace > fight.txt",
			"herd sim --script fight.txt",
			"herd sim --seeds 1000 --graph mesh --servers 4 --json",
			"herd sim --bus --seeds 1000",
			"herd sim --graph regular:6 --servers 1000",
			"herd sim --graph ring --servers 50 --svg > ring.svg",
		),
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return s.run(c) },
	}
	f := c.Flags()
	f.IntVar(&s.seeds, "seeds", s.seeds, "fight so many seeds")
	f.Uint64Var(&s.first, "first", s.first, "begin with this seed")
	f.Uint64Var(&s.seed, "seed", 0, "fight this seed alone")
	f.StringVar(&s.mode, "mode", s.mode, "safety, liveness or both")
	f.BoolVar(&s.trace, "trace", false, "write the fight of --seed or --script as a script, with what clients saw; of both modes the one that fails, or else safety")
	f.StringVar(&s.script, "script", "", "fight what this file says")
	f.StringVar(&s.mistake, "mistake", "", "give every server a known mistake: "+strings.Join(mistakes(), ", "))
	f.IntVar(&s.jobs, "jobs", s.jobs, "fights at once")
	f.StringVar(&s.graph, "graph", "", "who talks to whom: "+strings.Join(sim.Graphs, ", "))
	f.IntVar(&s.servers, "servers", 0, "how many servers there are")
	f.BoolVar(&s.bus, "bus", false, "join the servers of fights by a backbone that loses messages, in place of links")
	f.IntVar(&s.updates, "updates", s.updates, "how many updates to follow")
	f.DurationVar(&s.latency, "latency", s.latency, "how long every link takes while updates are followed")
	f.BoolVar(&s.json, "json", false, "print one JSON document instead of text")
	f.BoolVar(&s.svg, "svg", false, "print what updates cost as a picture in SVG")
	return c
}

// simulation is what the flags say.
type simulation struct {
	seeds       int
	first, seed uint64
	mode        string
	trace       bool
	script      string
	mistake     string
	jobs        int
	graph       string
	servers     int
	bus         bool
	updates     int
	latency     time.Duration
	json, svg   bool
	modes       []sim.Mode
	variant     *sim.Variant
}

// run does what the flags ask for.
func (s *simulation) run(c *cobra.Command) error {
	if err := s.check(); err != nil {
		return usageError{err}
	}
	if os.Getenv("GOGC") == "" {
		// Fights leave much behind and keep little: a tenth of the time was collecting.
		debug.SetGCPercent(400)
	}
	changed := c.Flags().Changed
	one := s.script != "" || changed("seed")
	spread := (s.graph != "" || s.servers != 0) && !one && !changed("seeds")
	switch {
	case s.bus && (spread || s.script != ""):
		return usageError{errors.New("--bus is for fights that are drawn: give --seeds or --seed, and no --script")}
	case several(c, "seeds", "seed", "script"):
		return usageError{errors.New("give one of --seeds, --seed and --script")}
	case several(c, "json", "svg", "trace"):
		return usageError{errors.New("give one of --json, --svg and --trace")}
	case s.trace && !one:
		return usageError{errors.New("--trace shows one fight: give --seed or --script")}
	case s.svg && !spread:
		return usageError{errors.New("--svg draws what updates cost: give --graph or --servers, and no seeds")}
	case s.script != "":
		return s.runScript(c)
	case one:
		return s.runSeed(c)
	case spread:
		return s.spread(c)
	}
	return s.campaign(c)
}

// several reports whether more than one of these flags was given.
func several(c *cobra.Command, names ...string) bool {
	given := slices.DeleteFunc(names, func(name string) bool { return !c.Flags().Changed(name) })
	return len(given) > 1
}

func (s *simulation) check() error {
	switch s.mode {
	case "both":
		s.modes = []sim.Mode{sim.Safety, sim.Liveness}
	case string(sim.Safety), string(sim.Liveness):
		s.modes = []sim.Mode{sim.Mode(s.mode)}
	default:
		return fmt.Errorf("--mode %s: write safety, liveness or both", s.mode)
	}
	if s.seeds < 1 || s.jobs < 1 || s.updates < 1 || s.latency < time.Microsecond {
		return errors.New("--seeds, --jobs and --updates are 1 or more, and --latency at least 1us")
	}
	if s.mistake == "" {
		return nil
	}
	at := slices.Index(mistakes(), s.mistake)
	if at < 0 {
		return fmt.Errorf("--mistake %s: there are %s", s.mistake, strings.Join(mistakes(), ", "))
	}
	s.variant = &sim.Variants[at]
	return nil
}

// mistakes are the names of the variants.
func mistakes() (names []string) {
	for _, v := range sim.Variants {
		names = append(names, v.Name)
	}
	return names
}

// simError makes what the user can mend a usageError.
func simError(err error) error {
	if errors.Is(err, sim.ErrBadGraph) || errors.Is(err, sim.ErrBadScript) || errors.Is(err, os.ErrNotExist) {
		return usageError{err}
	}
	return err
}

// spread follows updates through one herd.
func (s *simulation) spread(c *cobra.Command) error {
	o := sim.SpreadOptions{Graph: s.graph, Servers: s.servers, Seed: s.first, Updates: s.updates, Latency: s.latency}
	if o.Graph == "" {
		o.Graph = "random"
	}
	if o.Servers == 0 {
		o.Servers = 5
	}
	o.Updates = min(o.Updates, o.Servers)
	report, err := sim.Spread(o)
	if err != nil {
		return simError(err)
	}
	out := c.OutOrStdout()
	switch {
	case s.json:
		err = writeDocument(out, report)
	case s.svg:
		err = report.WriteSVG(out)
	default:
		err = report.Write(out)
	}
	if err == nil && !report.Exact() {
		err = errors.New("an update did not cost what the formulas say")
	}
	return err
}
