package main

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/yuin/goldmark/ast"
	east "github.com/yuin/goldmark/extension/ast"
)

// setTable is a table as Typst has it.
type setTable struct {
	text string
	wide bool // for one column of the paper
}

const (
	narrowRoom = 62  // letters of a row in one column of the paper
	wideRoom   = 150 // and over both
	flowing    = 24  // of a column of text, from where its lines may break
)

// table sets a table: in one column of the paper if it fits there, with broken lines where
// that is enough.
func (w *setter) table(n *east.Table) (t setTable, err error) {
	var cells []string
	longest := make([]int, len(n.Alignments))
	for row := n.FirstChild(); row != nil; row = row.NextSibling() {
		isHead, at := row.Kind() == east.KindTableHeader, 0
		for c := row.FirstChild(); c != nil; c = c.NextSibling() {
			text, err := w.inline(c)
			if err != nil {
				return t, err
			}
			if isHead {
				text = "#strong[" + text + "]"
			}
			longest[at] = max(longest[at], letters(c, w.page))
			cells = append(cells, "["+text+"]")
			at++
		}
		if isHead {
			cells = append(cells, "table.hline(stroke: 0.4pt)")
		}
	}
	columns, wide := widths(longest)
	t.wide = wide
	t.text = fmt.Sprintf("#booktabs((%s,), (%s,), %s)", strings.Join(columns, ", "), strings.Join(sides(n.Alignments), ", "), strings.Join(cells, ", "))
	return t, nil
}

// widths are the columns', of the longest cells of each: as wide as those, if there is
// room; else columns of longer texts share what the others leave.
func widths(longest []int) (columns []string, wide bool) {
	whole, broken := 0, 0
	for _, n := range longest {
		whole += n + 2
		broken += min(n, flowing) + 2
	}
	wide = broken > narrowRoom
	share := whole > narrowRoom && !wide || whole > wideRoom
	for _, n := range longest {
		if share && n > flowing {
			columns = append(columns, fmt.Sprintf("%dfr", min(n, 4*flowing)))
		} else {
			columns = append(columns, "auto")
		}
	}
	return columns, wide
}

func sides(alignments []east.Alignment) (list []string) {
	for _, a := range alignments {
		if a == east.AlignRight {
			list = append(list, "right")
		} else {
			list = append(list, "left")
		}
	}
	return list
}

// letters is how many letters of a node are seen.
func letters(n ast.Node, page []byte) (sum int) {
	// The visitor returns no error, so that Walk has none.
	_ = ast.Walk(n, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if t, ok := n.(*ast.Text); ok && entering {
			sum += utf8.RuneCount(t.Value(page))
		}
		return ast.WalkContinue, nil
	})
	return sum
}
