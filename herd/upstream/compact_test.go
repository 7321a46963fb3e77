package upstream

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	jsoniter "github.com/json-iterator/go"
)

func TestCompactKeepsEverythingButWhiteSpace(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"order of keys", "{ \"b\" : 1 ,\n\t\"a\" : 2 }\r\n", `{"b":1,"a":2}`},
		{"keys that come twice", `{"a": 1, "a": 2}`, `{"a":1,"a":2}`},
		{"large whole numbers", `[ 270123456789012345678 ]`, `[270123456789012345678]`},
		{"numbers as they are written", `[1.0e5, 1E+05, -0, 0.10, 1e400, -1.50e-400]`, `[1.0e5,1E+05,-0,0.10,1e400,-1.50e-400]`},
		{"escapes", `[ "a\/b", "\u00e9\uD83C\udfc3", "\ud800", "\"\\\b\f\n\r\t" ]`, `["a\/b","\u00e9\uD83C\udfc3","\ud800","\"\\\b\f\n\r\t"]`},
		{"white space in strings", `[ "  a  b  " ]`, `["  a  b  "]`},
		{"structure in strings", `{ "{[,:]}" : "]}" }`, `{"{[,:]}":"]}"}`},
		{"characters that are not ASCII", "[ \"é\u2028🏃\x7f\" ]", "[\"é\u2028🏃\x7f\"]"},
		{"bytes that are not UTF-8", "[ \"\xff\xc0\" ]", "[\"\xff\xc0\"]"},
		{"nothing to take out", `{"results":[],"page":1}`, `{"results":[],"page":1}`},
		{"empty array and object", "[ [ ] , { } ]", "[[],{}]"},
		{"literals", "[ true , false , null ]", "[true,false,null]"},
		{"a number alone", " 12 ", "12"},
		{"a string alone", "\n\"x\"\n", `"x"`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := Compact([]byte("before"), []byte(test.text))
			if err != nil || string(got) != "before"+test.want {
				t.Errorf("Compact(%q) = %q, %v; want %q", test.text, got, err, test.want)
			}
			agreesWithEncodingJSON(t, []byte(test.text))
		})
	}
}

func TestCompactRefusesWhatIsNotJSON(t *testing.T) {
	tests := []string{
		"", " ", "\n", "\uFEFF{}", "{", "}", "[", "]", `{"a"`, `{"a":`, `{"a":1`, `{"a":1,`, `{"a":1,}`, `{,}`, `{1:2}`, `{a:1}`, `{"a",1}`, `{"a" 1}`,
		`{null:1}`, `[1,]`, `[,1]`, `[1 2]`, `["a" "b"]`, `[1}`, `{"a":1]`, `[:]`, `{}{}`, `{} x`, `{},`, `1 2`, `[1]]`, `:`, `,`,
		`01`, `-`, `-01`, `+1`, `.5`, `1.`, `1.e5`, `1e`, `1e+`, `0x10`, `1_000`, `--1`, `[1.5.2]`, `NaN`, `Infinity`, `-Infinity`,
		`nul`, `nulll`, `truefalse`, `True`, `TRUE`, `12true`,
		`"`, `"a`, `"\`, `"\"`, `"\q"`, `"\u12"`, `"\u12G4"`, `"\x41"`, `'a'`, "\"a\nb\"", "\"a\x00b\"", "\"\x1f\"", "\"\\n\n\"", "[\"\\n\x01\"]",
		"[1]\x00", "\x00", "[1,\v2]", "[1,\u00a02]", "// comment\n1", "/**/1", "<html></html>",
	}
	for _, text := range tests {
		got, err := Compact([]byte("before"), []byte(text))
		if !errors.Is(err, ErrNotJSON) || string(got) != "before" {
			t.Errorf("Compact(%q) = %q, %v", text, got, err)
		}
		agreesWithEncodingJSON(t, []byte(text))
	}
	if len(tests) < 70 {
		t.Errorf("only %d texts were tried", len(tests))
	}
}

func TestCompactNamesThePlace(t *testing.T) {
	for text, want := range map[string]string{
		`{"a":01}`:   "'0' may not stand here (byte 5)",
		"[\"a\nb\"]": "a control character in a string must be escaped (byte 3)",
		`["a\q"]`:    "no such escape (byte 3)",
		`["a`:        "a string has no end (byte 3)",
		`{"a":1`:     "it ends too soon (byte 6)",
	} {
		if _, err := Compact(nil, []byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Compact(%q): %v, which does not say %q", text, err, want)
		}
	}
}

