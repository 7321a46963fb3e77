// Package tables writes tables into pages of the docs, where these have a place for them.
package tables

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// ErrNoPlace is a table for which the page has no place.
var ErrNoPlace = errors.New("the page has no place for a table")

// Fill puts tables where the page has <!-- table NAME --> and <!-- end -->.
func Fill(text []byte, tables map[string]string) ([]byte, error) {
	for _, name := range slices.Sorted(maps.Keys(tables)) {
		place := regexp.MustCompile(`(?s)(<!-- table ` + name + ` -->\n).*?(<!-- end -->)`)
		if !place.Match(text) {
			return nil, fmt.Errorf("%w: it wants <!-- table %s --> and <!-- end -->", ErrNoPlace, name)
		}
		text = place.ReplaceAllFunc(text, func(found []byte) []byte {
			m := place.FindSubmatch(found)
			return slices.Concat(m[1], []byte(tables[name]), m[2])
		})
	}
	return text, nil
}

// Table writes rows as Markdown; the first is the header.
func Table(rows [][]string) string {
	var b strings.Builder
	for i, row := range rows {
		b.WriteString("| " + strings.Join(row, " | ") + " |\n")
		if i == 0 {
			b.WriteString(strings.Repeat("|---", len(row)) + "|\n")
		}
	}
	return b.String()
}
