// Command paper sets a page of Markdown as a paper in two columns: docs/report.md becomes
// docs/report.pdf. It writes the page anew for Typst, which a package of npm brings.
//
//	go run ./docs/internal/paper
//	go run ./docs/internal/paper -page bin/report/report.md -out bin/report/report.pdf
//
// The same page with the same pictures gives the same bytes: the paper has no date of its
// own, and in its keywords the sum of what it was made of.
package main

import (
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// errNoTypst says what to do where Typst is not installed.
var errNoTypst = errors.New("there is no Typst: make report-install brings it, and needs Node.js and npm")

//go:embed template.typ
var template string

//go:embed compile.mjs
var compile []byte

func main() {
	page := flag.String("page", "docs/report.md", "the `page` to set")
	images := flag.String("images", "docs", "the `folder` of pictures that are not beside the page")
	out := flag.String("out", "docs/report.pdf", "the `file` to write")
	tools := flag.String("tools", "bin/typst", "the `folder` that make report-install has filled")
	flag.Parse()
	if err := run(*page, *images, *out, *tools); err != nil {
		fmt.Fprintln(os.Stderr, "paper:", err)
		os.Exit(1)
	}
}

func run(page, images, out, tools string) error {
	if _, err := os.Stat(filepath.Join(tools, "node_modules")); err != nil {
		return fmt.Errorf("%w (%w)", errNoTypst, err)
	}
	made, err := madeOf(page, images)
	if err != nil {
		return err
	}
	text, err := made.typst()
	if err != nil {
		return fmt.Errorf("%s: %w", page, err)
	}
	work := filepath.Join(tools, "work")
	if err := errors.Join(os.RemoveAll(work), os.MkdirAll(work, 0o755)); err != nil {
		return err
	}
	for name, content := range made.pictures {
		if err := os.WriteFile(filepath.Join(work, flat(name)), content, 0o644); err != nil {
			return err
		}
	}
	script := filepath.Join(tools, "compile.mjs")
	err = errors.Join(os.WriteFile(filepath.Join(work, "paper.typ"), []byte(text), 0o644), os.WriteFile(script, compile, 0o644))
	if err != nil {
		return err
	}
	node := exec.Command("node", script, work, out)
	if said, err := node.CombinedOutput(); err != nil {
		return fmt.Errorf("%v: %w\n%s", node.Args, err, said)
	}
	fmt.Println("written:", out)
	return nil
}

// source is what a paper is made of.
type source struct {
	page     []byte
	pictures map[string][]byte // by their names in the page
}

// named are the families of fonts that pictures ask for, of which Typst knows none, and
// fonts that they are: the first is that of package plots.
var named = strings.NewReplacer(
	`font-family="sans-serif"`, `font-family="Liberation Sans"`,
	`font-family="monospace"`, `font-family="DejaVu Sans Mono"`,
)

// madeOf reads a page and the pictures in it, each beside it or in the other folder.
func madeOf(page, images string) (s source, err error) {
	s.pictures = map[string][]byte{}
	if s.page, err = os.ReadFile(page); err != nil {
		return s, err
	}
	for _, name := range picturesIn(s.page) {
		content, err := os.ReadFile(filepath.Join(filepath.Dir(page), filepath.FromSlash(name)))
		if errors.Is(err, fs.ErrNotExist) {
			content, err = os.ReadFile(filepath.Join(images, filepath.FromSlash(name)))
		}
		if err != nil {
			return s, err
		}
		s.pictures[name] = []byte(named.Replace(string(content)))
	}
	return s, nil
}

// sum is that of all that a paper is made of.
func (s source) sum() string {
	h := sha256.New()
	add := func(part []byte) { fmt.Fprintf(h, "%d:", len(part)); h.Write(part) }
	add([]byte(template))
	add(s.page)
	for _, name := range slices.Sorted(maps.Keys(s.pictures)) {
		add([]byte(name))
		add(s.pictures[name])
	}
	return hex.EncodeToString(h.Sum(nil))
}
