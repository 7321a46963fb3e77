package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"proxyherd/bench/peers/peer"
	"proxyherd/bench/peers/tables"
)

// root is the module's directory, from this package.
const root = "../../.."

// The page shows what is in the sources, and has a cell for each experiment.
func TestThePageIsWhatTheCommandWrites(t *testing.T) {
	page, err := os.ReadFile(filepath.Join(root, page))
	if err != nil {
		t.Fatal(err)
	}
	made, err := makeTables(root, []string{"lacks", "lines"})
	if err != nil {
		t.Fatal(err)
	}
	filled, err := tables.Fill(page, made)
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

// A mark that no row of the table is for is an error.
func TestAMarkThatNobodyCounts(t *testing.T) {
	dir := t.TempDir()
	folder := filepath.Join(dir, "bench", "peers", "magic")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "a.py"), []byte("# -- magic --\na()\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := count(dir, peer.Peer{Name: "magic", Folder: "magic", Ext: ".py"}); !errors.Is(err, errUnknownConcern) {
		t.Error(err)
	}
}

func TestATableThatNobodyMakes(t *testing.T) {
	if _, err := makeTables(root, []string{"lacks", "chairs"}); !errors.Is(err, errUnknownTable) {
		t.Error(err)
	}
}
