package main

import (
	"bytes"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// module is the module's folder.
const module = "../../../.."

// What the page shows is what the files have.
func TestThePageIsUpToDate(t *testing.T) {
	page, err := os.ReadFile(filepath.Join(module, pageFile))
	if err != nil {
		t.Fatal(err)
	}
	want, err := write(page, module)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(page, want) {
		t.Errorf("%s shows other numbers than the files have: go run ./docs/examples/internal/count", pageFile)
	}
}

// No number is left over from a file that is in the table no more.
func TestEveryCountIsUsed(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(module, tsvFile))
	if err != nil {
		t.Fatal(err)
	}
	have, err := read(text)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(have.tsv(), text) {
		t.Errorf("%s is not in order", tsvFile)
	}
	for _, r := range rows {
		for _, name := range r.twisted {
			delete(have, name)
		}
	}
	if len(have) != 0 {
		t.Errorf("these are in no row: %v", have)
	}
}

// Every file of the examples is in the table; geofence, nearby and slowturn have no file
// of Twisted's to stand beside.
func TestEveryFileIsInTheTable(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(module, examples, "*", "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	checked := 0
	for _, file := range files {
		name, err := filepath.Rel(filepath.Join(module, examples), file)
		if err != nil {
			t.Fatal(err)
		}
		folder, _, _ := strings.Cut(name, "/")
		if strings.HasSuffix(name, "_test.go") || slices.Contains([]string{"geofence", "nearby", "slowturn"}, folder) {
			continue
		}
		if !slices.ContainsFunc(rows, func(r row) bool { return slices.Contains(r.ours, name) }) {
			t.Errorf("%s is in no row", name)
		}
		checked++
	}
	if checked < 24 {
		t.Errorf("found %d files", checked)
	}
}

// Each step of the tutorial is set beside exactly what it needs: the files that
// declare the names that it uses, and those that these use.
func TestStepsAreWhole(t *testing.T) {
	folder := filepath.Join(module, examples, "finger")
	files, declaredIn := make(map[string]*ast.File), make(map[string]string)
	for n := range 14 {
		name := steps(n + 1)[0]
		f, err := parser.ParseFile(token.NewFileSet(), filepath.Join(folder, filepath.Base(name)), nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		files[name] = f
		for _, d := range f.Decls {
			for _, declared := range names(d) {
				declaredIn[declared] = name
			}
		}
	}
	checked := 0
	for n := range 14 {
		last := steps(n + 1)[0]
		needed := need(last, files, declaredIn, map[string]bool{})
		i := slices.IndexFunc(rows, func(r row) bool { return r.ours[len(r.ours)-1] == last })
		if !slices.Equal(rows[i].ours, needed) {
			t.Errorf("%s needs %q, the table says %q", last, needed, rows[i].ours)
		}
		checked += len(needed)
	}
	if checked < 25 {
		t.Errorf("%d files", checked)
	}
}

// names are what a declaration declares in the package, methods aside.
func names(d ast.Decl) (names []string) {
	switch d := d.(type) {
	case *ast.FuncDecl:
		if d.Recv == nil {
			names = append(names, d.Name.Name)
		}
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			switch spec := spec.(type) {
			case *ast.TypeSpec:
				names = append(names, spec.Name.Name)
			case *ast.ValueSpec:
				for _, name := range spec.Names {
					names = append(names, name.Name)
				}
			}
		}
	}
	return names
}

// need is the file and all that it needs, in order.
func need(file string, files map[string]*ast.File, declaredIn map[string]string, seen map[string]bool) (needed []string) {
	seen[file] = true
	needed = []string{file}
	ast.Inspect(files[file], func(n ast.Node) bool {
		if name, ok := n.(*ast.Ident); ok {
			if other, ok := declaredIn[name.Name]; ok && !seen[other] {
				needed = append(needed, need(other, files, declaredIn, seen)...)
			}
		}
		return true
	})
	slices.Sort(needed)
	return needed
}

// save makes a file and the folders it is in.
func save(t *testing.T, text string, path ...string) {
	t.Helper()
	name := filepath.Join(path...)
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// In a module and a Twisted whose files have two lines and one, the command
// writes so.
func TestRun(t *testing.T) {
	root, twisted := t.TempDir(), t.TempDir()
	for _, r := range rows {
		for _, name := range r.ours {
			save(t, "package main\n\nvar x = 1\n", root, examples, name)
		}
		for _, name := range r.twisted {
			save(t, "# a comment\nx = 1\n", twisted, name)
		}
	}
	save(t, "before\n"+begin+"\nold\n"+end+"\nafter\n", root, pageFile)
	save(t, "", root, tsvFile)
	if err := run(root, ""); !errors.Is(err, errTSV) {
		t.Errorf("with no table of counts: %v", err)
	}
	save(t, header, root, tsvFile)
	if err := run(root, ""); !errors.Is(err, errFile) {
		t.Errorf("with an empty table of counts: %v", err)
	}
	if err := run(root, twisted); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(filepath.Join(root, pageFile))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"before\n" + begin + "\n| Twisted 13.2.0 |",
		"\n| echoserv.py | 1 | echoserv/main.go | 2 |\n",
		"\n|  |  | finger/main.go | 2 |\n",
		"\n| finger12.tac | 1 | finger/finger08.go, finger/finger11.go, finger/finger12.go | 6 |\n",
		" |\n" + end + "\nafter\n",
	} {
		if !strings.Contains(string(got), want) {
			t.Errorf("the page lacks %q:\n%s", want, got)
		}
	}
	if strings.Contains(string(got), "old") {
		t.Error("the old table is still there")
	}
	save(t, "no table\n", root, pageFile)
	if err := run(root, ""); !errors.Is(err, errPage) {
		t.Errorf("with a page that has no place for it: %v", err)
	}
	if err := run(root, t.TempDir()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("with an empty Twisted: %v", err)
	}
	if _, err := read([]byte(header + "a file\tmany\n")); !errors.Is(err, errTSV) {
		t.Errorf("a count that is no number: %v", err)
	}
}
