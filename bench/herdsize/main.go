// Command herdsize follows updates through herds of more and more servers in the
// simulator, and draws what each costs: the messages, beside the formula 2E - (N - 1), and
// the processor time of all servers, the simulator's included. It is a part of make linear.
//
//	go run ./bench/herdsize -out bench/results
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"

	"proxyherd/bench/paired"
	"proxyherd/bench/plots"
	"proxyherd/herd/sim"
)

func main() {
	out := flag.String("out", "bench/results", "the folder that takes the figure, linear-herd.svg")
	flag.Parse()
	if err := run(*out, sizes, messages, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "herdsize:", err)
		os.Exit(1)
	}
}

// sizes are how many servers the herds have.
var sizes = []int{10, 20, 50, 100, 200, 500, 1000, 2000}

// graph has links in proportion to servers: each has four neighbours.
const graph = "regular:4"

// Two runs follow updates, few and many: their difference is the cost of updates without
// that of setting up the herd. Many are as many as have so many messages in all.
const (
	few      = 2
	messages = 100_000
)

// rounds are measured for each size.
const rounds = 3

// cost is what updates cost in herds of one size.
type cost struct {
	servers, links, messages, formula int
	perMessage                        paired.Range // processor time, in us
}

func run(dir string, sizes []int, messages int, out io.Writer) error {
	var costs []cost
	fmt.Fprintln(out, "servers  links  messages  by formula  processor time of a message, us")
	for _, n := range sizes {
		c, err := measure(n, messages)
		if err != nil {
			return fmt.Errorf("%d servers: %w", n, err)
		}
		fmt.Fprintf(out, "%7d  %5d  %8d  %10d  %.1f (%.1f–%.1f)\n", c.servers, c.links, c.messages, c.formula, c.perMessage.Median, c.perMessage.Low, c.perMessage.High)
		costs = append(costs, c)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	path := filepath.Join(dir, "linear-herd.svg")
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	if err := draw(file, costs); err != nil {
		file.Close()
		return err
	}
	fmt.Fprintln(out, path)
	return file.Close()
}

// measure follows updates through a herd. A herd that breaks the formula is an error: its
// cost is that of something else.
func measure(servers, messages int) (cost, error) {
	var perMessage []float64
	var report *sim.SpreadReport
	for range rounds {
		base, used := time.Duration(0), time.Duration(0)
		var err error
		if report, base, err = follow(servers, few); err != nil {
			return cost{}, err
		}
		more := max(1, messages/report.Formula)
		if report, used, err = follow(servers, few+more); err != nil {
			return cost{}, err
		}
		// On a busy machine the few may have taken longer than the many.
		spent := max(0, float64((used - base).Nanoseconds()))
		perMessage = append(perMessage, spent/1e3/float64(more*report.Formula))
	}
	return cost{
		servers: servers, links: report.Links, messages: report.Updates[0].Messages, formula: report.Formula, perMessage: paired.Of(perMessage),
	}, nil
}

// follow follows so many updates, and returns the processor time of all of it.
func follow(servers, updates int) (*sim.SpreadReport, time.Duration, error) {
	before, err := processorTime()
	if err != nil {
		return nil, 0, err
	}
	report, err := sim.Spread(sim.SpreadOptions{Graph: graph, Servers: servers, Seed: 1, Updates: updates, Latency: time.Millisecond})
	if err != nil {
		return nil, 0, err
	}
	after, err := processorTime()
	if err == nil && !report.Exact() {
		err = fmt.Errorf("an update did not take %d messages, or the hops of the graph", report.Formula)
	}
	return report, after - before, err
}

// processorTime is what this process has used.
func processorTime() (time.Duration, error) {
	var used unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &used); err != nil {
		return 0, err
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano()), nil
}

// draw draws both panels.
func draw(w io.Writer, costs []cost) error {
	var counted, formula, spent []plots.Point
	for _, c := range costs {
		x := float64(c.servers)
		counted = append(counted, plots.Point{X: x, Y: float64(c.messages)})
		formula = append(formula, plots.Point{X: x, Y: float64(c.formula)})
		spent = append(spent, plots.Point{X: x, Y: c.perMessage.Median, Low: c.perMessage.Low, High: c.perMessage.High})
	}
	servers := plots.Axis{Label: "servers, each with four neighbours", Log: true}
	return plots.Write(w, plots.SVG,
		plots.Lines{
			Title: "Messages of an update", X: servers, Y: plots.Axis{Label: "messages", Log: true},
			Lines: []plots.Line{{Name: "counted", Points: counted}, {Name: "2E - (N - 1)", Points: formula}},
		},
		plots.Lines{
			Title: "Processor time of all servers for a message, simulator included", X: servers, Y: plots.Axis{Label: "us"},
			Lines: []plots.Line{{Name: "measured", Points: spent}},
		})
}
