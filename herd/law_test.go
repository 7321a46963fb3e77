package herd

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// The package does nothing by itself: it imports the standard library alone, and
// of that nothing that reaches the outside or another goroutine; it starts none,
// and never asks for the time.
func TestThePackageDoesNothingByItself(t *testing.T) {
	forbidden := map[string]bool{
		"net": true, "os": true, "sync": true, "sync/atomic": true, "io/fs": true, "log": true, "log/slog": true,
		"runtime": true, "syscall": true, "context": true, "math/rand": true, "math/rand/v2": true, "crypto/rand": true, "unsafe": true,
	}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	checked := 0
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		checked++
		fset := token.NewFileSet()
		file, err := parser.ParseFile(fset, name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, spec := range file.Imports {
			path, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			first, _, _ := strings.Cut(path, "/")
			if forbidden[path] || forbidden[first] || strings.Contains(first, ".") || first == "proxyherd" {
				t.Errorf("%s imports %s", name, path)
			}
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.GoStmt, *ast.SelectStmt, *ast.SendStmt, *ast.ChanType:
				t.Errorf("%s: concurrency", fset.Position(n.Pos()))
			case *ast.SelectorExpr:
				if from, ok := n.X.(*ast.Ident); ok && from.Name == "time" && asksForTime[n.Sel.Name] {
					t.Errorf("%s: time.%s", fset.Position(n.Pos()), n.Sel.Name)
				}
			}
			return true
		})
	}
	if checked < 15 {
		t.Errorf("only %d files were looked at", checked)
	}
}

// asksForTime is what package time has that reads a clock or waits for one.
var asksForTime = map[string]bool{
	"Now": true, "Since": true, "Until": true, "Sleep": true, "After": true, "AfterFunc": true,
	"Tick": true, "NewTicker": true, "NewTimer": true,
}
