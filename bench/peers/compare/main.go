// Command compare writes the tables of docs/peers.md: what the servers in other
// languages lack, how many lines each concern takes, what is found before a program
// runs, and what a mistake or a rude client does. It runs each experiment.
//
//	go run ./bench/peers/compare                       all of it
//	go run ./bench/peers/compare -tables lacks,lines   those that need no server
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"proxyherd/bench/peers/tables"
)

// page is the page, from the module's directory.
const page = "docs/peers.md"

// makers make the tables, from the module's directory.
var makers = []struct {
	name string
	make func(root string) (string, error)
}{
	{"lacks", lacksTable},
	{"lines", linesTable},
	{"mistakes", mistakesTable},
	{"experiments", experimentsTable},
}

// errUnknownTable is a table that nobody makes.
var errUnknownTable = errors.New("there is no such table")

func main() {
	var names []string
	for _, m := range makers {
		names = append(names, m.name)
	}
	which := flag.String("tables", strings.Join(names, ","), "which tables to write")
	flag.Parse()
	if err := run(".", strings.Split(*which, ",")); err != nil {
		fmt.Fprintln(os.Stderr, "compare:", err)
		os.Exit(1)
	}
}

func run(root string, names []string) error {
	made, err := makeTables(root, names)
	if err != nil {
		return err
	}
	path := filepath.Join(root, page)
	text, err := os.ReadFile(path)
	if err == nil {
		text, err = tables.Fill(text, made)
	}
	if err != nil {
		return err
	}
	return os.WriteFile(path, text, 0o644)
}

// makeTables returns the tables of these names.
func makeTables(root string, names []string) (map[string]string, error) {
	made := map[string]string{}
	for _, m := range makers {
		if !slices.Contains(names, m.name) {
			continue
		}
		text, err := m.make(root)
		if err != nil {
			return nil, fmt.Errorf("the table %s: %w", m.name, err)
		}
		made[m.name] = text
	}
	if len(made) != len(names) {
		return nil, fmt.Errorf("%w: of %q only %d are known", errUnknownTable, names, len(made))
	}
	return made, nil
}
