package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
)

// tree is the project: its pages, and what they may speak of.
type tree struct {
	root    string
	pages   []*page
	tests   map[string]bool // every Test, Fuzz, Benchmark and Example
	targets map[string]bool // of the Makefile
	makeVar map[string]bool // that the Makefile takes
	goFiles map[string]declarations
	herd    program
}

// problem is one thing that is not true.
type problem struct {
	page string
	line int
	what string
}

func (p problem) String() string { return fmt.Sprintf("%s:%d: %s", p.page, p.line, p.what) }

// tally is how much was looked at.
type tally struct{ pages, links, lines, commands, names, paths int }

func (t tally) String() string {
	return fmt.Sprintf("%d pages: %d links, %d of them to lines; %d commands; %d names of tests; %d paths",
		t.pages, t.links, t.lines, t.commands, t.names, t.paths)
}

var declaredTest = regexp.MustCompile(`(?m)^func ((?:Test|Fuzz|Benchmark|Example)\w*)\(`)

// openTree reads the project that has root for its top.
func openTree(root string) (*tree, error) {
	t := &tree{root: root, tests: map[string]bool{}, targets: map[string]bool{}, makeVar: map[string]bool{}, goFiles: map[string]declarations{}}
	if err := t.readMakefile(); err != nil {
		return nil, err
	}
	err := filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
		name := d.Name()
		switch {
		case err != nil:
			return err
		case d.IsDir() && file != root && (name == "bin" || name == "logs" || name == "node_modules" || name[0] == '.'):
			return fs.SkipDir
		case d.IsDir():
			return nil
		}
		return t.take(file)
	})
	return t, err
}

// take reads one file, if it is of a kind that matters.
func (t *tree) take(file string) error {
	switch {
	case strings.HasSuffix(file, ".md"):
		source, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(t.root, file)
		if err != nil {
			return err
		}
		t.pages = append(t.pages, readPage(filepath.ToSlash(name), source))
	case strings.HasSuffix(file, "_test.go"):
		source, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		for _, m := range declaredTest.FindAllSubmatch(source, -1) {
			t.tests[string(m[1])] = true
		}
	}
	return nil
}

var (
	makeTarget   = regexp.MustCompile(`(?m)^([a-z][a-z-]*):`)
	makeVariable = regexp.MustCompile(`\$\$?[({]([A-Z_]+)[:)}]|(?m)^([A-Z_]+) [?:]?=`)
)

func (t *tree) readMakefile() error {
	source, err := os.ReadFile(filepath.Join(t.root, "Makefile"))
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("run it at the top of the project: %w", err)
	}
	for _, m := range makeTarget.FindAllSubmatch(source, -1) {
		t.targets[string(m[1])] = true
	}
	for _, m := range makeVariable.FindAllSubmatch(source, -1) {
		t.makeVar[string(m[1])+string(m[2])] = true
	}
	return err
}

// exists reports whether a slash-separated path from the top is there.
func (t *tree) exists(name string) bool {
	_, err := os.Stat(filepath.Join(t.root, filepath.FromSlash(path.Clean(name))))
	return err == nil
}

// check looks at everything on every page.
func (t *tree) check() (problems []problem, looked tally, err error) {
	stop, err := t.herd.build(t.root)
	if err != nil {
		return nil, looked, err
	}
	defer stop()
	problems, looked = t.look()
	return problems, looked, nil
}

// look is check with the program there.
func (t *tree) look() (problems []problem, looked tally) {
	for _, p := range t.pages {
		looked.pages++
		report := func(line int, format string, args ...any) {
			problems = append(problems, problem{p.path, line, fmt.Sprintf(format, args...)})
		}
		t.checkLinks(p, &looked, report)
		t.checkCommands(p, &looked, report)
		t.checkNames(p, &looked, report)
		t.checkTranscripts(p, report)
	}
	return problems, looked
}

// reporter takes what is wrong on a line of a page.
type reporter func(line int, format string, args ...any)
