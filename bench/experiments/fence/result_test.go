package main

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"proxyherd/bench/peers/tables"
)

// What is kept, and what the page shows, is what the sources have.
func TestTheResultIsThatOfTheSources(t *testing.T) {
	r, path, err := newest(root)
	if err != nil {
		t.Fatal(err)
	}
	counts, err := countAll(root)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(r.Counts, counts) {
		t.Errorf("%s does not have the sources' counts: run go run ./bench/experiments/fence -parts counts\n%+v\n%+v", path, r.Counts, counts)
	}
	beside, err := os.ReadFile(strings.TrimSuffix(path, ".json") + ".md")
	if err != nil || string(beside) != r.markdown() {
		t.Errorf("what is to read beside %s is another result (%v)", path, err)
	}
	shown, err := os.ReadFile(filepath.Join(root, page))
	if err != nil {
		t.Fatal(err)
	}
	filled, err := tables.Fill(shown, r.tables())
	if err != nil || string(filled) != string(shown) {
		t.Errorf("the tables of %s are not those of %s (%v)", page, path, err)
	}
	if len(r.Mistakes) != len(bugs)*len(hosts) {
		t.Errorf("%d mistakes", len(r.Mistakes))
	}
	if n := len(r.Speed); n != 0 && n != len(variants)*len(hosts) {
		t.Errorf("%d speeds", n)
	}
}

// Each mistake can be made in the sources as they are.
func TestEachMistakeHasItsPlace(t *testing.T) {
	l := &laboratory{root: root}
	made := 0
	for _, b := range bugs {
		for _, h := range hosts {
			s, known := b.in[h.name]
			if !known || (len(s.changes) == 0) == (s.why == "") {
				t.Errorf("%s in %s: neither changes nor a reason", b.what, h.name)
			}
			if _, err := l.texts(s); err != nil {
				t.Errorf("%s in %s: %v", b.what, h.name, err)
			}
			made += len(s.changes)
		}
	}
	if made < 20 {
		t.Errorf("%d changes", made)
	}
	if _, err := l.texts(one(python, "there is no such text", "")); !errors.Is(err, errMistake) {
		t.Error(err)
	}
}

func TestAPartThatThereIsNot(t *testing.T) {
	if err := run(t.Context(), root, "none", []string{"counts", "chairs"}, ""); !errors.Is(err, errNoPart) {
		t.Error(err)
	}
}

func TestPlaces(t *testing.T) {
	got := places("a.go", "s.mu.Lock()\n// s.mu.Lock()\nx() // as Lock()\n\tc.mu.Lock()\n", lock)
	if want := []string{"a.go:1", "a.go:4"}; !reflect.DeepEqual(got, want) {
		t.Errorf("%q", got)
	}
}

func TestFirstWith(t *testing.T) {
	if got := firstWith([]byte("one\n\ttwo "+strings.Repeat("x", 200)+"\ntwo\n"), "two"); len(got) != most || !strings.HasPrefix(got, "two x") {
		t.Errorf("%q", got)
	}
	if got := firstWith([]byte("one\n"), "two"); got != "" {
		t.Errorf("%q", got)
	}
}
