package main

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
)

const preamble = `# Conformance to Twisted 13.2.0

Written by ` + "`make conformance`" + ` from the tables in docs/conformance, after it has
seen every test of ours that is named here pass. Change the tables, not this file.

Each row is one of the tests that Twisted has for the parts that this project
mirrors, with the test of ours that shows the same behaviour.

- passing: the same behaviour.
- adapted: the same behaviour in Go's shape; the note says what was adapted.
- different: another behaviour, on purpose. The note says why, and the test shows what happens instead.
- not-ported: nothing of it is here, for the reason in the note.

`

// report is the whole of docs/conformance.md. The same tables give the same
// bytes.
func (t tables) report() []byte {
	var b bytes.Buffer
	b.WriteString(preamble)
	t.writeSummary(&b)
	for _, area := range t.areas() {
		t.writeArea(&b, area)
	}
	t.writeRules(&b)
	return b.Bytes()
}

// areas are those that have rows, each once, sorted.
func (t tables) areas() []string {
	var areas []string
	for _, r := range t.rows {
		areas = append(areas, r.area)
	}
	slices.Sort(areas)
	return slices.Compact(areas)
}

func (t tables) writeSummary(b *bytes.Buffer) {
	type count struct{ area, status string }
	counts := map[count]int{}
	for _, r := range t.rows {
		for _, area := range []string{r.area, "all"} {
			counts[count{area, r.status}]++
			counts[count{area, "total"}]++
		}
	}
	columns := append(slices.Clone(statuses), "total")
	fmt.Fprintf(b, "| area | %s |\n|---|%s\n", strings.Join(columns, " | "), strings.Repeat("--:|", len(columns)))
	for _, area := range append(t.areas(), "all") {
		name := area
		if area != "all" {
			name = fmt.Sprintf("[%s](#%s)", area, area)
		}
		fmt.Fprintf(b, "| %s |", name)
		for _, status := range columns {
			fmt.Fprintf(b, " %d |", counts[count{area, status}])
		}
		b.WriteByte('\n')
	}
	shown := 0
	for _, r := range t.rules {
		if r.goTest != "" {
			shown++
		}
	}
	fmt.Fprintf(b, "\nBesides, %d of %d [rules](#rules) that were read from Twisted's source have a test.\n", shown, len(t.rules))
}

func (t tables) writeArea(b *bytes.Buffer, area string) {
	fmt.Fprintf(b, "\n## %s\n", area)
	class := ""
	for _, r := range t.byClass(area) {
		if is := r.module + "." + r.class; is != class {
			class = is
			fmt.Fprintf(b, "\n### %s\n\n| Twisted's test | status | our test | note |\n|---|---|---|---|\n", class)
		}
		fmt.Fprintf(b, "| %s | %s | %s | %s |\n", cell(r.test), r.status, test(r.goTest), cell(r.note))
	}
}

// byClass is an area's rows, those of one class together: classes are in the
// order in which they first appear, and so are the rows of each.
func (t tables) byClass(area string) []row {
	first := map[string]int{}
	var rows []row
	for i, r := range t.rows {
		if r.area != area {
			continue
		}
		if _, seen := first[r.module+r.class]; !seen {
			first[r.module+r.class] = i
		}
		rows = append(rows, r)
	}
	slices.SortStableFunc(rows, func(a, b row) int { return first[a.module+a.class] - first[b.module+b.class] })
	return rows
}

func (t tables) writeRules(b *bytes.Buffer) {
	b.WriteString("\n## Rules\n\nThe rules that were read from Twisted's source, by their numbers.\n")
	table := ""
	for _, r := range t.rules {
		if r.table != table {
			table = r.table
			fmt.Fprintf(b, "\n### Rules of %s\n\n| rule | our test | note |\n|---|---|---|\n", table)
		}
		fmt.Fprintf(b, "| %s | %s | %s |\n", r.id, test(r.goTest), cell(r.note))
	}
}

// cell makes text fit for a table's cell.
func cell(text string) string {
	return strings.NewReplacer("|", `\|`, "*", `\*`, "_", `\_`, "<", "&lt;").Replace(text)
}

// test shows a test of ours without the module's name.
func test(goTest string) string {
	if goTest == "" {
		return ""
	}
	_, short, _ := strings.Cut(goTest, "/")
	return "`" + strings.ReplaceAll(short, "|", `\|`) + "`"
}
