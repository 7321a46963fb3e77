package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const (
	rowsHeader  = "area\tmodule\tclass\ttest\tstatus\tgo_test\tnote\n"
	rulesHeader = "rule\tgo_test\tnote\n"
	goodRows    = rowsHeader +
		"fruit\ttwisted.fruit\tPear\ttest_sweet\tpassing\tproxyherd/fruit.TestPear/is_sweet\t\n" +
		"fruit\ttwisted.fruit\tApple\ttest_hard\tadapted\tproxyherd/fruit.TestApple\tapples | pears\n" +
		"fruit\ttwisted.fruit\tPear\ttest_soft\tdifferent\tproxyherd/fruit.TestPear/is_hard\tours are hard\n" +
		"fruit\ttwisted.fruit\tPear\ttest_repr\tnot-ported\t\ta repr is Python's\n"
	goodRules = rulesHeader +
		"FR1\tproxyherd/tree.TestFruitFalls\t\n" +
		"FR2\t\tno tree has two kinds\n"
	goodList = "area\tmodule\tclass\ttest\tbehaviour\tapplies\twhy_not\n" +
		"fruit\ttwisted.fruit\tPear\ttest_sweet\tPears are sweet\tyes\t\n" +
		"fruit\ttwisted.fruit\tPear\ttest_soft\tPears are soft\tyes\t\n" +
		"fruit\ttwisted.fruit\tPear\ttest_repr\tA pear says so\tno\trepr\n" +
		"fruit\ttwisted.fruit\tApple\ttest_hard\tApples are hard\tyes\tadapt: apples\n" +
		"nuts\ttwisted.nuts\tNut\ttest_crack\tNuts crack\tyes\t\n"
)

// goodResults is what a run of the tests gives that passes.
func goodResults() map[string]string {
	return map[string]string{
		"proxyherd/fruit.TestPear":          "pass",
		"proxyherd/fruit.TestPear/is_sweet": "pass",
		"proxyherd/fruit.TestPear/is_hard":  "pass",
		"proxyherd/fruit.TestApple":         "pass",
		"proxyherd/tree.TestFruitFalls":     "pass",
	}
}

// bench is a folder with tables, and a tester that gives set results.
type bench struct {
	config
	t         *testing.T
	rows      string
	results   map[string]string
	asked     []string
	out, errs bytes.Buffer
}

func newBench(t *testing.T) *bench {
	dir := t.TempDir()
	b := &bench{t: t, rows: filepath.Join(dir, "fruit.tsv"), results: goodResults()}
	b.config = config{tables: dir, report: filepath.Join(dir, "report.md"), list: filepath.Join(dir, "list")}
	b.write(b.rows, goodRows)
	b.write(filepath.Join(dir, "rules-fruit.tsv"), goodRules)
	b.write(b.list, goodList)
	return b
}

func (b *bench) write(path, text string) {
	b.t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) run() error {
	return run(b.config, func(packages []string, _ bool) (map[string]string, error) {
		b.asked = packages
		return b.results, nil
	}, &b.out, &b.errs)
}

func TestTablesThatHoldAreReported(t *testing.T) {
	b := newBench(t)
	if err := b.run(); err != nil {
		t.Fatalf("%v\n%s", err, &b.errs)
	}
	if got, want := b.out.String(), "4 of 5 rows accounted for\n"; got != want {
		t.Errorf("it printed %q, want %q", got, want)
	}
	if got := strings.Join(b.asked, " "); got != "proxyherd/fruit proxyherd/tree" {
		t.Errorf("the tests of %q were run", got)
	}
	first := b.reported()
	for _, want := range []string{
		"| [fruit](#fruit) | 1 | 1 | 1 | 1 | 4 |\n| all | 1 | 1 | 1 | 1 | 4 |\n",
		"1 of 2 [rules](#rules)",
		// The classes in the order of their first rows, the rows of one together.
		"### twisted.fruit.Pear\n\n| Twisted's test | status | our test | note |\n|---|---|---|---|\n" +
			"| test\\_sweet | passing | `fruit.TestPear/is_sweet` |  |\n" +
			"| test\\_soft | different | `fruit.TestPear/is_hard` | ours are hard |\n" +
			"| test\\_repr | not-ported |  | a repr is Python's |\n\n" +
			"### twisted.fruit.Apple\n",
		"| test\\_hard | adapted | `fruit.TestApple` | apples \\| pears |\n",
		"### Rules of fruit\n\n| rule | our test | note |\n|---|---|---|\n" +
			"| FR1 | `tree.TestFruitFalls` |  |\n| FR2 |  | no tree has two kinds |\n",
	} {
		if !strings.Contains(first, want) {
			t.Errorf("the report has not\n%s\nbut is\n%s", want, first)
		}
	}
	if err := b.run(); err != nil {
		t.Fatal(err)
	}
	if second := b.reported(); second != first {
		t.Errorf("a second run changed the report:\n%s", second)
	}
}

func (b *bench) reported() string {
	b.t.Helper()
	report, err := os.ReadFile(b.report)
	if err != nil {
		b.t.Fatal(err)
	}
	return string(report)
}

