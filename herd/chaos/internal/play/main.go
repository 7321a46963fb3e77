// Play lets a herd of five real processes fight with whatever can happen to processes,
// networks, disks and clients, and looks what has become of what they promise.
//
//	go run ./herd/chaos/internal/play -binary bin/herd -time 1m
//
// It exits with 0 if all was kept and every fault has struck that the machine can run,
// and with 1 if not.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"proxyherd/herd/chaos/fault"
	"proxyherd/herd/chaos/stage"
)

// options are the flags.
type options struct {
	binary, design, journal, dir, only string
	length                             time.Duration
	seed                               uint64
	rate                               int
	loopback, plan, verbose            bool

	grounded string // why there are no namespaces, if this process is not enclosed
}

func main() {
	var o options
	flag.StringVar(&o.binary, "binary", "bin/herd", "the program that the servers are")
	flag.StringVar(&o.design, "design", "reactor", "how they are built: "+strings.Join(stage.Designs, ", "))
	flag.StringVar(&o.journal, "journal", "none", "whether they have journals, and when these are safe: "+strings.Join(stage.Journals, ", "))
	flag.DurationVar(&o.length, "time", time.Minute, "how long the herd is hurt")
	flag.Uint64Var(&o.seed, "seed", 0, "what the plan and the load are drawn from (0: the time)")
	flag.IntVar(&o.rate, "rate", 600, "reports a second, if the servers keep up")
	flag.StringVar(&o.only, "only", "", "the faults to play, by commas (empty: all)")
	flag.StringVar(&o.dir, "dir", "", "where configs and logs are kept (empty: a new place, which is removed if all went well)")
	flag.BoolVar(&o.loopback, "loopback", false, "make no namespaces, even if that could be done")
	flag.BoolVar(&o.plan, "plan", false, "print the plan, and do not carry it out")
	flag.BoolVar(&o.verbose, "v", false, "tell each strike")
	flag.Parse()
	os.Exit(o.main())
}

// main returns the exit code.
func (o *options) main() int {
	o.grounded = "-loopback was asked for"
	if !o.loopback && !stage.Enclosed() {
		code, err := stage.Enclose()
		if err == nil {
			return code
		}
		o.grounded = err.Error()
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	ok, err := o.run(ctx, os.Stdout)
	if err != nil {
		fmt.Fprintf(os.Stderr, "chaos: %v\n", err)
	}
	if err != nil || !ok {
		return 1
	}
	return 0
}

// faults are those that the flags ask for.
func (o *options) faults() ([]fault.Fault, error) {
	some, unknown := fault.Named(fault.All(), o.only)
	if unknown != "" {
		return nil, fmt.Errorf("there is no fault %q", unknown)
	}
	return some, nil
}

// prepare makes the place for what is written, and returns what removes it again if
// all went well.
func (o *options) prepare(w io.Writer) (remove func(ok bool), err error) {
	if o.seed == 0 {
		o.seed = uint64(time.Now().UnixNano())
	}
	if o.dir != "" {
		return func(bool) {}, os.MkdirAll(o.dir, 0o755)
	}
	if o.dir, err = os.MkdirTemp("", "herd-chaos-"); err != nil {
		return nil, err
	}
	return func(ok bool) {
		if ok {
			_ = os.RemoveAll(o.dir) // what is left of it is in a place for such
			return
		}
		fmt.Fprintf(w, "configs and logs are in %s\n", o.dir)
	}, nil
}
