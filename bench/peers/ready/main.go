// Command ready says which of the servers in other languages, and of the programs that
// the bench compares with, can be run on this machine, with what, and what is missing;
// and builds those that must be built, into bin/peers. It ends with status 1 if something is missing.
//
//	go run ./bench/peers/ready              says it
//	go run ./bench/peers/ready -packages    only names Debian's packages that are missing
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"proxyherd/bench/peers"
	"proxyherd/bench/peers/peer"
)

// built is where servers are built, from the module's directory.
const built = "bin/peers"

// errMissing says that there is less than all of them.
var errMissing = errors.New("not all of them can be run here; make peers as root installs Debian's packages for them")

func main() {
	packages := flag.Bool("packages", false, "only name the packages that are missing")
	flag.Parse()
	if err := run(os.Stdout, ".", *packages); err != nil {
		fmt.Fprintln(os.Stderr, "ready:", err)
		os.Exit(1)
	}
}

func run(out io.Writer, root string, packages bool) (err error) {
	for _, p := range peer.All() {
		start, missing := p.Program(root, built)
		switch {
		case missing != nil && packages:
			fmt.Fprintln(out, p.Package)
		case missing != nil:
			fmt.Fprintf(out, "%-8s missing: %v\n", p.Name, missing)
			err = errMissing
		case !packages:
			if err := p.Build(root, built); err != nil {
				return err
			}
			fmt.Fprintf(out, "%-8s %s\n         %s\n", p.Name, p.What, strings.Join(start("NAME", "herd.json"), " "))
		}
	}
	return errors.Join(yardsticks(out, packages), err)
}

// yardsticks does the same for programs that are neither ours nor built here.
func yardsticks(out io.Writer, packages bool) (err error) {
	all, err := peers.All()
	if err != nil {
		return err
	}
	seen := map[string]bool{}
	for _, p := range all {
		if p.Package == "" || seen[p.Package] {
			continue
		}
		seen[p.Package] = true
		path, missing := p.Outside()
		switch {
		case missing != nil && packages:
			fmt.Fprintln(out, p.Package)
		case missing != nil:
			fmt.Fprintf(out, "%-8s missing: %v\n", p.Package, missing)
			err = errMissing
		case !packages:
			fmt.Fprintf(out, "%-8s for the bench\n         %s\n", p.Package, path)
		}
	}
	return err
}
