package main

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// folder makes files in a new folder.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, text := range files {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// filled is what run makes of a page.
func filled(t *testing.T, root, page string) string {
	t.Helper()
	if err := run(root, false, io.Discard); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(root, page))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// two is measured, twice as deep, with names that claims know.
const two = `{"conditions":{"machine":"m"},"scenarios":[{"name":"throughput","title":"Throughput","metrics":["rate"],"points":[
{"point":{"name":"P=1","pipeline":1},"entries":[
{"name":"C","peer":"c","base":0,"measurements":[{"result":{"rate":100}},{"result":{"rate":100}}]},
{"name":"loop","peer":"reactor","base":0,"measurements":[{"result":{"rate":80}},{"result":{"rate":80}}]},
{"name":"loop (again)","peer":"reactor","base":1,"null":true,"measurements":[{"result":{"rate":80}},{"result":{"rate":84}}]},
{"name":"go","peer":"goroutine","base":0,"measurements":[{"result":{"rate":82}},{"result":{"rate":78}}]}]},
{"point":{"name":"10,000/s","pipeline":16},"entries":[
{"name":"C","peer":"c","base":0,"measurements":[{"result":{"rate":1000}},{"result":{"rate":1000}}]},
{"name":"loop","peer":"reactor","base":0,"measurements":[{"result":{"rate":700}},{"result":{"rate":700}}]},
{"name":"loop (again)","peer":"reactor","base":1,"null":true,"measurements":[{"result":{"rate":700}},{"result":{"rate":700}}]},
{"name":"go","peer":"goroutine","base":0,"measurements":[{"result":{"rate":500}},{"result":{"rate":400}}]}]}]}]}`

