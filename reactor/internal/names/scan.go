package main

import (
	"fmt"
	"regexp"
	"strings"
)

// The kinds of names that a module of Python's defines.
const (
	kindClass     = "class"
	kindFunction  = "function"  // at module level
	kindMethod    = "method"    // in a class
	kindVariable  = "variable"  // assigned at module level
	kindAttribute = "attribute" // assigned in a class, or to self in its __init__
)

// entry is one name that a module defines, and where.
type entry struct {
	module string // twisted/internet/protocol.py
	line   int    // from 1
	name   string // Protocol.dataReceived
	kind   string
	bases  string // of a class: what it inherits from, without blanks
}

// The statements that define names. A logical line has its strings emptied,
// its comments gone and its continuations joined.
var (
	definition = regexp.MustCompile(`^(class|def)\s+(\w+)\s*(.*)$`)
	assignment = regexp.MustCompile(`^([\w.,()\s]+?)\s*=([^=].*|)$`)
	deletion   = regexp.MustCompile(`^del\s+(.+)$`)
	loop       = regexp.MustCompile(`^(for|while)\b`)
	selfName   = regexp.MustCompile(`^self\.(\w+)$`)
	plainName  = regexp.MustCompile(`^\w+$`)
)

// block is a statement whose lines are further in than itself.
type block struct {
	indent int
	kind   string // kindClass, kindMethod (of any def) or "loop"
	name   string // of a class or def
}

// scanner collects the names of one module.
type scanner struct {
	module  string
	open    []block
	entries []entry
	seen    map[string]bool // qualified names
}

// scan lists the names that a module's text defines, in their order. It is no
// parser of Python: it knows of strings, brackets, comments and indentation,
// and of those the statements class, def, = and del. Names that a module makes
// in a loop, or by writing into globals(), it does not see.
func scan(module string, text []byte) ([]entry, error) {
	s := scanner{module: module, seen: map[string]bool{}}
	lines, err := logicalLines(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", module, err)
	}
	for _, l := range lines {
		s.statement(l)
	}
	return s.entries, nil
}

func (s *scanner) statement(l logical) {
	for len(s.open) > 0 && l.indent <= s.open[len(s.open)-1].indent {
		s.open = s.open[:len(s.open)-1]
	}
	if m := definition.FindStringSubmatch(l.text); m != nil {
		s.define(l, m[1], m[2], m[3])
		return
	}
	switch {
	case loop.MatchString(l.text):
		s.open = append(s.open, block{l.indent, "loop", ""})
	case deletion.MatchString(l.text):
		s.forget(deletion.FindStringSubmatch(l.text)[1])
	default:
		s.assign(l)
	}
}

// define takes in a class or def and opens its block.
func (s *scanner) define(l logical, keyword, name, rest string) {
	classes, visible := s.classes()
	kind := kindClass
	if keyword == "def" {
		kind = kindFunction
		if len(classes) > 0 {
			kind = kindMethod
		}
	}
	if visible {
		e := entry{module: s.module, line: l.line, name: qualified(classes, name), kind: kind}
		if kind == kindClass {
			e.bases = bases(rest)
		}
		s.add(e)
	}
	if keyword == "def" {
		kind = kindMethod
	}
	s.open = append(s.open, block{l.indent, kind, name})
}

// assign takes in the targets of an assignment, of which there may be several:
// a = b, c = 1.
func (s *scanner) assign(l logical) {
	classes, visible := s.classes()
	own, inInit := s.constructor()
	for text := l.text; ; {
		m := assignment.FindStringSubmatch(text)
		if m == nil {
			return
		}
		text = strings.TrimSpace(m[2])
		for _, target := range strings.Split(m[1], ",") {
			target = strings.Trim(target, "() ")
			e := entry{module: s.module, line: l.line, kind: kindAttribute}
			switch field := selfName.FindStringSubmatch(target); {
			case inInit && field != nil:
				e.name = qualified(own, field[1])
			case visible && plainName.MatchString(target):
				e.name = qualified(classes, target)
				if len(classes) == 0 {
					e.kind = kindVariable
				}
			default:
				continue
			}
			s.add(e)
		}
	}
}

// classes are those that the current line stands in; it is not visible from
// outside in a function or a loop.
func (s *scanner) classes() (names []string, visible bool) {
	for _, b := range s.open {
		if b.kind != kindClass {
			return names, false
		}
		names = append(names, b.name)
	}
	return names, true
}

// constructor reports whether the current line is in an __init__, loops and
// nested functions aside, and of which classes.
func (s *scanner) constructor() (classes []string, is bool) {
	for i, b := range s.open {
		if b.kind != kindClass {
			return classes, i == len(s.open)-1 && i > 0 && b.name == "__init__"
		}
		classes = append(classes, b.name)
	}
	return nil, false
}

// add takes in a name. A name may be defined twice, for two platforms; but what
// is assigned to a name that is there already is no new name.
func (s *scanner) add(e entry) {
	assigned := e.kind == kindAttribute || e.kind == kindVariable
	if assigned && s.seen[e.name] {
		return
	}
	s.seen[e.name] = true
	s.entries = append(s.entries, e)
}

// forget drops names that a module deletes.
func (s *scanner) forget(names string) {
	classes, visible := s.classes()
	if !visible {
		return
	}
	gone := map[string]bool{}
	for _, name := range strings.Split(names, ",") {
		gone[qualified(classes, strings.TrimSpace(name))] = true
	}
	kept := s.entries[:0]
	for _, e := range s.entries {
		if !gone[e.name] {
			kept = append(kept, e)
		}
	}
	s.entries = kept
}

func qualified(classes []string, name string) string {
	return strings.Join(append(classes[:len(classes):len(classes)], name), ".")
}

// bases are what stands in the brackets after a class's name.
func bases(rest string) string {
	inner, ok := strings.CutPrefix(rest, "(")
	if !ok {
		return ""
	}
	inner, _, _ = strings.Cut(inner, ")")
	return strings.Join(strings.Fields(inner), "")
}
