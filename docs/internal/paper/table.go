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
	// roomy is how many letters a row may have in one column of the paper.
	roomy = 62
	// flowing is from how many letters on a column of text breaks its lines.
	flowing = 22
)

// table sets a table. Columns of longer texts share what width the others leave.
func (w *setter) table(n *east.Table) (t setTable, err error) {
	var cells []string
	longest := make([]int, len(n.Alignments))
	for row := n.FirstChild(); row != nil; row = row.NextSibling() {
		at := 0
		for c := row.FirstChild(); c != nil; c = c.NextSibling() {
			text, err := w.inline(c)
			if err != nil {
				return t, err
			}
			if row.Kind() == east.KindTableHeader {
				text = "#strong[" + text + "]"
			}
			longest[at] = max(longest[at], letters(c, w.page))
			cells = append(cells, "["+text+"]")
			at++
		}
		if row.Kind() == east.KindTableHeader {
			cells = append(cells, "table.hline(stroke: 0.4pt)")
		}
	}
	var columns, aligns []string
	sum := 0
	for i, n := range n.Alignments {
		sum += min(longest[i], 2*flowing) + 2
		if longest[i] > flowing {
			columns = append(columns, fmt.Sprintf("%dfr", min(longest[i], 4*flowing)))
		} else {
			columns = append(columns, "auto")
		}
		if n == east.AlignRight {
			aligns = append(aligns, "right")
		} else {
			aligns = append(aligns, "left")
		}
	}
	t.wide = sum > roomy
	t.text = fmt.Sprintf("#booktabs((%s,), (%s,), %s)", strings.Join(columns, ", "), strings.Join(aligns, ", "), strings.Join(cells, ", "))
	return t, nil
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
