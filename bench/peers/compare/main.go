// Command compare writes the tables of docs/peers.md: what the servers in other
// languages lack, how many lines each concern takes, what is found before a program
// runs, and what a mistake or a rude client does. It runs each experiment.
//
//	go run ./bench/peers/compare           all of it
//	go run ./bench/peers/compare -counts   the tables that need no server
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
)

// page is the page, from the module's directory.
const page = "docs/peers.md"

func main() {
	counts := flag.Bool("counts", false, "write only the tables that need no server")
	flag.Parse()
	if err := run(".", *counts); err != nil {
		fmt.Fprintln(os.Stderr, "compare:", err)
		os.Exit(1)
	}
}

func run(root string, countsOnly bool) error {
	tables, err := counted(root)
	if err != nil {
		return err
	}
	if !countsOnly {
		if tables["mistakes"], err = mistakesTable(); err != nil {
			return err
		}
		if tables["experiments"], err = experimentsTable(root); err != nil {
			return err
		}
	}
	path := filepath.Join(root, page)
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if text, err = fill(text, tables); err != nil {
		return err
	}
	return os.WriteFile(path, text, 0o644)
}

// counted makes the tables that need no server.
func counted(root string) (map[string]string, error) {
	lines, err := linesTable(root)
	return map[string]string{"lacks": lacksTable(), "lines": lines}, err
}
