// Command fence tells what it took to join a second service, a geofence, to a server of
// the herd in Twisted, on our reactor, in goroutines and in Node.js: how many lines, who
// finds a mistake, and what it costs the clients that were there before. It keeps what it
// finds in bench/results, and writes the tables of docs/geofence.md.
//
//	go run ./bench/experiments/fence                   all of it, some five minutes
//	go run ./bench/experiments/fence -parts counts     what needs no server, anew
//
// What is left out stays as the newest result has it. This package's tests play the same
// scripts on all four.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// parts are what can be done.
var parts = []string{"counts", "mistakes", "speed"}

// errNoPart is a part that there is not.
var errNoPart = errors.New("there is no such part")

func main() {
	which := flag.String("parts", strings.Join(parts, ","), "what to do anew, with commas between")
	machine := flag.String("machine", "amd-epyc-2-cores", "the machine, as its folder in bench/results is called")
	mistake := flag.String("mistake", "", "with the part mistakes: make this one alone, as the table calls it")
	flag.Parse()
	if err := run(context.Background(), ".", *machine, strings.Split(*which, ","), *mistake); err != nil {
		fmt.Fprintln(os.Stderr, "fence:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, root, machine string, which []string, mistake string) error {
	for _, part := range which {
		if !slices.Contains(parts, part) {
			return fmt.Errorf("%w: %q is none of %q", errNoPart, part, parts)
		}
	}
	r, path, err := newest(root)
	if err != nil && !errors.Is(err, errNoResult) {
		return err
	}
	if path == "" || len(which) == len(parts) {
		r = result{When: time.Now().UTC(), Machine: machine, Versions: versions()}
		path = filepath.Join(root, results, machine, r.When.Format("2006-01-02-1504")+"-fence.json")
	}
	if slices.Contains(which, "counts") {
		if r.Counts, err = countAll(root); err != nil {
			return err
		}
	}
	if slices.Contains(which, "mistakes") {
		if r.Mistakes, err = findAll(root, mistake, r.Mistakes); err != nil {
			return err
		}
	}
	// Last: from there on this process has one core.
	if slices.Contains(which, "speed") {
		if r.Speed, err = measureAll(ctx, root); err != nil {
			return err
		}
	}
	return r.keep(root, path)
}
