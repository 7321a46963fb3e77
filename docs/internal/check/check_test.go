package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The project's own pages are true.
func TestThePagesAreTrue(t *testing.T) {
	tree, err := openTree(filepath.Join("..", "..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	problems, looked, err := tree.check()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Error(p)
	}
	if looked.pages < 12 || looked.links < 80 || looked.commands < 60 || looked.names < 100 || looked.paths < 500 {
		t.Errorf("too little was looked at: %v", looked)
	}
}

// project writes a small project and opens it, with a program that knows one
// subcommand.
func project(t *testing.T, page string) *tree {
	t.Helper()
	root := t.TempDir()
	files := map[string]string{
		"README.md":          page,
		"docs/other.md":      "# Other\n\n## A `code` heading, and more\n\ntext\n",
		"Makefile":           "SEEDS ?= 1\n\nherd: build ## run\n\tgo run $(SEEDS)\n",
		"herd/store.go":      "package herd\n\n// Store is one.\ntype Store struct {\n\tsize int\n}\n\nfunc (s *Store) Put() {}\n\nfunc New() *Store { return nil }\n",
		"herd/store_test.go": "package herd\n\nfunc TestStore(t *testing.T) {}\n",
	}
	for name, text := range files {
		file := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	tree, err := openTree(root)
	if err != nil {
		t.Fatal(err)
	}
	tree.herd = program{names: map[string]bool{"up": true}, help: map[string]string{"up": "--design string\n--quiet"}}
	return tree
}

// Each kind of mistake is found, on its line, and what is right is left alone.
func TestWhatIsFound(t *testing.T) {
	for _, c := range []struct {
		page string
		want string // of the one problem; empty: there is none
	}{
		{"see [other](docs/other.md) and [it](docs/other.md#a-code-heading-and-more)", ""},
		{"see\n[other](docs/gone.md)", "README.md:2: the link docs/gone.md leads nowhere: there is no docs/gone.md"},
		{"[out](../etc/passwd)", "leads nowhere"},
		{"# Top\n\n[here](#top)", ""},
		{"# Top\n\n[here](#bottom)", "README.md:3: the link #bottom leads to a heading that README.md does not have"},
		{"[it](docs/other.md#gone)", "a heading that docs/other.md does not have"},
		{"![picture](docs/gone.svg)", "there is no docs/gone.svg"},
		{"<https://example.org> [x](https://)", "names no host"},
		{"[x](ftp://example.org)", "use https, or a path"},
		{"[`Store.Put`](herd/store.go#L8), [`herd.New()`](herd/store.go#L10), [`Store`](herd/store.go#L4), [`Store.size`](herd/store.go#L5)", ""},
		{"[`Store.Put`](herd/store.go#L9)", "Store.Put is at line 8; make docs-lines writes it"},
		{"[`Store.Get`](herd/store.go#L8)", "declares no such thing"},
		{"[`Store`](herd/store.go#L99)", "herd/store.go has 11 lines"},
		{"[`Store`](herd/store.go#store)", "write #L12 or #L12-L20"},
		{"`make herd`, and `make herd SEEDS=3`", ""},
		{"<!-- run -->\n```\n$ make hard\n```", "README.md:3: make hard: the Makefile has no target hard"},
		{"<!-- not run: so -->\n```sh\nmake herd SEED=3\n```", "the Makefile takes no SEED"},
		{"<!-- run -->\n```go\nmake herb\n```", ""},
		{"<!-- not run: so -->\n```\nherd up --design goroutine      run it\nherd \"herd\" at noon\n```", ""},
		{"`herd down`", "herd down: there is no such subcommand"},
		{"<!-- run -->\n```\n$ X=1 bin/herd up --desig goroutine # so\n```", "there is no flag --desig"},
		{"<!-- run -->\n```\n$ printf 'IAMAT' | bin/herd sent Farmar\n```", "there is no such subcommand"},
		{"<!-- run -->\n```\n$ true\n```", ""},
		{"<!-- not run: it takes an hour -->\n\n    $ true\n", ""},
		{"<!-- run until it is up -->\n```\n$ true\n```", ""},
		{"```\n$ true\n```", "README.md:2: before this block, say <!-- run -->"},
		{"```\nherd up\n```", "README.md:2: before this block, say"},
		{"<!-- ran -->\n```\n$ true\n```", `it has "ran"`},
		{"`go test ./herd ./...`", ""},
		{"`go test ./hard/...`", "there is no package ./hard/..."},
		{"`TestStore` is in `herd/store_test.go`, which is `herd.TestStore`; `herd/store.go` and `herd/...`", ""},
		{"`TestStores`", "TestStores is in no test file"},
		{"`herd/stores.go`", "there is no herd/stores.go"},
	} {
		problems, looked := project(t, c.page).look()
		if looked.pages != 2 {
			t.Fatalf("%d pages were looked at", looked.pages)
		}
		switch {
		case c.want == "" && len(problems) == 0:
		case c.want != "" && len(problems) == 1 && strings.Contains(problems[0].String(), c.want):
		default:
			t.Errorf("%s\nis said to have %q, and it has %q", c.page, problems, c.want)
		}
	}
}

// Numbers of lines that have moved on are written anew, and nothing else.
func TestFixLines(t *testing.T) {
	const page = "See [`Store.Put`](herd/store.go#L3), [New](herd/store.go#L10) and [`Gone`](herd/store.go#L1).\n"
	tree := project(t, page)
	if err := tree.fixLines(); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(filepath.Join(tree.root, "README.md"))
	if want := strings.Replace(page, "#L3", "#L8", 1); err != nil || string(got) != want {
		t.Errorf("%v: it is\n%s, and should be\n%s", err, got, want)
	}
	problems, _ := tree.look()
	if !slices.ContainsFunc(problems, func(p problem) bool { return strings.Contains(p.what, `"Gone"`) }) || len(problems) != 1 {
		t.Errorf("what is left to say is %q", problems)
	}
}

// What is shown and what is said are compared by their shapes.
func TestTranscripts(t *testing.T) {
	for _, c := range []struct {
		shown  string
		said   []string
		others bool
		want   string
	}{
		{"took 1.5 s\nroot b0209f0e", []string{"took  27 s", "root 00c0ffee11"}, false, ""},
		{"root b0209f0e, at 0x5ba824", []string{"root ebacda8c, at 0xfacade"}, false, ""},
		{"took 1.5 s", []string{"took long"}, false, "is shown, and it says"},
		{"one\n...\nfour", []string{"one", "two", "three", "four"}, false, ""},
		{"one\n...", []string{"one", "two"}, false, ""},
		{"...\none", []string{"one"}, false, ""},
		{"one", []string{"one", "two"}, false, "besides"},
		{"one\nthree", []string{"one", "two", "three", "four"}, true, ""},
		{"one\n...\nfive", []string{"one", "two"}, false, "was not said"},
		{"{\"a\":1, ...", []string{`{"a":23, "b":4}`}, false, ""},
		{"{\"b\":1, ...", []string{`{"a":23, "b":4}`}, false, "is shown"},
	} {
		s := shown{output: strings.Split(c.shown, "\n")}
		if got := s.compare(c.said, c.others); (got == "") != (c.want == "") || !strings.Contains(got, c.want) {
			t.Errorf("%q and %q: %q", c.shown, c.said, got)
		}
	}
}

// Commands are run as a reader would, and what differs is told with its line.
func TestPlay(t *testing.T) {
	tree := project(t, "<!-- run -->\n```\n$ echo 12 apples; echo pears\n3 apples\npears\n$ false\n```\n"+
		"<!-- run until up -->\n```\n$ echo it is up; sleep 1000\nit is up\n```\n"+
		"<!-- not run: it never ends -->\n```\n$ sleep 1000\n```\n"+
		"<!-- run -->\n```\n$ echo figs >&2\nplums\n```\n")
	problems, played, err := tree.play()
	if err != nil || played != 4 {
		t.Errorf("%d commands were run: %v", played, err)
	}
	if len(problems) != 1 || problems[0].String() != `README.md:19: echo figs >&2: "plums" is shown, and it says "figs"` {
		t.Errorf("it tells %q", problems)
	}
}
