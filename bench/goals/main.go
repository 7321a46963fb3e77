// Command goals prints what a run of the bench has reached of what is aimed for, from the
// JSON that it wrote:
//
//	go run ./bench/goals bench/results/MACHINE/DATE.json
package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"proxyherd/bench/goals/reached"
	"proxyherd/bench/report"
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "goals:", err)
		os.Exit(1)
	}
}

// run carries out a command line.
func run(args []string, out io.Writer) (err error) {
	if len(args) != 1 {
		return errors.New("give the JSON file of one run of the bench")
	}
	file, err := os.Open(args[0])
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	measured, err := report.Read(file)
	if err != nil {
		return fmt.Errorf("%s: %w", args[0], err)
	}
	return reached.Markdown(out, measured)
}
