package main

import (
	"fmt"
	"io/fs"
	"regexp"
	"strconv"
	"strings"
)

// The words with which a row says how it is with a name; the last two are
// followed by a colon and a reason.
const (
	same      = "same"
	different = "different"
	notPorted = "not ported"
)

// row is what the map says of one of Twisted's names.
type row struct {
	place    string // file:line of the page
	module   string
	lines    []int    // where the module defines the names
	names    []string // Factory.doStart; several if one thing is to be said of all
	goNames  []string // factories.Factory.DoStart; none where it is not ported
	goFiles  []string // factories/factory.go
	embedded bool     // the Go names are those of embedded types
	how      string   // same, different or not ported
	reason   string
}

// mapHeader and oursHeader are the first lines of the tables that are read.
const (
	mapHeader  = "| line | Twisted | here | in | how |"
	oursHeader = "| name | what |"
)

// ours is a name that only we have, with what the page says of it.
type ours struct{ place, goName, what string }

var quoted = regexp.MustCompile("`([^`]+)`")

// embedded follows names that a type has from one that it embeds.
const embedded = " (embedded)"

// readMap reads the tables of the map: those below a heading that is a module.
func readMap(files fs.FS, path string) (rows []row, err error) {
	err = eachTable(files, path, mapHeader, func(place, heading string, cells []string) error {
		r := row{place: place, module: heading, names: quotedNames(cells[1])}
		for _, number := range strings.Split(cells[0], ", ") {
			line, err := strconv.Atoi(number)
			if err != nil {
				return fmt.Errorf("%s: the line: %w", place, err)
			}
			r.lines = append(r.lines, line)
		}
		names, isEmbedded := strings.CutSuffix(cells[2], embedded)
		r.embedded = isEmbedded
		r.goNames = quotedNames(names)
		if cells[3] != "" {
			r.goFiles = strings.Split(cells[3], ", ")
		}
		r.how, r.reason, _ = strings.Cut(cells[4], ":")
		r.reason = strings.TrimSpace(r.reason)
		rows = append(rows, r)
		return nil
	})
	return rows, err
}

// readOurs reads the table of the names that Twisted has not.
func readOurs(files fs.FS, path string) (all []ours, err error) {
	err = eachTable(files, path, oursHeader, func(place, _ string, cells []string) error {
		for _, name := range quotedNames(cells[0]) {
			all = append(all, ours{place, name, cells[1]})
		}
		return nil
	})
	return all, err
}

// eachTable calls do for each row of the tables with that header, with the
// heading above it.
func eachTable(files fs.FS, path, header string, do func(place, heading string, cells []string) error) error {
	content, err := fs.ReadFile(files, path)
	if err != nil {
		return fmt.Errorf("reading the map of names: %w", err)
	}
	columns := len(cellsOf(header))
	heading, inTable := "", false
	for i, line := range strings.Split(string(content), "\n") {
		place := fmt.Sprintf("%s:%d", path, i+1)
		switch {
		case strings.HasPrefix(line, "## "):
			heading = strings.TrimPrefix(line, "## ")
		case line == header:
			inTable = true
		case !strings.HasPrefix(line, "|"):
			inTable = false
		case !inTable || strings.HasPrefix(line, "|-"):
		default:
			cells := cellsOf(line)
			if len(cells) != columns {
				return fmt.Errorf("%s: %d cells, want %d: %s", place, len(cells), columns, header)
			}
			if err := do(place, heading, cells); err != nil {
				return err
			}
		}
	}
	return nil
}

// cellsOf takes a line of a table apart.
func cellsOf(line string) []string {
	line = strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(line), "|"), "|")
	cells := strings.Split(line, "|")
	for i := range cells {
		cells[i] = strings.TrimSpace(cells[i])
	}
	return cells
}

func quotedNames(cell string) (names []string) {
	for _, m := range quoted.FindAllStringSubmatch(cell, -1) {
		names = append(names, m[1])
	}
	return names
}
