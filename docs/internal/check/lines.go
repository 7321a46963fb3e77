package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// declarations are the lines of what a Go file declares: functions, types,
// constants and variables by their names, methods and fields as Type.Name.
type declarations map[string]int

// declared is the line of what a link's text names: Name, Type.Name, or either
// with a package before it, a call's brackets behind it, or a star.
func (t *tree) declared(file, text string) (line int, found bool, err error) {
	all, read := t.goFiles[file]
	if !read {
		if all, err = readDeclarations(filepath.Join(t.root, file)); err != nil {
			return 0, false, err
		}
		t.goFiles[file] = all
	}
	name := strings.TrimSuffix(strings.NewReplacer("*", "", "(", "", ")", "").Replace(text), "()")
	for {
		if line, found = all[name]; found {
			return line, true, nil
		}
		_, rest, more := strings.Cut(name, ".")
		if !more {
			return 0, false, nil
		}
		name = rest
	}
}

func readDeclarations(file string) (declarations, error) {
	files := token.NewFileSet()
	parsed, err := parser.ParseFile(files, file, nil, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	d := declarations{}
	add := func(name string, at token.Pos) { d[name] = files.Position(at).Line }
	for _, declared := range parsed.Decls {
		switch declared := declared.(type) {
		case *ast.FuncDecl:
			name := declared.Name.Name
			if declared.Recv != nil {
				name = receiver(declared.Recv.List[0].Type) + "." + name
			}
			add(name, declared.Pos())
		case *ast.GenDecl:
			for _, s := range declared.Specs {
				addSpec(s, add)
			}
		}
	}
	return d, nil
}

func addSpec(s ast.Spec, add func(string, token.Pos)) {
	switch s := s.(type) {
	case *ast.ValueSpec:
		for _, name := range s.Names {
			add(name.Name, name.Pos())
		}
	case *ast.TypeSpec:
		add(s.Name.Name, s.Pos())
		var members *ast.FieldList
		switch of := s.Type.(type) {
		case *ast.StructType:
			members = of.Fields
		case *ast.InterfaceType:
			members = of.Methods
		default:
			return
		}
		for _, member := range members.List {
			for _, name := range member.Names {
				add(s.Name.Name+"."+name.Name, name.Pos())
			}
		}
	}
}

// receiver is the name of a method's type.
func receiver(of ast.Expr) string {
	switch of := of.(type) {
	case *ast.StarExpr:
		return receiver(of.X)
	case *ast.IndexExpr:
		return receiver(of.X)
	case *ast.IndexListExpr:
		return receiver(of.X)
	case *ast.Ident:
		return of.Name
	}
	return ""
}

// lineLink is a link to one line of a Go file, as it stands in Markdown.
var lineLink = regexp.MustCompile("\\[`?([^\\]`]+)`?\\]\\(([^)#\\s]+\\.go)#L(\\d+)\\)")

// fixLines writes the right numbers into all pages' links to lines.
func (t *tree) fixLines() error {
	for _, p := range t.pages {
		fixed := lineLink.ReplaceAllStringFunc(string(p.source), func(whole string) string {
			m := lineLink.FindStringSubmatch(whole)
			line, found, err := t.declared(path.Join(path.Dir(p.path), m[2]), m[1])
			if err != nil || !found {
				return whole // the check says what is wrong with it
			}
			return strings.Replace(whole, "#L"+m[3], "#L"+strconv.Itoa(line), 1)
		})
		if fixed == string(p.source) {
			continue
		}
		if err := os.WriteFile(filepath.Join(t.root, p.path), []byte(fixed), 0o644); err != nil {
			return err
		}
		*p = *readPage(p.path, []byte(fixed))
	}
	return nil
}