func TestEachProblemIsTold(t *testing.T) {
	const sweet = "fruit twisted.fruit Pear test_sweet"
	for _, test := range []struct {
		name     string
		old, new string // what is changed in the table, or in the list or rules
		in       string // which file; the rows if empty
		result   string // what becomes of TestPear/is_sweet; "none" is no result
		want     string
		sum      string
	}{
		{name: "a failed test", result: "fail", want: `fruit.tsv:2: proxyherd/fruit.TestPear/is_sweet has outcome "fail"`, sum: "3 of 5"},
		{name: "a skipped test", result: "skip", want: `fruit.tsv:2: proxyherd/fruit.TestPear/is_sweet has outcome "skip"`, sum: "3 of 5"},
		{name: "no such test", result: "none", want: "fruit.tsv:2: proxyherd/fruit.TestPear/is_sweet did not run", sum: "3 of 5"},
		{name: "a name that is none", old: ".TestApple", new: "/TestApple", want: `fruit.tsv:3: "proxyherd/fruit/TestApple" is no test`, sum: "3 of 5"},
		{name: "a row without a test", old: "proxyherd/fruit.TestPear/is_sweet", want: "fruit.tsv:2: " + sweet + " is passing and names no test", sum: "3 of 5"},
		{name: "a row with a test that it cannot have", old: "not-ported\t", new: "not-ported\tproxyherd/fruit.TestPear", want: "fruit.tsv:5: ", sum: "3 of 5"},
		{name: "a difference without a reason", old: "ours are hard", want: "is different and its note does not say why", sum: "3 of 5"},
		{name: "an omission without a reason", old: "a repr is Python's", want: "is not-ported and its note does not say why", sum: "3 of 5"},
		{name: "a status that is none", old: "passing", new: "fine", want: `"fine" is no status`, sum: "3 of 5"},
		{name: "a row twice", old: "test_soft", new: "test_sweet", want: "fruit.tsv:4: " + sweet + " is in", sum: "3 of 5"},
		{name: "a row that Twisted has not", old: "test_sweet", new: "test_sour", want: "fruit.tsv:2: fruit twisted.fruit Pear test_sour is not in the list", sum: "3 of 5"},
		{name: "a row that is missing", in: "list", old: "nuts\ttwisted.nuts", new: "fruit\ttwisted.nuts", want: "fruit twisted.nuts Nut test_crack is in no table", sum: "4 of 5"},
		{name: "a rule twice", in: "rules-fruit.tsv", old: "FR2", new: "FR1", want: "rules-fruit.tsv:3: rule FR1 is in", sum: "4 of 5"},
		{name: "a rule with nothing to say", in: "rules-fruit.tsv", old: "no tree has two kinds", want: "rules-fruit.tsv:3: rule FR2 has neither", sum: "4 of 5"},
		{name: "a rule's test that is none", in: "rules-fruit.tsv", old: "TestFruitFalls", new: "TestFruitFlies", want: "TestFruitFlies did not run", sum: "4 of 5"},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := newBench(t)
			if test.old != "" {
				b.change(test.in, test.old, test.new)
			}
			switch test.result {
			case "":
			case "none":
				delete(b.results, "proxyherd/fruit.TestPear/is_sweet")
			default:
				b.results["proxyherd/fruit.TestPear/is_sweet"] = test.result
			}
			if err := b.run(); !errors.Is(err, errProblems) {
				t.Fatalf("run: %v", err)
			}
			if got := b.errs.String(); !strings.Contains(got, test.want) {
				t.Errorf("it told of\n%swant %q", got, test.want)
			}
			if got := b.out.String(); got != test.sum+" rows accounted for\n" {
				t.Errorf("it printed %q, want %q", got, test.sum)
			}
			if _, err := os.Stat(b.report); err == nil {
				t.Error("a report was written of tables that do not hold")
			}
		})
	}
}

// change replaces text in a file of the bench, which must be there.
func (b *bench) change(name, old, new string) {
	b.t.Helper()
	path := b.rows
	if name != "" {
		path = filepath.Join(b.tables, name)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		b.t.Fatal(err)
	}
	if !strings.Contains(string(text), old) {
		b.t.Fatalf("%s has no %q in it", name, old)
	}
	b.write(path, strings.Replace(string(text), old, new, 1))
}

func TestAFileThatIsNoTableIsRefused(t *testing.T) {
	for _, test := range []struct{ name, text, want string }{
		{"another header", "area\ttest\n", "fruit.tsv:1: the header is"},
		{"too few fields", rowsHeader + "fruit\ttwisted.fruit\n", "fruit.tsv:2: 2 fields, want 7"},
		{"nothing", "", "fruit.tsv:1: the header is"},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := newBench(t)
			b.write(b.rows, test.text)
			if err := b.run(); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("run: %v, want %q", err, test.want)
			}
		})
	}
	t.Run("no file at all", func(t *testing.T) {
		b := newBench(t)
		b.tables = t.TempDir()
		if err := b.run(); err == nil || !strings.Contains(err.Error(), "there is no table in") {
			t.Errorf("run: %v", err)
		}
	})
}

func TestTheListIsNeededOnlyWhereItWasAskedFor(t *testing.T) {
	b := newBench(t)
	t.Chdir(t.TempDir()) // where there is no default list
	b.list = ""
	if err := b.run(); err != nil {
		t.Errorf("without a list: %v", err)
	}
	if got := b.out.String(); got != "4 of 4 rows accounted for\n" {
		t.Errorf("it printed %q", got)
	}
	b.list = filepath.Join(b.tables, "lost")
	if err := b.run(); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("with a list that is not there: %v", err)
	}
}
