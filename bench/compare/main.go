// Command compare measures servers beside each other, in rounds, and leaves tables and
// figures: what make bench-quick, make bench, make bench-full and make experiments run.
//
//	go run ./bench/compare -size quick
//	go run ./bench/compare -size standard -scenario throughput,churn -peer c,reactor
//	go run ./bench/compare -size full -resume bench/results/MACHINE/DATE.json
//	go run ./bench/compare -agree ONE.json OTHER.json
//	go run ./bench/compare -pages bench/results/MACHINE/DATE.json
//	go run ./bench/compare -list
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"proxyherd/bench/goals/reached"
	"proxyherd/bench/peers"
	"proxyherd/bench/report"
	"proxyherd/bench/scenario"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		if !errors.Is(err, flag.ErrHelp) {
			fmt.Fprintln(os.Stderr, "compare:", err)
		}
		os.Exit(1)
	}
}

// run carries out a command line.
func run(ctx context.Context, args []string, out, progress io.Writer) (err error) {
	flags := flag.NewFlagSet("compare", flag.ContinueOnError)
	flags.SetOutput(progress)
	size := flags.String("size", "standard", "how much is measured: quick, standard, full, linear or report")
	only := flags.String("scenario", "", "play these scenarios alone, with commas between them")
	wanted := flags.String("peer", "", "measure these peers alone, with commas between them")
	results := flags.String("results", "bench/results", "the folder that takes the results")
	resume := flags.String("resume", "", "the JSON of a run that ended early: the scenarios that it has are not played again")
	agreement := flags.Bool("agree", false, "compare two runs, whose JSON is given: do they agree about every ratio?")
	pages := flags.Bool("pages", false, "write the pages and figures of runs anew, whose JSON is given")
	list := flags.Bool("list", false, "list the sizes, the scenarios and the peers")
	if err := flags.Parse(args); err != nil {
		return err
	}
	switch {
	case *list:
		return writeList(out)
	case *agreement:
		return agree(out, flags.Args())
	case *pages:
		return writePages(out, *results, flags.Args())
	case flags.NArg() > 0:
		return fmt.Errorf("%q: nothing but flags is taken here", flags.Args())
	}
	root, err := moduleRoot(ctx)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "herd-bench-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	began := time.Now()
	r := scenario.Runner{
		Place: peers.Place{Root: root, Bin: filepath.Join(root, "bin", "bench")},
		Dir:   dir, Size: *size, Only: words(*only), Peers: words(*wanted), Null: true,
		Tell: func(line string) { fmt.Fprintf(progress, "%4.0fs  %s\n", time.Since(began).Seconds(), line) },
	}
	if *resume != "" {
		if r.Before, err = read(*resume); err != nil {
			return err
		}
	}
	var paths []string
	r.Keep = func(measured *scenario.Report) (err error) {
		paths, err = report.Write(*results, measured)
		return err
	}
	measured, err := r.Run(ctx)
	if err != nil {
		if len(paths) > 0 {
			err = fmt.Errorf("%w\nwhat was measured before is in %s; -resume with its .json goes on", err, paths[0])
		}
		return err
	}
	if len(paths) == 0 {
		return errors.New("nothing was left to play")
	}
	page, err := os.ReadFile(paths[0])
	if err != nil {
		return err
	}
	goals, paths, err := reached.Beside(paths, measured)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%s\n%s\nWritten after %v:\n", page, goals, time.Since(began).Round(time.Second))
	tellWritten(out, paths)
	return nil
}

// writePages writes what a run writes, from the JSON that it left: when how it is judged
// or shown has changed since.
func writePages(out io.Writer, results string, runs []string) error {
	if len(runs) == 0 {
		return errors.New("-pages takes the JSON of runs")
	}
	for _, path := range runs {
		measured, err := read(path)
		if err != nil {
			return err
		}
		paths, err := report.Write(results, measured)
		if err != nil {
			return err
		}
		if _, paths, err = reached.Beside(paths, measured); err != nil {
			return err
		}
		tellWritten(out, paths)
	}
	return nil
}

func tellWritten(out io.Writer, paths []string) {
	for _, path := range paths {
		fmt.Fprintln(out, " ", path)
	}
}

// read reads the JSON of a run.
func read(path string) (*scenario.Report, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return report.Read(file)
}

// words are what stands between commas.
func words(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' })
}

// moduleRoot is the folder of the sources: this program builds what it measures.
func moduleRoot(ctx context.Context) (string, error) {
	out, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}").Output()
	if err != nil {
		return "", fmt.Errorf("finding the module's folder (run this in it): %w", err)
	}
	return strings.TrimSpace(string(out)), nil
}

func writeList(out io.Writer) error {
	sizes, err := scenario.Sizes()
	if err != nil {
		return err
	}
	scenarios, err := scenario.All()
	if err != nil {
		return err
	}
	all, err := peers.All()
	if err != nil {
		return err
	}
	fmt.Fprintln(out, "sizes")
	for _, name := range []string{"quick", "standard", "full", "linear", "report"} {
		fmt.Fprintf(out, "  %-23s %s\n", name, sizes[name].About)
	}
	fmt.Fprintln(out, "scenarios")
	for _, s := range scenarios {
		fmt.Fprintf(out, "  %-23s %s\n", s.Name, s.Title)
	}
	fmt.Fprintln(out, "peers")
	for _, p := range all {
		dialect := ""
		if p.Dialect != "" {
			dialect = "; takes reports as " + p.Dialect
		}
		fmt.Fprintf(out, "  %-23s %s; speaks %s%s\n", p.Name, p.Title, strings.Join(p.Speaks, ", "), dialect)
	}
	return nil
}
