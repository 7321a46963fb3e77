package main

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/printer"
	"go/scanner"
	"go/token"
	"os"
	"path/filepath"
	"strings"
)

// The two designs' folders, seen from the module's root.
const (
	reactorFolder   = "herd/reactorherd"
	goroutineFolder = "herd/goroutineherd"
)

// source is one file.
type source struct {
	path      string // from the module's root
	counts    counts
	functions []function
	notes     []string // what its Twin comments say
}

// function is one function or method.
type function struct {
	receiver, name string // the receiver's type, without its star
	line           int
	code           string // as it is printed, without comments
	text           string // as it stands in the file
	branches       int
}

// key is what a function and its twin have in common: what Twisted's names begin
// with an upper letter for.
func (f *function) key() string { return strings.ToLower(f.name) }

func (f *function) String() string {
	if f.receiver == "" {
		return f.name
	}
	return f.receiver + "." + f.name
}

// readFolder reads the files of a package, without its tests, by name.
func readFolder(root, folder string) (files map[string]*source, err error) {
	paths, err := filepath.Glob(filepath.Join(root, folder, "*.go"))
	if err != nil {
		return nil, err
	}
	files = map[string]*source{}
	for _, path := range paths {
		name := filepath.Base(path)
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		if files[name], err = readSource(path, folder+"/"+name); err != nil {
			return nil, err
		}
	}
	return files, nil
}

func readSource(file, path string) (*source, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	fset := token.NewFileSet()
	parsed, err := parser.ParseFile(fset, path, text, parser.ParseComments)
	if err != nil {
		return nil, err
	}
	s := &source{path: path, notes: notesOf(parsed)}
	s.counts.lines(text)
	s.counts.tree(parsed)
	lines := strings.Split(string(text), "\n")
	for _, d := range parsed.Decls {
		f, is := d.(*ast.FuncDecl)
		if !is {
			continue
		}
		begin, end := fset.Position(f.Pos()).Line, fset.Position(f.End()).Line
		if f.Doc != nil {
			begin = fset.Position(f.Doc.Pos()).Line
		}
		var c counts
		c.tree(f)
		s.functions = append(s.functions, function{
			receiver: receiverOf(f), name: f.Name.Name, line: fset.Position(f.Pos()).Line,
			code: withoutComments(f), text: strings.Join(lines[begin-1:end], "\n"), branches: c.branches,
		})
	}
	return s, nil
}

func receiverOf(f *ast.FuncDecl) string {
	if f.Recv == nil {
		return ""
	}
	t := f.Recv.List[0].Type
	if star, is := t.(*ast.StarExpr); is {
		t = star.X
	}
	return t.(*ast.Ident).Name
}

// withoutComments prints a function's body, so that two can be compared.
func withoutComments(f *ast.FuncDecl) string {
	var b bytes.Buffer
	// Positions of an empty set: what stood on which line makes no difference.
	_ = printer.Fprint(&b, token.NewFileSet(), &ast.FuncDecl{Recv: f.Recv, Name: ast.NewIdent(strings.ToLower(f.Name.Name)), Type: f.Type, Body: f.Body})
	return b.String()
}

// counts is what can be counted in a piece of source.
type counts struct {
	code, comments   int // lines
	branches         int // if, for, case
	locks, atomics   int // calls of Lock; values of package atomic
	goroutines       int
	channels         int // made, sent to, received from
	selects          int
	waits            int // calls of Wait: until others have done something
	contexts, timers int
	callbacks        int // exported methods, which a reactor calls
}

// lines counts the lines that have code, and those that have a comment alone.
func (c *counts) lines(text []byte) {
	var s scanner.Scanner
	fset := token.NewFileSet()
	file := fset.AddFile("", -1, len(text))
	s.Init(file, text, nil, scanner.ScanComments)
	code, comment := map[int]bool{}, map[int]bool{}
	for {
		pos, tok, literal := s.Scan()
		if tok == token.EOF {
			break
		}
		if tok == token.SEMICOLON && literal == "\n" {
			continue
		}
		on := code
		if tok == token.COMMENT {
			on = comment
		}
		first := file.Line(pos)
		for i := range strings.Count(literal, "\n") + 1 {
			on[first+i] = true
		}
	}
	c.code = len(code)
	for line := range comment {
		if !code[line] {
			c.comments++
		}
	}
}

// tree counts what can be seen in the syntax.
func (c *counts) tree(n ast.Node) {
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.IfStmt, *ast.ForStmt, *ast.RangeStmt:
			c.branches++
		case *ast.CaseClause:
			c.branches += min(1, len(n.List))
		case *ast.CommClause:
			c.branches++
		case *ast.GoStmt:
			c.goroutines++
		case *ast.SelectStmt:
			c.selects++
		case *ast.ChanType, *ast.SendStmt:
			c.channels++
		case *ast.UnaryExpr:
			if n.Op == token.ARROW {
				c.channels++
			}
		case *ast.CallExpr:
			if called, is := n.Fun.(*ast.SelectorExpr); is {
				c.call(called.Sel.Name, len(n.Args))
			}
		case *ast.SelectorExpr:
			if from, is := n.X.(*ast.Ident); is {
				switch from.Name {
				case "atomic":
					c.atomics++
				case "context":
					c.contexts++
				}
			}
		case *ast.FuncDecl:
			if n.Recv != nil && n.Name.IsExported() {
				c.callbacks++
			}
		}
		return true
	})
}

func (c *counts) call(name string, arguments int) {
	switch {
	case name == "Lock":
		c.locks++
	case name == "Go" && arguments == 1:
		c.goroutines++
	case name == "Wait":
		c.waits++
	case name == "AfterFunc", name == "CallLater", name == "NewTimer", name == "SetReadDeadline", name == "SetWriteDeadline":
		c.timers++
	}
}

func (c *counts) add(d counts) {
	c.code, c.comments, c.branches = c.code+d.code, c.comments+d.comments, c.branches+d.branches
	c.locks, c.atomics, c.goroutines = c.locks+d.locks, c.atomics+d.atomics, c.goroutines+d.goroutines
	c.channels, c.selects, c.waits = c.channels+d.channels, c.selects+d.selects, c.waits+d.waits
	c.contexts, c.timers, c.callbacks = c.contexts+d.contexts, c.timers+d.timers, c.callbacks+d.callbacks
}

// noteBegins is how a comment begins that says where, and why, a shape differs from
// its twin's.
const noteBegins = "Twin: "

// notesOf are a file's Twin comments: each from its beginning to an empty line.
func notesOf(f *ast.File) (notes []string) {
	for _, group := range f.Comments {
		for paragraph := range strings.SplitSeq(group.Text(), "\n\n") {
			if _, note, found := strings.Cut(strings.ReplaceAll(paragraph, "\n", " "), noteBegins); found {
				notes = append(notes, strings.TrimSpace(note))
			}
		}
	}
	return notes
}
