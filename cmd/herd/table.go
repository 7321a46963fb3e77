package main

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxCell is how many characters a cell may have: what comes from elsewhere must
// not fill the screen.
const maxCell = 200

// table lines up columns. Where a row ends early, its last cell may run on below
// the columns that follow: that is how a row says that there is nothing to fill in.
// (text/tabwriter would begin the columns anew after such a row.)
//
// Nothing in a cell reaches the terminal but what can be seen there.
type table struct{ rows [][]string }

func (t *table) row(cells ...string) {
	for i, cell := range cells {
		cells[i] = visible(cell)
	}
	t.rows = append(t.rows, cells)
}

// note adds a line about the row above.
func (t *table) note(text string) { t.row("  " + text) }

// String returns the lines, each with its end.
func (t *table) String() string {
	var widths []int
	for _, row := range t.rows {
		for i, cell := range row[:len(row)-1] {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	var b strings.Builder
	for _, row := range t.rows {
		last := len(row) - 1
		for i, cell := range row[:last] {
			b.WriteString(cell)
			b.WriteString(strings.Repeat(" ", widths[i]+2-utf8.RuneCountInString(cell)))
		}
		b.WriteString(row[last] + "\n")
	}
	return b.String()
}

// visible returns text with escapes in place of what a terminal would not show
// but do, and cut where it is too long for a cell.
func visible(text string) string {
	var b strings.Builder
	for n := 0; text != ""; n++ {
		if n == maxCell {
			return b.String() + "..."
		}
		r, size := utf8.DecodeRuneInString(text)
		part := text[:size]
		if r == utf8.RuneError && size == 1 || !strconv.IsPrint(r) {
			part = strings.Trim(strconv.Quote(part), `"`)
		}
		b.WriteString(part)
		text = text[size:]
	}
	return b.String()
}
