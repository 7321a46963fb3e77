package main

import (
	"errors"
	"testing"
)

func TestGoLines(t *testing.T) {
	for _, c := range []struct {
		source string
		want   int
	}{
		{"", 0},
		{"// a comment\n\n/* and\none more */\n", 0},
		{"package p // a comment\n", 1},
		{"package p\n\n/* before */ var x = 1\n", 2},
		{"package p\n\nvar x = `two\n\n// lines and this`\n\nvar y = \"// no comment\"\n", 5},
		{"package p\n\nfunc f() {\n\n\treturn // nothing\n}", 4},
	} {
		if got, err := lines("x.go", []byte(c.source)); err != nil || got != c.want {
			t.Errorf("%q has %d lines, not %d; %v", c.source, got, c.want, err)
		}
	}
	if _, err := lines("x.go", []byte("package p\nvar x = 'a")); err == nil {
		t.Error("a letter without an end is Go")
	}
}

func TestPythonLines(t *testing.T) {
	for _, c := range []struct {
		source string
		want   int
	}{
		{"", 0},
		{"#!/usr/bin/env python\n\n# a comment\n   # another\n", 0},
		{"x = 1 # a comment\n", 1},
		{"\"\"\"A docstring\n\nof three lines.\"\"\"\nx = 1\n", 1},
		{"def f():\n    'one' \"two\"\n    r'''and \\''' three'''\n    return 'no docstring'\n", 2},
		{"class C:\n    u\"doc\"\r\n\n    x = UR'no doc'\r\n", 2},
		{"x = '''two\n\n# lines and this'''\n", 3},
		{"f(1,\n\n  # a comment\n  'a string',\n  '''and\n  another''')\n", 4},
		{"x = 1 + \\\n    2\n", 2},
		{"'a docstring' \\\n  'on two lines'\n", 0},
		{"'not one'; x = 1\n", 1},
		{"'not one' % x\n", 1},
		{"x = {'a': [1, (2,\n3)]}\n'a docstring'\ny", 3},
		{"bar'x'\n", 1}, // no prefix is that long: it is a name and a string
		{"x = '#' # \"\n", 1},
		{"x = \"\\\"\" + '\\\\'\n''\n", 1},
		{"print `x`, x != y\n", 1},
	} {
		if got, err := lines("x.py", []byte(c.source)); err != nil || got != c.want {
			t.Errorf("%q has %d lines, not %d; %v", c.source, got, c.want, err)
		}
	}
	for _, source := range []string{"x = 'a\n", "'''a''\n", "x = (1\n", "x = 1)\n", "\\x"} {
		if n, err := lines("x.tac", []byte(source)); !errors.Is(err, errUnclosed) {
			t.Errorf("%q has %d lines; %v", source, n, err)
		}
	}
}