// agreesWithEncodingJSON holds Compact against the standard library: it takes the same texts and makes the same of them.
func agreesWithEncodingJSON(t *testing.T, text []byte) {
	t.Helper()
	got, err := Compact(nil, text)
	if valid := json.Valid(text); valid != (err == nil) {
		t.Fatalf("encoding/json says of %.200q: valid %v; Compact: %v", text, valid, err)
	} else if !valid {
		return
	}
	var want bytes.Buffer
	if err := json.Compact(&want, text); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want.Bytes()) {
		t.Fatalf("Compact(%.200q) = %.200q, encoding/json makes %.200q", text, got, want.Bytes())
	}
	if bytes.ContainsAny(got, "\r\n") {
		t.Fatalf("Compact(%.200q) = %.200q has a newline", text, got)
	}
}

func TestCompactWithstandsDepthBombs(t *testing.T) {
	for _, depth := range []int{9999, 10000, 10001, 1_000_000} {
		for _, text := range []string{
			strings.Repeat("[", depth),
			strings.Repeat("[", depth) + strings.Repeat("]", depth),
			strings.Repeat(`{"a":`, depth) + "1" + strings.Repeat("}", depth),
			strings.Repeat(`[{"a":`, depth/2) + "1" + strings.Repeat("}]", depth/2),
		} {
			agreesWithEncodingJSON(t, []byte(text))
		}
	}
}

func TestCompactCostsNoMoreThanItsLength(t *testing.T) {
	// A number of a million digits and an exponent: what would convert it would take minutes, or refuse it.
	text := []byte("[1" + strings.Repeat("7", 1_000_000) + "e5 ]")
	got, err := Compact(nil, text)
	if err != nil || len(got) != len(text)-1 {
		t.Errorf("%d bytes, %v", len(got), err)
	}
}

func TestCompactInPlace(t *testing.T) {
	text := []byte("  { \"a\" : [ 1 , 2 ] , \"b\" : \"x y\" }  ")
	got, err := Compact(text[:0], text)
	if err != nil || string(got) != `{"a":[1,2],"b":"x y"}` || &got[0] != &text[0] {
		t.Errorf("%q, %v", got, err)
	}
}

// TestJSONIteratorCannotJudge shows why the reader of tokens is written here. Where it fails, json-iterator has changed, and
// the comment on tokens is to be looked at again.
func TestJSONIteratorCannotJudge(t *testing.T) {
	skips := func(text string) bool {
		i := jsoniter.ParseString(jsoniter.ConfigDefault, text)
		i.Skip()
		return i.Error == nil
	}
	for _, taken := range []string{"[\"\\n\n\"]", `[-01]`} {
		if !skips(taken) || json.Valid([]byte(taken)) {
			t.Errorf("%q: json-iterator takes it: %v, it is valid: %v", taken, skips(taken), json.Valid([]byte(taken)))
		}
	}
	for _, refused := range []string{`[1e400]`, `[0.5e400]`} {
		if skips(refused) || !json.Valid([]byte(refused)) {
			t.Errorf("%q: json-iterator takes it: %v, it is valid: %v", refused, skips(refused), json.Valid([]byte(refused)))
		}
	}
}

func FuzzCompact(f *testing.F) {
	for _, seed := range []string{
		`{"results":[{"id":270123456789012345678,"text":"a\/b \u00e9"}],"page":1}`, " [ 1.0e5 , -0.5E-3 ] ", `{"a":{"a":[]}}`, "\"\\ud83c\xff\"",
		"[\"\\n\n\"]", `[-01]`, `[1e400]`, `{"a":1,}`, "true", "nul", "[[[[", "{}{}", "\uFEFF1",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		before := bytes.Clone(text)
		agreesWithEncodingJSON(t, text)
		if !bytes.Equal(text, before) {
			t.Fatalf("Compact changed its source %q to %q", before, text)
		}
		// In place the outcome is the same.
		want, err := Compact(nil, before)
		got, errInPlace := Compact(text[:0], text)
		if (err == nil) != (errInPlace == nil) || !bytes.Equal(got, want) {
			t.Fatalf("in place %q, %v; else %q, %v", got, errInPlace, want, err)
		}
	})
}
