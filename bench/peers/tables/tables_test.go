package tables

import (
	"errors"
	"strings"
	"testing"
)

func TestFill(t *testing.T) {
	const text = "a\n<!-- table one -->\nold\n<!-- end -->\nb\n<!-- table two -->\n<!-- end -->\n"
	got, err := Fill([]byte(text), map[string]string{"one": "| $1 |\n"})
	if want := strings.Replace(text, "old\n", "| $1 |\n", 1); err != nil || string(got) != want {
		t.Errorf("%q, %v", got, err)
	}
	if _, err := Fill([]byte(text), map[string]string{"three": ""}); !errors.Is(err, ErrNoPlace) {
		t.Errorf("a table without a place: %v", err)
	}
}

func TestTable(t *testing.T) {
	got := Table([][]string{{"what", "how many"}, {"cats", "2"}})
	if want := "| what | how many |\n|---|---|\n| cats | 2 |\n"; got != want {
		t.Errorf("%q", got)
	}
}