func TestTablesAndFiguresAreNumbered(t *testing.T) {
	root := folder(t, map[string]string{
		"2026-01-02-0304.json": two,
		"other.md":             "# Other\n\n## How many\n\n| | a | b |\n|---|--:|---|\n| x | 1 | y\\|z |\n| [w](#more) | 2 | v |\n\n| second |\n|---|\n| 3 |\n\n## More\n\n| no |\n|---|\n",
		"page.md": "See [Table 7](#shares), [Figure 0](#depth) and [Table 0](#quoted).\n" +
			"<!-- figures: ratios 2026-01-02-0304.json throughput rate P=1,10,000/s #shares | Shares. -->\n<!-- /figures -->\n" +
			"<!-- figures: values 2026-01-02-0304.json throughput rate P=1 #sums | Sums -->\n<!-- /figures -->\n" +
			"<!-- figures: curve 2026-01-02-0304.json throughput rate #depth | Depth -->\n<!-- /figures -->\n" +
			"<!-- figures: quote other.md#how-many rows=w columns=3,1 #quoted | Quoted -->\n<!-- /figures -->\n" +
			"<!-- figures: metrics 2026-01-02-0304.json throughput 10,000/s rate,per_one,rate -->\n<!-- /figures -->\n" +
			"<!-- figures: runs 2026-01-02-0304.json,2026-01-02-0304.json reactor goroutine throughput:P=1:rate throughput:10,000/s:rate -->\n<!-- /figures -->\n" +
			"<!-- figures: quote other.md#how-many table=2 -->\n<!-- /figures -->\n" +
			"<!-- figures: pair 2026-01-02-0304.json reactor goroutine throughput:P=1:rate throughput:10,000/s:rate throughput:none:rate #both | Both -->\n<!-- /figures -->\n",
	})
	page := filled(t, root, "page.md")
	for _, want := range []string{
		"See [Table 1](#shares), [Figure 1](#depth) and [Table 3](#quoted).\n",
		"<a id=\"shares\"></a>\n**Table 1.** Shares.\n\n| replies, 1/s | P=1 | 10,000/s |\n|---|---:|---:|\n| C | 1 | 1 |\n" +
			"| loop | 0.80 (0.80–0.80) | 0.70 (0.70–0.70) |\n| go | 0.80 (0.78–0.82) | 0.45 (0.40–0.50) |\n| *noise* |",
		"**Table 2.** Sums.\n\n| replies, 1/s | P=1 |\n|---|---:|\n| C | 100 |\n| loop | 80.0 |\n| go | 80.0 (78.0–82.0) |\n",
		"**Figure 1.** Depth.\n\n![Depth](report/depth.svg)\n",
		"**Table 3.** Quoted.\n\n| b |  |\n| --- | --- |\n| v | [w](other.md#more) |\n",
		"| second |\n| --- |\n| 3 |\n",
		"| run, size | P=1: replies | 10,000/s: replies |\n|---|---:|---:|\n" + strings.Repeat("| 1 January 00:00,  | 1.00 (0.97–1.02) | 0.64 (0.57–0.71)\\* |\n", 2),
		"| 10,000/s | replies, 1/s | memory of an idle connection, B | replies, 1/s |\n|---|---:|---:|---:|\n| C | 1,000 | – | 1,000 |\n" +
			"| loop | 700 | – | 700 |\n| go | 450 (400–500) | – | 450 (400–500) |\n| *noise* | ±20.9 % | not known | ±20.9 % |\n",
		"| | loop | go | ratio | the second is |\n|---|---:|---:|---:|---|\n" +
			"| Throughput, P=1: replies, 1/s | 80.0 | 80.0 | 1.00 (0.97–1.02) | no conclusion |\n" +
			"| Throughput, 10,000/s: replies, 1/s | 700 | 450 | 0.64 (0.57–0.71) | less |\n",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("this is missing:\n%s\nin:\n%s", want, page)
		}
	}
	picture, err := os.ReadFile(filepath.Join(root, "report", "depth.svg"))
	if err != nil || !strings.Contains(string(picture), "<svg") {
		t.Errorf("the picture: %v", err)
	}
	if err := os.Remove(filepath.Join(root, "report", "depth.svg")); err != nil {
		t.Fatal(err)
	}
	if err := run(root, true, io.Discard); !errors.Is(err, ErrStale) || !strings.Contains(err.Error(), "depth.svg") {
		t.Errorf("a picture that is missing: %v", err)
	}
}

func TestClaimsAreHeldToWhatWasMeasured(t *testing.T) {
	for claim, holds := range map[string]bool{
		"P=1 rate goroutine ~ reactor":       true,
		"P=1 rate goroutine << reactor":      false,
		"10,000/s rate goroutine << reactor": true,
		"10,000/s rate goroutine < reactor":  true,
		"10,000/s rate goroutine > reactor":  false,
		"10,000/s rate reactor >> goroutine": true,
		"10,000/s rate goroutine ~ reactor":  false,
	} {
		page := "It is so. <!-- claim: 2026-01-02-0304.json throughput " + claim + " -->\n"
		root := folder(t, map[string]string{"2026-01-02-0304.json": two, "page.md": page})
		if err := run(root, true, io.Discard); holds != (err == nil) || !holds && !errors.Is(err, ErrClaim) {
			t.Errorf("%s: %v", claim, err)
		}
	}
	for claim, says := range map[string]string{
		"2026-01-02-0304.json throughput P=1 rate goroutine":           "a claim is",
		"2026-01-02-0304.json throughput P=1 rate goroutine = reactor": "no sign",
		"2026-01-02-0304.json throughput P=1 rate node < reactor":      "not measured",
		"none.json throughput P=1 rate goroutine < reactor":            "none.json",
	} {
		root := folder(t, map[string]string{"2026-01-02-0304.json": two, "page.md": "<!-- claim: " + claim + " -->\n"})
		if err := run(root, true, io.Discard); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", claim, err)
		}
	}
}

