package script

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	for _, c := range []struct {
		text      string
		want      Statement
		simulated bool
	}{
		{"at 1700000000.5", Statement{Verb: "at", Name: "1700000000.5"}, false},
		{"a -> Farmar", Statement{Verb: "->", Name: "a", Text: "Farmar"}, false},
		{"a > IAMAT kiwi +1+1 1", Statement{Verb: ">", Name: "a", Text: "IAMAT kiwi +1+1 1"}, false},
		{`a >| "\xff\r\n"`, Statement{Verb: ">|", Name: "a", Text: "\xff\r\n"}, false},
		{`a < "? "`, Statement{Verb: "<", Name: "a", Text: "? "}, false},
		{"a ends", Statement{Verb: "ends", Name: "a"}, false},
		{"knows kiwi Hill Young", Statement{Verb: "knows", Name: "kiwi", Rest: []string{"Hill", "Young"}}, false},
		{"slow Hill Meeks 2000", Statement{Verb: "slow", Name: "Hill", Rest: []string{"Meeks", "2000"}}, true},
		{"a rests", Statement{Verb: "rests", Name: "a"}, true},
	} {
		got, err := Parse(c.text)
		if err != nil || got.Verb != c.want.Verb || got.Name != c.want.Name || got.Text != c.want.Text || strings.Join(got.Rest, " ") != strings.Join(c.want.Rest, " ") {
			t.Errorf("%s: %+v, %v", c.text, got, err)
		}
		if got.String() != c.text || got.Simulated() != c.simulated {
			t.Errorf("%s: written %s; for the simulator alone: %t", c.text, got, got.Simulated())
		}
	}
	for _, text := range []string{"at", "fly away home", "a", `a > "`, `a < "x" y`} {
		if st, err := Parse(text); err == nil {
			t.Errorf("%s: %+v", text, st)
		}
	}
}

func TestReadTellsTheLine(t *testing.T) {
	path := filepath.Join(t.TempDir(), "script.txt")
	for _, c := range []struct{ text, says string }{
		{"# a comment\n\na -> Farmar\n", ""},
		{"a -> Farmar\n\na flies\n", "script.txt:3: "},
	} {
		if err := os.WriteFile(path, []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		script, err := Read(path)
		switch {
		case c.says != "" && (err == nil || !strings.Contains(err.Error(), c.says)):
			t.Errorf("%q: %v, and it should say %q", c.text, err, c.says)
		case c.says == "" && (err != nil || !reflect.DeepEqual(script, []Statement{{Line: 3, Verb: "->", Name: "a", Text: "Farmar"}})):
			t.Errorf("%q: %+v, %v", c.text, script, err)
		}
	}
	if _, err := Read(path + ".not"); !os.IsNotExist(err) {
		t.Errorf("where there is no file: %v", err)
	}
}
