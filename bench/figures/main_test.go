package main

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What the pages of this project show is what their reports say.
func TestPagesShowWhatWasMeasured(t *testing.T) {
	if err := run("../..", true, io.Discard); err != nil {
		t.Error(err)
	}
}

const measured = `{"conditions":{"machine":"m","cpu":"c","kernel":"6","commit":"abc","size":"quick"},
"scenarios":[{"name":"throughput","metrics":["rate","cpu"],"points":[{"point":{"name":"P=1"},"entries":[
{"name":"C","base":0,"measurements":[{"result":{"rate":100}},{"result":{"rate":100}}]},
{"name":"herd","base":0,"measurements":[{"result":{"rate":80}},{"result":{"rate":70}}]},
{"name":"herd (again)","base":1,"null":true,"measurements":[{"result":{"rate":80}},{"result":{"rate":77}}]}]}]}]}`

func TestABlockIsFilled(t *testing.T) {
	root := t.TempDir()
	page, stray := filepath.Join(root, "page.md"), filepath.Join(root, "stray.txt")
	write := func(path, text string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(filepath.Join(root, "r.json"), measured)
	const stale = "a\n<!-- figures: summary r.json -->\nold\n<!-- /figures -->\nb\n<!-- figures: conditions r.json -->\n<!-- /figures -->\n"
	write(page, stale)
	write(stray, stale)
	if err := run(root, true, io.Discard); !errors.Is(err, ErrStale) || !strings.Contains(err.Error(), "page.md") {
		t.Errorf("%v", err)
	}
	if err := run(root, false, io.Discard); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"a\n<!-- figures: summary r.json -->\n\n| |", "| C | 1 |", "| herd | 0.75 | – |", "| *noise* | ±16.6 % |", "-->\nb\n", "abc"} {
		if !strings.Contains(string(text), want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
	if strings.Contains(string(text), "old") {
		t.Errorf("what was there still is:\n%s", text)
	}
	if err := run(root, true, io.Discard); err != nil {
		t.Errorf("what was just written: %v", err)
	}
	if text, err := os.ReadFile(stray); err != nil || string(text) != stale {
		t.Errorf("what is no page became %q, %v", text, err)
	}
}

// What make scaling has found has tables of its own.
func TestABlockOfScaling(t *testing.T) {
	root := t.TempDir()
	const found = `{"graphs":[{"kind":"ring","servers":50,"links":50,"messages_by_formula":51,"followed":1,"messages":51}]}`
	if err := os.WriteFile(filepath.Join(root, "s.json"), []byte(found), 0o600); err != nil {
		t.Fatal(err)
	}
	w := writer{root: root}
	filled, err := w.fill("<!-- figures: scaling-graphs s.json -->\n<!-- /figures -->")
	if want := "| ring | N | 50 | 51 | 51 | 1.04 |"; err != nil || !strings.Contains(filled, want) {
		t.Errorf("%q is not in %s (%v)", want, filled, err)
	}
}

func TestABlockThatCannotBeFilled(t *testing.T) {
	root := t.TempDir()
	if err := os.WriteFile(filepath.Join(root, "r.json"), []byte(`{"scenarios":[]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ page, says string }{
		{"<!-- figures: summary r.json", "no end of its first line"},
		{"<!-- figures: summary r.json -->\n", "does not end"},
		{"<!-- figures: summary -->\n<!-- /figures -->", "a block is one of"},
		{"<!-- figures: poem r.json -->\n<!-- /figures -->", "a block is one of"},
		{"<!-- figures: summary r.json #a -->\n<!-- /figures -->", "has a caption"},
		{"<!-- figures: summary r.json | A -->\n<!-- /figures -->", "has a caption"},
		{"<!-- figures: ratios r.json throughput rate -->\n<!-- /figures -->", "too few words"},
		{"<!-- figures: ratios r.json throughput rate P=1 -->\n<!-- /figures -->", "not measured"},
		{"<!-- figures: ratios r.json throughput taste P=1 -->\n<!-- /figures -->", "taste"},
		{"<!-- figures: pair r.json c reactor throughput:P=1 -->\n<!-- /figures -->", "no question"},
		{"<!-- figures: figure r.json throughput -->\n<!-- /figures -->", "a name and a caption"},
		{"<!-- figures: quote q.md#a -->\n<!-- /figures -->", "q.md"},
		{"<!-- figures: scaling-poem r.json -->\n<!-- /figures -->", "a block is one of"},
		{"<!-- figures: scaling-units r.json -->\n<!-- /figures -->", "nothing of that"},
		{"<!-- figures: summary none.json -->\n<!-- /figures -->", "none.json"},
		{"<!-- figures: summary r.json -->\n<!-- /figures -->", "nothing of that"},
	} {
		w := writer{root: root}
		if _, err := w.fill(c.page); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%q: %v", c.page, err)
		}
	}
}
