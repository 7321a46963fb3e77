package main

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// errNoFunction is a function that a listing names and a file does not have.
var errNoFunction = errors.New("the file declares no such function")

// listing shows functions of two files beside each other, without their comments: FILE
// NAME,NAME FILE NAME,NAME.
func listing(w *writer, a ask) (string, error) {
	if len(a.words) != 3 {
		return "", errWords
	}
	left, err := w.functions(a.path, strings.Split(a.words[0], ","))
	if err != nil {
		return "", err
	}
	right, err := w.functions(a.words[1], strings.Split(a.words[2], ","))
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("```go\n%s```\n\n```go\n%s```\n", left, right), nil
}

// functions are the texts of a file's functions, in the order of their names.
func (w *writer) functions(path string, names []string) (string, error) {
	text, err := os.ReadFile(filepath.Join(w.root, path))
	if err != nil {
		return "", err
	}
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, path, text, parser.SkipObjectResolution)
	if err != nil {
		return "", err
	}
	b := &strings.Builder{}
	fmt.Fprintf(b, "// %s\n", path)
	for _, name := range names {
		at := slices.IndexFunc(file.Decls, func(d ast.Decl) bool {
			f, ok := d.(*ast.FuncDecl)
			return ok && f.Name.Name == name
		})
		if at < 0 {
			return "", fmt.Errorf("%w: %s has no %s", errNoFunction, path, name)
		}
		d := file.Decls[at].(*ast.FuncDecl)
		body := text[files.Position(d.Type.Pos()).Offset:files.Position(d.End()).Offset]
		fmt.Fprintf(b, "\n%s\n", strings.ReplaceAll(string(body), "\t", "    "))
	}
	return b.String(), nil
}
