package deferred_test

import (
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const document = "../../docs/deferred.md"

// snippet finds a block of Go in the document, and the compiler's words if they
// follow.
var snippet = regexp.MustCompile("(?s)```go( prelude)?\n(.*?)```\n(?:```text\n(.*?)```\n)?")

var heading = regexp.MustCompile("(?m)^#+ (.*)$")

// TestDocument holds the document to its word: what it says does not compile
// does not, for the reason that it gives, and the rest does.
func TestDocument(t *testing.T) {
	text, err := os.ReadFile(document)
	if err != nil {
		t.Fatal(err)
	}
	c := newCompiler(t)
	prelude, good, bad := "", 0, 0
	for _, at := range snippet.FindAllSubmatchIndex(text, -1) {
		part := func(n int) string { return string(text[max(at[2*n], 0):max(at[2*n+1], 0)]) }
		code, says := part(2), strings.TrimSpace(part(3))
		switch {
		case part(1) != "":
			prelude = code
			continue
		case says == "":
			good++
		default:
			bad++
		}
		headings := heading.FindAllSubmatch(text[:at[0]], -1)
		t.Run(string(headings[len(headings)-1][1]), func(t *testing.T) {
			if got := c.check(t, prelude, code); got != says {
				t.Errorf("the compiler says:\n%s\nthe document says:\n%s", got, says)
			}
		})
	}
	if prelude == "" || good < 2 || bad < 10 {
		t.Errorf("%d snippets that compile and %d that do not: the document was read wrongly", good, bad)
	}
}

// compiler type-checks snippets against this package as it stands.
type compiler struct {
	files    *token.FileSet
	std      types.Importer
	deferred *types.Package
}

func newCompiler(t *testing.T) *compiler {
	t.Helper()
	files := token.NewFileSet()
	c := &compiler{files: files, std: importer.ForCompiler(files, "source", nil)}
	paths, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var own []*ast.File
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(files, path, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		own = append(own, f)
	}
	config := types.Config{Importer: c.std}
	if c.deferred, err = config.Check("proxyherd/reactor/deferred", files, own, nil); err != nil {
		t.Fatal(err)
	}
	return c
}

// Import makes the compiler an importer that knows this package too.
func (c *compiler) Import(path string) (*types.Package, error) {
	if path == c.deferred.Path() {
		return c.deferred, nil
	}
	return c.std.Import(path)
}

// check gives the first error of a snippet, or "".
func (c *compiler) check(t *testing.T, prelude, code string) string {
	t.Helper()
	source := "package p\nimport (\"time\"; \"proxyherd/reactor/deferred\")\nvar _ time.Duration\n" +
		prelude + "\nfunc _() {\n" + code + "\n}\n"
	f, err := parser.ParseFile(c.files, "snippet.go", source, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	first := ""
	config := types.Config{Importer: c, Error: func(err error) {
		if first == "" {
			first = err.(types.Error).Msg
		}
	}}
	if _, err := config.Check("p", c.files, []*ast.File{f}, nil); (err != nil) != (first != "") {
		t.Fatal(err)
	}
	return first
}
