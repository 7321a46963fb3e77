package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// row sets files of Twisted's beside files of ours that do the same.
type row struct {
	twisted []string // in Twisted's folder; none if it has nothing like it
	ours    []string // in docs/examples
}

// Where Twisted's examples are. The table leaves these out.
const (
	core     = "doc/core/examples/"
	tutorial = "doc/core/howto/tutorial/listings/finger/"
)

// rows are the table's, in its order. A step of the tutorial is set beside all
// files of ours that it needs, except the one that all steps need.
var rows = []row{
	{[]string{core + "echoserv.py"}, []string{"echoserv/main.go"}},
	{[]string{core + "echoclient.py"}, []string{"echoclient/main.go"}},
	{[]string{core + "simpleserv.py"}, []string{"simpleserv/main.go"}},
	{[]string{core + "simpleclient.py"}, []string{"simpleclient/main.go"}},
	{[]string{core + "chatserver.py"}, []string{"chatserver/main.go"}},
	{[]string{core + "shaper.py"}, []string{"shaper/main.go"}},
	{[]string{"twisted/protocols/htb.py", "twisted/protocols/pcp.py"}, []string{"shaper/bucket.go", "shaper/shaped.go"}},
	{[]string{core + "gpsfix.py"}, []string{"gpsfix/main.go"}},
	{[]string{"twisted/protocols/gps/nmea.py"}, []string{"gpsfix/nmea.go"}},
	{nil, []string{"finger/main.go"}},
	{[]string{tutorial + "finger01.py"}, steps(1)},
	{[]string{tutorial + "finger02.py"}, steps(2)},
	{[]string{tutorial + "finger03.py"}, steps(3)},
	{[]string{tutorial + "finger04.py"}, steps(4)},
	{[]string{tutorial + "finger05.py"}, steps(5)},
	{[]string{tutorial + "finger06.py"}, steps(6)},
	{[]string{tutorial + "finger07.py"}, steps(6, 7)},
	{[]string{tutorial + "finger08.py"}, steps(8)},
	{[]string{tutorial + "finger09.py"}, steps(8, 9)},
	{[]string{tutorial + "finger10.py"}, steps(8, 10)},
	{[]string{tutorial + "finger11.tac"}, steps(8, 11)},
	{[]string{tutorial + "finger12.tac"}, steps(8, 11, 12)},
	{[]string{tutorial + "finger13.tac"}, steps(8, 11, 12, 13)},
	{[]string{tutorial + "finger14.tac"}, steps(8, 11, 14)},
}

// steps are the files of steps of the tutorial.
func steps(numbers ...int) (names []string) {
	for _, n := range numbers {
		names = append(names, fmt.Sprintf("finger/finger%02d.go", n))
	}
	return names
}

// counts are lines by file.
type counts map[string]int

// measure counts all files of Twisted's that are in the table.
func measure(folder string) (counts, error) {
	c := make(counts)
	for _, r := range rows {
		if err := c.add(folder, r.twisted); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// add counts files in a folder.
func (c counts) add(folder string, names []string) error {
	for _, name := range names {
		source, err := os.ReadFile(filepath.Join(folder, filepath.FromSlash(name)))
		if err != nil {
			return err
		}
		if c[name], err = lines(name, source); err != nil {
			return err
		}
	}
	return nil
}

const header = "file\tlines\n"

// tsv is counts as a file.
func (c counts) tsv() []byte {
	var names []string
	for name := range c {
		names = append(names, name)
	}
	slices.Sort(names)
	b := bytes.NewBufferString(header)
	for _, name := range names {
		fmt.Fprintf(b, "%s\t%d\n", name, c[name])
	}
	return b.Bytes()
}

var (
	errTSV  = errors.New("a line must be a file, a tab and its number of lines; -twisted writes them anew")
	errPage = errors.New("the page has no place for the table: it goes between the two lines " + begin + " and " + end)
	errFile = errors.New("twisted.tsv lacks a file: -twisted counts it")
)

// read is the opposite of tsv.
func read(text []byte) (counts, error) {
	c := make(counts)
	rest, ok := strings.CutPrefix(string(text), header)
	if !ok {
		return nil, fmt.Errorf("%s:1: %w", tsvFile, errTSV)
	}
	number := 1
	for line := range strings.Lines(rest) {
		number++
		name, count, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		n, err := strconv.Atoi(count)
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %w", tsvFile, number, errTSV)
		}
		c[name] = n
	}
	return c, nil
}

// The lines around the table.
const (
	begin = "<!-- written by docs/examples/internal/count -->"
	end   = "<!-- end -->"
)

// write puts the table of the files under root into a page, in place of the old.
func write(page []byte, root string) ([]byte, error) {
	before, rest, found := bytes.Cut(page, []byte(begin+"\n"))
	_, after, closed := bytes.Cut(rest, []byte(end+"\n"))
	if !found || !closed {
		return nil, fmt.Errorf("%s: %w", pageFile, errPage)
	}
	text, err := table(root)
	if err != nil {
		return nil, err
	}
	return slices.Concat(before, []byte(begin+"\n"+text+end+"\n"), after), nil
}

// table is the table, counting our files now.
func table(root string) (string, error) {
	text, err := os.ReadFile(filepath.Join(root, tsvFile))
	if err != nil {
		return "", err
	}
	theirs, err := read(text)
	if err != nil {
		return "", err
	}
	ours := make(counts)
	var b strings.Builder
	b.WriteString("| Twisted 13.2.0 | lines | here | lines |\n|---|--:|---|--:|\n")
	for _, r := range rows {
		if err := ours.add(filepath.Join(root, examples), r.ours); err != nil {
			return "", err
		}
		for _, name := range r.twisted {
			if _, ok := theirs[name]; !ok {
				return "", fmt.Errorf("%s: %w", name, errFile)
			}
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", cell(r.twisted), theirs.sum(r.twisted), cell(r.ours), ours.sum(r.ours))
	}
	return b.String(), nil
}

// cell is how a table shows files.
func cell(names []string) string {
	short := make([]string, len(names))
	for i, name := range names {
		short[i] = strings.TrimPrefix(strings.TrimPrefix(name, core), tutorial)
	}
	return strings.Join(short, ", ")
}

// sum is the lines of all files, nothing if there are none.
func (c counts) sum(names []string) string {
	if len(names) == 0 {
		return ""
	}
	sum := 0
	for _, name := range names {
		sum += c[name]
	}
	return strconv.Itoa(sum)
}
