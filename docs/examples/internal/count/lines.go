package main

import (
	"errors"
	"fmt"
	"go/scanner"
	"go/token"
	"regexp"
	"strings"
)

// lines counts the lines of code of a file, of Go if its name ends in .go, else
// of Python.
func lines(name string, source []byte) (int, error) {
	if strings.HasSuffix(name, ".go") {
		return goLines(name, source)
	}
	return pythonLines(name, string(source))
}

// goLines counts the lines that tokens are on. A raw string is on all its lines.
func goLines(name string, source []byte) (int, error) {
	var s scanner.Scanner
	var errs scanner.ErrorList
	file := token.NewFileSet().AddFile(name, -1, len(source))
	s.Init(file, source, errs.Add, 0) // leaves comments out
	code := make(map[int]bool)
	for {
		at, kind, text := s.Scan()
		switch {
		case kind == token.EOF:
			return len(code), errs.Err()
		case kind == token.SEMICOLON && text == "\n":
			continue // the scanner's own, at a line's end
		}
		first := file.Line(at)
		for line := first; line <= first+strings.Count(text, "\n"); line++ {
			code[line] = true
		}
	}
}

// errUnclosed is a string of Python's that does not end, or something else that
// is no Python.
var errUnclosed = errors.New("this is no Python: a string or a bracket does not end")

// pythonToken is what Python's source is made of, as far as lines go: white
// space with escaped line ends, comments, line ends, strings, and the rest a name
// or a character at a time. In a raw string too a backslash keeps a quote from
// ending it.
var pythonToken = regexp.MustCompile(`(?s)^(?:` +
	`(?P<blank>(?:[ \t\r\f]|\\\r?\n)+|#[^\n]*)` +
	`|(?P<end>\n)` +
	`|(?P<string>(?i:[ub]?r?)(?:"""(?:[^\\]|\\.)*?"""|'''(?:[^\\]|\\.)*?'''|"(?:[^\\"\n]|\\.)*"|'(?:[^\\'\n]|\\.)*'))` +
	`|(?P<code>\w+|[^"'\\]))`)

// pythonLines counts the lines of the statements. A statement that is nothing but
// a string is a docstring, or a comment by another name, and does not count.
func pythonLines(name, source string) (int, error) {
	blank, end, code := pythonToken.SubexpIndex("blank"), pythonToken.SubexpIndex("end"), pythonToken.SubexpIndex("code")
	count, line, depth := 0, 1, 0
	statement, onlyStrings := make(map[int]bool), true
	finish := func() {
		if !onlyStrings {
			count += len(statement)
		}
		clear(statement)
		onlyStrings = true
	}
	for source != "" {
		found := pythonToken.FindStringSubmatch(source)
		if found == nil {
			return 0, fmt.Errorf("%s:%d: %w", name, line, errUnclosed)
		}
		text := found[0]
		source = source[len(text):]
		if found[blank] == "" && found[end] == "" {
			for n := range strings.Count(text, "\n") + 1 {
				statement[line+n] = true
			}
			onlyStrings = onlyStrings && found[code] == ""
			depth += strings.Count("([{", text) - strings.Count(")]}", text)
		}
		if found[end] != "" && depth == 0 {
			finish()
		}
		line += strings.Count(text, "\n")
	}
	finish()
	if depth != 0 {
		return 0, fmt.Errorf("%s: %w", name, errUnclosed)
	}
	return count, nil
}
