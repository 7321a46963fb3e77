// Command oracle plays the same random scenarios on Twisted and on ours, and
// compares what happened, event for event.
//
// A scenario is a script made from a seed (package scenario); each family has
// its own kind of script. The first difference is shrunk to a script that
// nothing can be taken from, and printed with both transcripts.
//
// Twisted is played by the Python program in the folder twisted, with the
// interpreter that TWISTED_PYTHON names, else python3 or /usr/bin/python3,
// whichever has Twisted. Where none has, ours is compared with what Twisted
// made of the scripts in testdata, and the rest is "not run". With 13.2.0 in
// place of Debian's 22.4.0 the differences between the two vanish too.
//
// The exit code is 1 after a difference, 2 if it could not be found out, and 3
// if Twisted was required and is missing.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	"proxyherd/reactor/internal/oracle/scenario"
)

func main() {
	c := config{families: families}
	flag.IntVar(&c.scenarios, "scenarios", 5000, "how many scenarios, over all families")
	flag.Uint64Var(&c.seed, "seed", 1, "the first scenario's seed; each further one has the next")
	flag.StringVar(&c.family, "family", "", "play this family only")
	flag.IntVar(&c.repeat, "repeat", 1, "play each scenario so many times on both sides")
	flag.BoolVar(&c.stats, "stats", false, "print how often each kind of statement and event occurred")
	flag.BoolVar(&c.require, "require", false, "fail without Twisted")
	flag.BoolVar(&c.golden, "golden", false, "write the transcripts that Twisted gives now to the folder of -testdata")
	flag.StringVar(&c.testdata, "testdata", "reactor/internal/oracle/testdata", "the folder of recorded transcripts")
	flag.Parse()
	err := run(c, os.Stdout)
	if err != nil {
		fmt.Fprintln(os.Stderr, "oracle:", err)
	}
	os.Exit(exitCode(err))
}

// config is what the command line says.
type config struct {
	families               []scenario.Family
	scenarios, repeat      int
	seed                   uint64
	family                 string
	stats, require, golden bool
	testdata               string
}

// What run can return.
var (
	errDifferent = errors.New("ours and Twisted differ: see above")
	errMissing   = errors.New("no Python with Twisted was found: install Debian's with `make oracle-install` (apt-get install python3-twisted), or name one that has it in TWISTED_PYTHON")
	errUnknown   = errors.New("there is no such family")
	errCount     = errors.New("-scenarios and -repeat must be at least 1")
)

func exitCode(err error) int {
	switch {
	case err == nil:
		return 0
	case errors.Is(err, errDifferent):
		return 1
	case errors.Is(err, errMissing):
		return 3
	}
	return 2
}

// run does all of the command's work. What it finds goes to out.
func run(c config, out io.Writer) error {
	if c.scenarios < 1 || c.repeat < 1 {
		return errCount
	}
	chosen, err := choose(c.families, c.family)
	if err != nil {
		return err
	}
	t, err := findTwisted()
	if errors.Is(err, errMissing) && !c.require && !c.golden {
		fmt.Fprintf(out, "%v.\nWithout it, ours is compared with the transcripts in %s.\n\n", err, c.testdata)
		return runRecorded(c, chosen, out)
	}
	if err != nil {
		return err
	}
	defer t.stop()
	fmt.Fprintf(out, "Twisted %s on Python %s (%s)\n\n", t.version, t.python, t.interpreter)
	if c.golden {
		return record(c, chosen, t)
	}
	return runLive(c, chosen, t, out)
}

func choose(all []scenario.Family, name string) ([]scenario.Family, error) {
	if name == "" {
		return all, nil
	}
	for _, f := range all {
		if f.Name == name {
			return []scenario.Family{f}, nil
		}
	}
	return nil, fmt.Errorf("-family %s: %w", name, errUnknown)
}
