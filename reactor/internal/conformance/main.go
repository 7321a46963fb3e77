// Command conformance checks that what docs/conformance/*.tsv says is so, and
// writes docs/conformance.md from it.
//
// A table has a row for each of Twisted's own tests, with the test of ours that
// has the same behaviour; a table of rules does the same for the rules that no
// test of Twisted's pins. The command runs exactly the packages that the tables
// name. It fails if a named test failed, was skipped or does not exist, and if
// a row is malformed, twice there or missing; the report is then left as it was.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
)

func main() {
	var c config
	flag.StringVar(&c.tables, "tables", "docs/conformance", "the folder of the tables")
	flag.StringVar(&c.report, "report", "docs/conformance.md", "the file to write")
	flag.StringVar(&c.list, "list", "", "the list of Twisted's tests, to find rows that are missing (default "+defaultList+" if it exists)")
	flag.BoolVar(&c.race, "race", false, "run the tests with the race detector")
	flag.Parse()
	if err := run(c, goTest, os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "conformance:", err)
		os.Exit(1)
	}
}

// defaultList is where the list of Twisted's tests is for those who have it.
const defaultList = "../shared/twisted/tests.tsv"

// config is what the command line says.
type config struct {
	tables, report, list string
	race                 bool
}

// errProblems is what run returns when it has told of at least one problem.
var errProblems = errors.New("the tables do not hold: see the lines above; no report was written")

// run does all of the command's work. Problems go to errs one a line, the sum
// to out. test runs the tests: goTest, or its stand-in in a test of this one.
func run(c config, test tester, out, errs io.Writer) error {
	t, err := readTables(c.tables)
	if err != nil {
		return err
	}
	list, err := readList(c.list)
	if err != nil {
		return err
	}
	problems := append(t.checkForm(), t.checkList(list)...)
	results, err := test(t.packages(), c.race)
	if err != nil {
		return err
	}
	problems = append(problems, t.checkResults(results)...)
	for _, p := range problems {
		fmt.Fprintln(errs, p)
	}
	whole := len(list)
	if list == nil {
		whole = len(t.rows)
	}
	fmt.Fprintf(out, "%d of %d rows accounted for\n", t.accountedFor(problems), whole)
	if len(problems) > 0 {
		return errProblems
	}
	return os.WriteFile(c.report, t.report(), 0o644)
}

// readList reads the list of Twisted's tests; nil if none was asked for and the
// default is not there.
func readList(path string) ([]key, error) {
	wanted := path != ""
	if !wanted {
		path = defaultList
	}
	lines, err := readTSV(path, listHeader)
	if err != nil {
		if !wanted && errors.Is(err, fs.ErrNotExist) {
			return nil, nil
		}
		return nil, err
	}
	list := make([]key, 0, len(lines))
	for _, l := range lines {
		list = append(list, key{l.fields[0], l.fields[1], l.fields[2], l.fields[3]})
	}
	return list, nil
}
