package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

var (
	listHeader = []string{"area", "module", "class", "test", "behaviour", "applies", "why_not"}
	rowHeader  = []string{"area", "module", "class", "test", "status", "go_test", "note"}
	ruleHeader = []string{"rule", "go_test", "note"}
)

// The statuses that a row can have, in the order in which they are counted.
const (
	passing   = "passing"    // the same behaviour
	adapted   = "adapted"    // the same behaviour in Go's shape
	different = "different"  // another on purpose, which its test shows
	notPorted = "not-ported" // nothing to show, for the reason in the note
)

var statuses = []string{passing, adapted, different, notPorted}

// key names one of Twisted's tests.
type key struct{ area, module, class, test string }

func (k key) String() string { return strings.Join([]string{k.area, k.module, k.class, k.test}, " ") }

// row is what is said of one of Twisted's tests.
type row struct {
	key
	status, goTest, note string
	place                string // file:line
}

// rule is what is said of one rule.
type rule struct {
	table, id, goTest, note string
	place                   string
}

// tables is everything that is said, in the order of the files' names and of
// the lines in each.
type tables struct {
	rows  []row
	rules []rule
}

// readTables reads the *.tsv files of dir; those named rules-*.tsv have rules.
func readTables(dir string) (tables, error) {
	var t tables
	files, err := filepath.Glob(filepath.Join(dir, "*.tsv"))
	if err != nil {
		return t, fmt.Errorf("looking for tables in %s: %w", dir, err)
	}
	if len(files) == 0 {
		return t, fmt.Errorf("there is no table in %s: run this at the root of the module, or say -tables", dir)
	}
	slices.Sort(files)
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".tsv")
		table, ofRules := strings.CutPrefix(name, "rules-")
		header := rowHeader
		if ofRules {
			header = ruleHeader
		}
		lines, err := readTSV(file, header)
		if err != nil {
			return t, err
		}
		for _, l := range lines {
			f := l.fields
			if ofRules {
				t.rules = append(t.rules, rule{table, f[0], f[1], f[2], l.place})
			} else {
				t.rows = append(t.rows, row{key{f[0], f[1], f[2], f[3]}, f[4], f[5], f[6], l.place})
			}
		}
	}
	return t, nil
}

// line is one line of a file, and where it is: file:line.
type line struct {
	place  string
	fields []string
}

// readTSV reads the lines below a header, each with as many fields.
func readTSV(path string, header []string) ([]line, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var lines []line
	for i, text := range strings.Split(strings.TrimSuffix(string(content), "\n"), "\n") {
		place := fmt.Sprintf("%s:%d", filepath.ToSlash(path), i+1)
		fields := strings.Split(text, "\t")
		if i == 0 {
			if !slices.Equal(fields, header) {
				return nil, fmt.Errorf("%s: the header is %q, want %q", place, fields, header)
			}
			continue
		}
		if len(fields) != len(header) {
			return nil, fmt.Errorf("%s: %d fields, want %d: %s", place, len(fields), len(header), strings.Join(header, ", "))
		}
		lines = append(lines, line{place, fields})
	}
	return lines, nil
}

// packages are those that the tables name, each once, sorted.
func (t tables) packages() []string {
	var all []string
	add := func(goTest string) {
		if path, _, ok := splitTest(goTest); ok {
			all = append(all, path)
		}
	}
	for _, r := range t.rows {
		add(r.goTest)
	}
	for _, r := range t.rules {
		add(r.goTest)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// splitTest takes a go_test apart: an import path of this module, which has no
// full stop in it, and the name that go test prints.
func splitTest(goTest string) (path, name string, ok bool) {
	path, name, ok = strings.Cut(goTest, ".")
	return path, name, ok && path != "" && strings.HasPrefix(name, "Test")
}
