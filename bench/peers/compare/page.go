package main

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"proxyherd/bench/peers/peer"
)

// errNoPlace is a table for which the page has no place.
var errNoPlace = errors.New("the page has no place for a table")

// fill puts tables where the page has <!-- table NAME --> and <!-- end -->.
func fill(text []byte, tables map[string]string) ([]byte, error) {
	for _, name := range slices.Sorted(maps.Keys(tables)) {
		place := regexp.MustCompile(`(?s)(<!-- table ` + name + ` -->\n).*?(<!-- end -->)`)
		if !place.Match(text) {
			return nil, fmt.Errorf("%w: it wants <!-- table %s --> and <!-- end -->", errNoPlace, name)
		}
		text = place.ReplaceAllFunc(text, func(found []byte) []byte {
			m := place.FindSubmatch(found)
			return slices.Concat(m[1], []byte(tables[name]), m[2])
		})
	}
	return text, nil
}

// table writes rows as Markdown; the first is the header.
func table(rows [][]string) string {
	var b strings.Builder
	for i, row := range rows {
		b.WriteString("| " + strings.Join(row, " | ") + " |\n")
		if i == 0 {
			b.WriteString(strings.Repeat("|---", len(row)) + "|\n")
		}
	}
	return b.String()
}

// lacksTable has a column for each server.
func lacksTable(string) (string, error) {
	header := []string{"ours"}
	for _, p := range peer.All() {
		header = append(header, p.Name)
	}
	rows := [][]string{header}
	for _, l := range peer.Lacks() {
		row := []string{l.What}
		for _, p := range peer.All() {
			why := l.Who[p.Name]
			if why == "" {
				why = "does it"
			}
			row = append(row, why)
		}
		rows = append(rows, row)
	}
	return table(rows), nil
}
