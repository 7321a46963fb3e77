package main

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"proxyherd/bench/peers/peer"
)

// root is the module's directory, from this package.
const root = "../../.."

// The page shows what is in the sources, and has a cell for each experiment.
func TestThePageIsWhatTheCommandWrites(t *testing.T) {
	page, err := os.ReadFile(filepath.Join(root, page))
	if err != nil {
		t.Fatal(err)
	}
	tables, err := makeTables(root, []string{"lacks", "lines"})
	if err != nil {
		t.Fatal(err)
	}
	filled, err := fill(page, tables)
	if err != nil {
		t.Fatal(err)
	}
	if string(filled) != string(page) {
		t.Error("the tables of docs/peers.md are not those of the sources: run go run ./bench/peers/compare -tables lacks,lines")
	}
	rows := map[string]int{}
	for _, line := range strings.Split(string(page), "\n") {
		if cells := strings.Split(strings.Trim(line, "| "), " | "); strings.HasPrefix(line, "| ") {
			rows[cells[0]] = len(cells)
			for _, cell := range cells {
				if strings.TrimSpace(cell) == "" {
					t.Errorf("an empty cell in %q", line)
				}
			}
		}
	}
	for _, e := range experiments {
		if rows[e.what] != 1+len(peer.All())+2 {
			t.Errorf("the page has %d cells for %q", rows[e.what], e.what)
		}
	}
	for _, m := range mistakes {
		if rows[m.what] != 1+len(checkers) {
			t.Errorf("the page has %d cells for %q", rows[m.what], m.what)
		}
	}
}

// Each concern that the page compares is marked in each of the servers.
func TestEveryConcernIsMarked(t *testing.T) {
	for _, p := range peer.All() {
		counts, err := count(root, p)
		if err != nil {
			t.Fatal(err)
		}
		for _, concern := range append([]string{faults}, concerns...) {
			if counts[concern] < 5 {
				t.Errorf("%s: %d lines of %s", p.Name, counts[concern], concern)
			}
		}
	}
}

func TestCountFile(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       map[string]int
		err        error
	}{
		{"before the first mark it is rest", "import a\n\n# -- log --\nb()\n# no code\nc()\n", map[string]int{rest: 1, "log": 2}, nil},
		{"comments in blocks are none", "/** One\n * two.\n */\nint a;\n/* b */\n// -- flood --\nint c;\n", map[string]int{rest: 1, "flood": 1}, nil},
		{"so are Python's", "\"\"\"One line.\"\"\"\n\"\"\"Two\n\nlines.\"\"\"\na = 1\n", map[string]int{rest: 1}, nil},
		{"what is there for the fence", "a()\nb() # -- fence --\nc() # -- fence: changed --\n# -- fence --\nd()\n", map[string]int{rest: 2, fence: 1}, nil},
		{"a mark that nobody counts", "# -- magic --\n", map[string]int{}, errUnknownConcern},
	} {
		got := map[string]int{}
		if err := countFile(c.text, got); !errors.Is(err, c.err) || !maps.Equal(got, c.want) {
			t.Errorf("%s: %v, %v", c.name, got, err)
		}
	}
}

func TestATableThatNobodyMakes(t *testing.T) {
	if _, err := makeTables(root, []string{"lacks", "chairs"}); !errors.Is(err, errUnknownTable) {
		t.Error(err)
	}
}

func TestFill(t *testing.T) {
	const text = "a\n<!-- table one -->\nold\n<!-- end -->\nb\n<!-- table two -->\n<!-- end -->\n"
	got, err := fill([]byte(text), map[string]string{"one": "| $1 |\n"})
	if want := strings.Replace(text, "old\n", "| $1 |\n", 1); err != nil || string(got) != want {
		t.Errorf("%q, %v", got, err)
	}
	if _, err := fill([]byte(text), map[string]string{"three": ""}); !errors.Is(err, errNoPlace) {
		t.Errorf("a table without a place: %v", err)
	}
}