// A reader's own results take the place of those that a page names: the newest of each
// kind. What they lack is said, and so is which claims they do not show.
func TestAPageWithOtherResults(t *testing.T) {
	root := folder(t, map[string]string{
		"results/2026-01-02-0304.json":      two,
		"own/2026-02-01-0000.json":          strings.ReplaceAll(two, `"rate":500`, `"rate":5000`),
		"own/2026-03-01-0000.json":          strings.ReplaceAll(two, `"rate":700`, `"rate":350`),
		"own/2026-04-01-0000-other.json":    "not of this kind",
		"own/2026-05-01-0000.json":          strings.ReplaceAll(two, `"name":"throughput"`, `"name":"later"`),
		"results/2026-01-02-0304-more.json": two,
		"page.md": "<!-- figures: values results/2026-01-02-0304.json throughput rate 10,000/s -->\n<!-- /figures -->\n" +
			"<!-- figures: runs results/2026-01-02-0304.json reactor goroutine throughput:10,000/s:rate -->\n<!-- /figures -->\n" +
			"<!-- figures: values results/2026-01-02-0304.json later rate P=1 -->\n<!-- /figures -->\n" +
			"<!-- figures: values results/2026-01-02-0304-more.json throughput rate P=1 #more | More -->\n<!-- /figures -->\n" +
			"<!-- claim: results/2026-01-02-0304.json throughput 10,000/s rate goroutine < reactor -->\n",
	})
	out := filepath.Join(root, "out", "page.md")
	var said strings.Builder
	if err := other(root, "page.md", out, filepath.Join(root, "own"), &said); err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"| loop | 350 |", "| loop | 80.0 |",
		"| 1 January 00:00,  | 3.86 (0.57–7.14) |\n| 1 January 00:00,  | 1.29 (1.14–1.43) |\n", "**Table 1.** More.\n\n*The results in `" + filepath.Join(root, "own") + "` have nothing of this.*\n"} {
		if !strings.Contains(string(page), want) {
			t.Errorf("%q is not in\n%s", want, page)
		}
	}
	if !strings.Contains(said.String(), "10,000/s rate goroutine < reactor (the ratio is 1.29") {
		t.Errorf("it said %q", said.String())
	}
	if err := other(root, "page.md", "", "", io.Discard); err == nil {
		t.Error("a page without -out was written")
	}
}

func TestAQuoteThatIsNotThere(t *testing.T) {
	root := folder(t, map[string]string{"q.md": "## H\n\n| a | b |\n|---|---|\n| x | y |\n"})
	for words, says := range map[string]string{
		"q.md#none":             "no such table",
		"q.md#h table=2":        "no such table",
		"q.md#h rows=z":         "no such row",
		"q.md#h rows=a":         "no such row",
		"q.md#h columns=3":      "no such row or column",
		"q.md#h columns=b":      "no such row or column",
		"q.md#h shade=dark":     "one chooses by",
		"q.md#h rows=x columns": "one chooses by",
	} {
		w := writer{root: root, dir: root}
		if _, err := w.block("quote " + words); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", words, err)
		}
	}
}

func TestAListing(t *testing.T) {
	root := folder(t, map[string]string{"a.go": "package a\n\n// F says.\nfunc (x T) F() {\n\tg()\n}\n\nfunc g() {}\n"})
	w := writer{root: root}
	text, err := w.block("listing a.go g,F a.go g #both | Both")
	if want := "```go\n// a.go\n\nfunc g() {}\n\nfunc (x T) F() {\n    g()\n}\n```\n\n```go\n// a.go\n\nfunc g() {}\n```\n"; err != nil || !strings.HasSuffix(text, want+"\n") {
		t.Errorf("%v\n%s", err, text)
	}
	for words, says := range map[string]string{"a.go g a.go": "too few", "a.go h a.go g": "has no h", "a.go g b.go g": "b.go", "q.md": "too few"} {
		if _, err := w.block("listing " + words); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", words, err)
		}
	}
}
