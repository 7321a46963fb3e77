package main

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
)

// exporting are the folders whose every exported name the map accounts for.
var exporting = []string{
	"reactor", "reactor/deferred", "reactor/threads", "reactor/task", "reactor/endpoints",
	"reactor/service", "reactor/gnetreactor", "reactor/reactortest", "protocols", "factories",
}

// internal are more folders where the map may find a name.
var internal = []string{
	"reactor/internal/connecting", "reactor/internal/delayed", "reactor/internal/sysevent", "reactor/internal/threadpool",
}

// declaration is a Go name: factories.Factory, or with its member
// factories.Factory.DoStart.
type declaration struct {
	name     string
	file     string // from the root of the module
	exported bool   // reachable from another package
	doc      string // the comment, with that of the group it is in
	isMember bool
	constOf  string // of a constant with a type of the package's: that type
}

// golang is what a number of packages declare, tests aside.
type golang struct {
	all      map[string]declaration
	embeds   map[string][]string // what a type embeds
	comments []comment
}

// comment is a comment of any file, tests included.
type comment struct {
	place string
	text  string
}

var errNoPackage = errors.New("there is no Go package")

// readGo parses the packages in the folders.
func readGo(files fs.FS, folders []string) (*golang, error) {
	g := &golang{all: map[string]declaration{}, embeds: map[string][]string{}}
	for _, folder := range folders {
		names, err := fs.Glob(files, path.Join(folder, "*.go"))
		if err != nil {
			return nil, fmt.Errorf("looking for Go files in %s: %w", folder, err)
		}
		if len(names) == 0 {
			return nil, fmt.Errorf("%w in %s: run this at the root of the module", errNoPackage, folder)
		}
		for _, name := range names {
			if err := g.readFile(files, name); err != nil {
				return nil, err
			}
		}
	}
	g.promote()
	return g, nil
}

func (g *golang) readFile(files fs.FS, name string) error {
	text, err := fs.ReadFile(files, name)
	if err != nil {
		return err
	}
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, name, text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	for _, group := range file.Comments {
		g.comments = append(g.comments, comment{set.Position(group.Pos()).String(), group.Text()})
	}
	if strings.HasSuffix(name, "_test.go") {
		return nil
	}
	r := goFile{g, file.Name.Name, name}
	for _, d := range file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			r.function(d)
		case *ast.GenDecl:
			r.group(d)
		}
	}
	return nil
}

// goFile is a file whose declarations are being read.
type goFile struct {
	*golang
	pkg, name string
}

// add takes in a name; owner is its type, "" of what is at package level.
func (r goFile) add(owner, name, doc string) {
	full, exported := r.pkg+"."+name, ast.IsExported(name)
	if owner != "" {
		full, exported = r.pkg+"."+owner+"."+name, exported && ast.IsExported(owner)
	}
	r.all[full] = declaration{name: full, file: r.name, exported: exported, doc: doc, isMember: owner != ""}
}

func (r goFile) function(d *ast.FuncDecl) {
	owner := ""
	if d.Recv != nil {
		owner = typeName(d.Recv.List[0].Type)
	}
	r.add(owner, d.Name.Name, d.Doc.Text())
}

func (r goFile) group(d *ast.GenDecl) {
	constOf := ""
	for _, s := range d.Specs {
		switch s := s.(type) {
		case *ast.ValueSpec:
			if d.Tok == token.CONST && (s.Type != nil || s.Values != nil) {
				constOf = typeName(s.Type) // and that of those below without either
			}
			for _, name := range s.Names {
				r.add("", name.Name, d.Doc.Text()+s.Doc.Text())
				if constOf != "" {
					r.change(name.Name, func(c *declaration) { c.constOf = r.pkg + "." + constOf })
				}
			}
		case *ast.TypeSpec:
			r.add("", s.Name.Name, d.Doc.Text()+s.Doc.Text())
			r.members(s.Name.Name, s.Type)
		}
	}
}

// change changes a name that was added.
func (r goFile) change(name string, change func(*declaration)) {
	d := r.all[r.pkg+"."+name]
	change(&d)
	r.all[r.pkg+"."+name] = d
}

// members takes in fields and an interface's methods, and notes what is embedded.
// A field is never exported here: its type has a row, which is enough.
func (r goFile) members(owner string, t ast.Expr) {
	var list *ast.FieldList
	methods := false
	switch t := t.(type) {
	case *ast.StructType:
		list = t.Fields
	case *ast.InterfaceType:
		list, methods = t.Methods, true
	default:
		return
	}
	for _, field := range list.List {
		if len(field.Names) == 0 {
			if name := typeName(field.Type); name != "" {
				if !strings.Contains(name, ".") {
					name = r.pkg + "." + name
				}
				r.embeds[r.pkg+"."+owner] = append(r.embeds[r.pkg+"."+owner], name)
			}
			continue
		}
		for _, name := range field.Names {
			r.add(owner, name.Name, field.Doc.Text())
			if !methods {
				r.change(owner+"."+name.Name, func(d *declaration) { d.exported = false })
			}
		}
	}
}

// typeName is the name of a type without its stars and parameters; that of
// another package has the package's name before it. Of what has no name it is "".
func typeName(t ast.Expr) string {
	switch t := t.(type) {
	case *ast.StarExpr:
		return typeName(t.X)
	case *ast.IndexExpr:
		return typeName(t.X)
	case *ast.IndexListExpr:
		return typeName(t.X)
	case *ast.Ident:
		return t.Name
	case *ast.SelectorExpr:
		if pkg, ok := t.X.(*ast.Ident); ok {
			return pkg.Name + "." + t.Sel.Name
		}
	}
	return ""
}

// promote makes the methods that an exported type has of an unexported one
// exported: they are reached through it alone.
func (g *golang) promote() {
	for outer, inners := range g.embeds {
		if !g.all[outer].exported {
			continue
		}
		for _, inner := range inners {
			if g.all[inner].exported {
				continue
			}
			for name, d := range g.all {
				method, ok := strings.CutPrefix(name, inner+".")
				if ok && ast.IsExported(method) && d.isMember {
					g.all[outer+"."+method] = declaration{name: outer + "." + method, file: d.file, exported: true, doc: d.doc, isMember: true}
				}
			}
		}
	}
}

// find gives a declaration by its name, and reports whether it is an embedded
// type's.
func (g *golang) find(name string) (d declaration, isEmbedded, ok bool) {
	if d, ok = g.all[name]; ok {
		return d, false, true
	}
	last := strings.LastIndex(name, ".")
	if last < 0 {
		return d, false, false
	}
	for _, inner := range g.embeds[name[:last]] {
		if d, _, ok = g.find(inner + name[last:]); ok {
			return d, true, true
		}
	}
	return d, false, false
}

// declared are all names, sorted.
func (g *golang) declared() []declaration {
	return slices.SortedFunc(maps.Values(g.all), func(a, b declaration) int { return strings.Compare(a.name, b.name) })
}

// exported are the names that the map must account for: those of the folders
// that another package can reach.
func (g *golang) exported(folders []string) []declaration {
	return slices.DeleteFunc(g.declared(), func(d declaration) bool {
		return !d.exported || !slices.Contains(folders, path.Dir(d.file))
	})
}
