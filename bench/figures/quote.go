package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// What a quote can ask for in vain.
var (
	errNoTable  = errors.New("the page has no such table")
	errNoCell   = errors.New("the table has no such row or column")
	errNoChoice = errors.New("of a quote one chooses by rows=, columns= or table=")
)

// quote shows a table of another page, which some command writes. Its words choose:
// rows=A;B those whose first cell is A or B, columns=1,3 the first and the third, and
// table=2 the second table under the heading; _ is a blank.
func quote(w *writer, a ask) (string, error) {
	page, anchor, _ := strings.Cut(a.path, "#")
	text, err := os.ReadFile(filepath.Join(w.root, page))
	if err != nil {
		return "", err
	}
	choice := map[string]string{"table": "1"}
	for _, word := range a.words {
		key, value, found := strings.Cut(word, "=")
		if !found || !slices.Contains([]string{"rows", "columns", "table"}, key) {
			return "", fmt.Errorf("%w, and not by %q", errNoChoice, word)
		}
		choice[key] = strings.ReplaceAll(value, "_", " ")
	}
	tables := tablesUnder(string(text), anchor)
	number, err := strconv.Atoi(choice["table"])
	if err != nil || number < 1 || number > len(tables) {
		return "", fmt.Errorf("%w: %s, of %d", errNoTable, a.path, len(tables))
	}
	rows, err := choose(tables[number-1], choice["rows"], choice["columns"])
	if err != nil {
		return "", err
	}
	var b strings.Builder
	for _, row := range rows {
		b.WriteString("| " + strings.Join(row, " | ") + " |\n")
	}
	from, err := filepath.Rel(w.dir, filepath.Join(w.root, page))
	// A link within the other page leads there now.
	return strings.ReplaceAll(b.String(), "](#", "]("+filepath.ToSlash(from)+"#"), err
}

var notInAnchors = regexp.MustCompile(`[^\p{L}\p{N}_\- ]`)

// anchorOf is a heading as links have it.
func anchorOf(heading string) string {
	return strings.ReplaceAll(notInAnchors.ReplaceAllString(strings.ToLower(heading), ""), " ", "-")
}

// tablesUnder are the tables under a heading, as rows of cells: the head, the line below
// it, and the rest.
func tablesUnder(text, anchor string) (tables [][][]string) {
	within, open := false, false
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "#") {
			within = anchorOf(strings.TrimSpace(strings.TrimLeft(line, "#"))) == anchor
		}
		isRow := within && strings.HasPrefix(line, "|")
		if isRow && !open {
			tables = append(tables, nil)
		}
		if open = isRow; open {
			last := len(tables) - 1
			tables[last] = append(tables[last], cells(line))
		}
	}
	return tables
}

// cells are a row's. An escaped bar ends none.
func cells(row string) (list []string) {
	const bar = "\x00"
	row = strings.ReplaceAll(row, `\|`, bar)
	for _, cell := range strings.Split(strings.Trim(row, "|"), "|") {
		list = append(list, strings.ReplaceAll(strings.TrimSpace(cell), bar, `\|`))
	}
	return list
}

var linked = regexp.MustCompile(`\[(.*?)\]\(.*?\)`)

// seen is a cell's text without its marks.
func seen(cell string) string { return strings.Trim(linked.ReplaceAllString(cell, "$1"), "*`") }

// headed is how many rows a head has, the line below it among them.
const headed = 2

// choose keeps rows by their first cells, in the order asked for, and columns by their
// numbers. Empty keeps all.
func choose(table [][]string, rows, columns string) ([][]string, error) {
	if len(table) < headed {
		return nil, errNoTable
	}
	chosen := table
	if rows != "" {
		chosen = slices.Clone(table[:headed])
		for _, name := range strings.Split(rows, ";") {
			at := slices.IndexFunc(table, func(row []string) bool { return seen(row[0]) == name })
			if at < headed {
				return nil, fmt.Errorf("%w: %q", errNoCell, name)
			}
			chosen = append(chosen, table[at])
		}
	}
	if columns == "" {
		return chosen, nil
	}
	var narrow [][]string
	for _, row := range chosen {
		var kept []string
		for _, number := range strings.Split(columns, ",") {
			at, err := strconv.Atoi(number)
			if err != nil || at < 1 || at > len(row) {
				return nil, fmt.Errorf("%w: column %q", errNoCell, number)
			}
			kept = append(kept, row[at-1])
		}
		narrow = append(narrow, kept)
	}
	return narrow, nil
}
