package scaled

import (
	"fmt"
	"strings"

	"proxyherd/bench/paired"
	"proxyherd/bench/scenario"
)

// table is a table of Markdown.
type table struct{ b strings.Builder }

// newTable begins one. The first columns are of texts, and the others of numbers.
func newTable(texts int, columns ...string) *table {
	t := &table{}
	t.row(columns...)
	for i := range columns {
		if i < texts {
			t.b.WriteString("|---")
		} else {
			t.b.WriteString("|---:")
		}
	}
	t.b.WriteString("|\n")
	return t
}

func (t *table) row(cells ...string) {
	fmt.Fprintf(&t.b, "| %s |\n", strings.Join(cells, " | "))
}

// note adds a paragraph behind the table.
func (t *table) note(format string, args ...any) { fmt.Fprintf(&t.b, "\n"+format+"\n", args...) }

func (t *table) String() string { return t.b.String() }

const nothing = "–"

// count is a whole number.
func count(n int) string { return scenario.Grouped(n) }

// ranged is the median of the rounds and their range.
func ranged(r paired.Range) string {
	if r.Low == r.High {
		return scenario.Short(r.Median)
	}
	return fmt.Sprintf("%s (%s–%s)", scenario.Short(r.Median), scenario.Short(r.Low), scenario.Short(r.High))
}

// title is what a design is called for people.
func title(design string) string {
	if design == "goroutine" {
		return "goroutines"
	}
	return design
}

// regimes are what the regimes are called in a table.
var regimes = map[Regime]string{Alone: "one by one", Dense: "as many as go"}
