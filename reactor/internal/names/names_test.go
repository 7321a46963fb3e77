package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// root is the module's, from this package.
const root = "../../.."

// TestTheMapHolds compares the pages of this module with Twisted's names and
// with its code.
func TestTheMapHolds(t *testing.T) {
	b, err := readBook(os.DirFS(root), exporting, internal)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range b.problems() {
		t.Error(p)
	}
	// Less than this has not been read at all.
	for _, count := range []struct {
		what         string
		got, atLeast int
	}{
		{"public names of Twisted's", len(b.index.public()), 1000},
		{"rows", len(b.rows), 800},
		{"names of ours alone", len(b.ours), 100},
		{"exported names", len(b.golang.exported(b.folders)), 500},
		{"comments", len(b.golang.comments), 2000},
	} {
		t.Logf("%d %s", count.got, count.what)
		if count.got < count.atLeast {
			t.Errorf("%d %s: there should be at least %d", count.got, count.what, count.atLeast)
		}
	}
	folders, err := os.ReadDir(filepath.Join(root, "reactor"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range folders {
		if f.IsDir() && f.Name() != "internal" && !slices.Contains(exporting, "reactor/"+f.Name()) {
			t.Errorf("reactor/%s is not among the packages whose names are accounted for", f.Name())
		}
	}
	for _, module := range mirrored {
		if !slices.ContainsFunc(b.index, func(e entry) bool { return e.module == module }) {
			t.Errorf("%s is not in the index", module)
		}
	}
}

// checkout makes a source of Twisted whose every module defines one function.
func checkout(t *testing.T) string {
	dir := t.TempDir()
	for _, module := range mirrored {
		path := filepath.Join(dir, filepath.FromSlash(module))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte("# one\ndef f(): pass\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// TestTheIndexIsComparedWithTheSource writes the index of one source, and holds
// it to that and to another.
func TestTheIndexIsComparedWithTheSource(t *testing.T) {
	source, home := checkout(t), t.TempDir()
	if err := os.MkdirAll(filepath.Join(home, filepath.Dir(indexFile)), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := compare(home, source, false); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("without an index: %v", err)
	}
	if err := compare(home, source, true); err != nil {
		t.Fatal(err)
	}
	if err := compare(home, source, false); err != nil {
		t.Errorf("the index that was just written: %v", err)
	}
	x, err := readIndex(os.DirFS(home), indexFile)
	if err != nil || len(x) != len(mirrored) || x[0] != (entry{mirrored[0], 2, "f", kindFunction, ""}) {
		t.Errorf("the index was written as %v (%v)", x, err)
	}
	last := filepath.Join(source, filepath.FromSlash(mirrored[len(mirrored)-1]))
	if err := os.WriteFile(last, []byte("# one\n# two\ndef f(): pass\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := compare(home, source, false); !errors.Is(err, errStale) {
		t.Errorf("an index with one wrong line: %v", err)
	}
	if err := os.Remove(last); err != nil {
		t.Fatal(err)
	}
	if err := compare(home, source, true); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a source without one of the modules: %v", err)
	}
}

func TestRun(t *testing.T) {
	var out bytes.Buffer
	if err := run(root, "", false, &out); err != nil || !strings.Contains(out.String(), "are accounted for") {
		t.Errorf("it said %q (%v)", &out, err)
	}
	if err := run(root, "", true, &out); !errors.Is(err, errNoSource) {
		t.Errorf("to write without a source: %v", err)
	}
	if err := run(root, checkout(t), false, &out); !errors.Is(err, errStale) {
		t.Errorf("with another source: %v", err)
	}
	// A module whose package has nothing in common with the pages.
	home := t.TempDir()
	for _, folder := range slices.Concat(exporting, internal) {
		writeFile(t, filepath.Join(home, folder, "f.go"), fmt.Sprintf("package %s\n\nfunc F() {}\n", filepath.Base(folder)))
	}
	writeFile(t, filepath.Join(home, indexFile), goodIndex)
	writeFile(t, filepath.Join(home, page), goodMap+goodOurs)
	out.Reset()
	if err := run(home, "", false, &out); !errors.Is(err, errProblems) || !strings.Contains(out.String(), "fruit.Pear does not exist") {
		t.Errorf("it said %q (%v)", &out, err)
	}
}

func writeFile(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
