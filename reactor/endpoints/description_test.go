package endpoints

import (
	"errors"
	"reflect"
	"testing"
)

// TestParse is twisted/internet/test/test_endpoints.py's ParserTestCase, and
// EP6.
func TestParse(t *testing.T) {
	for _, test := range []struct {
		text       string
		kind       string
		positional []string
		keywords   []keyword
	}{
		{"tcp:80", "tcp", []string{"80"}, nil},
		{"a:b:c", "a", []string{"b", "c"}, nil},
		{"a:b=c", "a", nil, []keyword{{"b", "c"}}},
		{"a:b=1:c=2", "a", nil, []keyword{{"b", "1"}, {"c", "2"}}},
		{`a:b=1:c=d=e:f\=g:h`, "a", []string{"f=g", "h"}, []keyword{{"b", "1"}, {"c", "d=e"}}},
		{`a:foo\:bar\=baz\:qux\\`, "a", []string{`foo:bar=baz:qux\`}, nil},
		{`a:b\:c=d\=e`, "a", nil, []keyword{{"b:c", "d=e"}}},
		{"a::", "a", []string{"", ""}, nil},
		{"a:=b", "a", nil, []keyword{{"", "b"}}},
		{"a:b=", "a", nil, []keyword{{"b", ""}}},
		{`\a\b:\c`, "ab", []string{"c"}, nil},
		{"tcp:bücher.example:80", "tcp", []string{"bücher.example", "80"}, nil},
	} {
		t.Run(test.text, func(t *testing.T) {
			got, err := parse(test.text)
			if err != nil {
				t.Fatal(err)
			}
			want := description{test.text, test.kind, test.positional, test.keywords}
			if !reflect.DeepEqual(got, want) {
				t.Errorf("got %+v, want %+v", got, want)
			}
		})
	}
	t.Run("refuses a backslash at the end", func(t *testing.T) { // EP9, mended
		for _, text := range []string{`tcp:80\`, `\`, `a:b\\\`} {
			if _, err := parse(text); !errors.Is(err, ErrTrailingBackslash) {
				t.Errorf("%q gave %v, want ErrTrailingBackslash", text, err)
			}
		}
	})
}

// TestQuoteStringArgument is EP9.
func TestQuoteStringArgument(t *testing.T) {
	for argument, want := range map[string]string{
		"plain":        "plain",
		`C:\path`:      `C\:\\path`,
		"a=b":          `a\=b`,
		"::1":          `\:\:1`,
		`some:path\=?`: `some\:path\\\=?`,
	} {
		if got := QuoteStringArgument(argument); got != want {
			t.Errorf("%q is quoted as %q, want %q", argument, got, want)
		}
	}
}

// FuzzQuoteStringArgument checks that what is quoted comes back, in every place.
func FuzzQuoteStringArgument(f *testing.F) {
	for _, seed := range []string{"", "plain", `a:b=c\`, `\\`, "::", "=", "\xff\x00"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, argument string) {
		quoted := QuoteStringArgument(argument)
		d, err := parse("t:" + quoted + ":k=" + quoted)
		if err != nil {
			t.Fatal(err)
		}
		if len(d.positional) != 1 || d.positional[0] != argument ||
			len(d.keywords) != 1 || d.keywords[0] != (keyword{"k", argument}) {
			t.Errorf("%q came back as %+v", argument, d)
		}
	})
}
