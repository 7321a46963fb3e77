// Command figures writes what the bench has measured into pages: no figure of a
// measurement is typed. In a page,
//
//	<!-- figures: summary bench/results/MACHINE/DATE.json -->
//	...
//	<!-- /figures -->
//
// is a block; what stands between is replaced by a table of that report.
//
//	go run ./bench/figures           writes the blocks of all pages
//	go run ./bench/figures -check    only says which are not what they should be
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"proxyherd/bench/report"
	"proxyherd/bench/scaling/scaled"
	"proxyherd/bench/scenario"
)

// ErrStale is a page with a block that is not what its report says.
var ErrStale = errors.New("these pages do not show what was measured; go run ./bench/figures writes them")

// tables are what a block may be, each made of a report's text.
var tables = map[string]func(io.Reader) (string, error){
	"summary":    ofBench(report.Summary),
	"conditions": ofBench(report.ConditionsOf),
}

// ofScaling begins the names of the tables of what make scaling has found.
const ofScaling = "scaling-"

// tableNamed finds a table; nil if there is none of that name.
func tableNamed(name string) func(io.Reader) (string, error) {
	scaling, found := strings.CutPrefix(name, ofScaling)
	table := scaled.Tables[scaling]
	if !found || table == nil {
		return tables[name]
	}
	return func(text io.Reader) (string, error) {
		r, err := scaled.Read(text)
		if err != nil {
			return "", err
		}
		return table(r)
	}
}

// ofBench is a table of what make bench has measured.
func ofBench(table func(*scenario.Report) string) func(io.Reader) (string, error) {
	return func(text io.Reader) (string, error) {
		r, err := report.Read(text)
		if err != nil {
			return "", err
		}
		return table(r), nil
	}
}

func main() {
	check := flag.Bool("check", false, "write nothing, and fail if something would change")
	flag.Parse()
	if err := run(".", *check, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "figures:", err)
		os.Exit(1)
	}
}

// run goes through all pages under root.
func run(root string, check bool, out io.Writer) error {
	var stale []string
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(path) != ".md" {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		filled, err := fill(root, string(text))
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		if filled == string(text) {
			return nil
		}
		stale = append(stale, path)
		if check {
			return nil
		}
		fmt.Fprintln(out, "written:", path)
		return os.WriteFile(path, []byte(filled), 0o644)
	})
	if err == nil && check && len(stale) > 0 {
		err = fmt.Errorf("%w: %s", ErrStale, strings.Join(stale, ", "))
	}
	return err
}

const (
	begins = "<!-- figures: "
	closes = " -->\n"
	ends   = "<!-- /figures -->"
)

// fill replaces what stands in a page's blocks.
func fill(root, page string) (filled string, err error) {
	for {
		before, rest, found := strings.Cut(page, begins)
		filled += before
		if !found {
			return filled, nil
		}
		what, rest, found := strings.Cut(rest, closes)
		if !found {
			return "", fmt.Errorf("the block %q has no end of its first line", what)
		}
		_, rest, found = strings.Cut(rest, ends)
		if !found {
			return "", fmt.Errorf("the block %q does not end: %s is missing", what, ends)
		}
		table, err := block(root, what)
		if err != nil {
			return "", fmt.Errorf("the block %q: %w", what, err)
		}
		filled += begins + what + closes + table + ends
		page = rest
	}
}

// block makes the table that a block's first line names.
func block(root, what string) (string, error) {
	name, path, found := strings.Cut(what, " ")
	table := tableNamed(name)
	if !found || table == nil {
		return "", fmt.Errorf("a block is the name of a table and the path of a report; the tables are %q, and behind %q %q",
			slices.Sorted(maps.Keys(tables)), ofScaling, slices.Sorted(maps.Keys(scaled.Tables)))
	}
	file, err := os.Open(filepath.Join(root, path))
	if err != nil {
		return "", err
	}
	defer file.Close()
	text, err := table(file)
	if err != nil {
		return "", err
	}
	if text == "" {
		return "", fmt.Errorf("%s has nothing of that", path)
	}
	return "\n" + text + "\n", nil
}
