package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"proxyherd/bench/report"
	"proxyherd/bench/scenario"
)

// writer fills the blocks of one page.
type writer struct {
	root     string // which paths in blocks are from
	dir      string // of the page, for links
	pictures string // the folder of the page that is written
	results  string // a folder that replaces that of the blocks; "" if none does

	files  []written // pictures
	broken []string  // claims that the results do not show
}

const (
	begins = "<!-- figures: "
	closes = " -->\n"
	ends   = "<!-- /figures -->"
)

// page returns the page as it should be, and the pictures that stand in it.
func (w *writer) page(path string) ([]written, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	filled, err := w.fill(string(text))
	if err == nil {
		filled = numbered(filled)
		err = w.claims(filled)
	}
	if err != nil {
		return nil, err
	}
	return append([]written{{path, []byte(filled)}}, w.files...), nil
}

// fill replaces what stands in a page's blocks.
func (w *writer) fill(page string) (filled string, err error) {
	for {
		before, rest, found := strings.Cut(page, begins)
		filled += before
		if !found {
			return filled, nil
		}
		what, rest, found := strings.Cut(rest, closes)
		if !found {
			return "", fmt.Errorf("the block %q has no end of its first line", what)
		}
		_, rest, found = strings.Cut(rest, ends)
		if !found {
			return "", fmt.Errorf("the block %q does not end: %s is missing", what, ends)
		}
		text, err := w.block(what)
		if err != nil {
			return "", fmt.Errorf("the block %q: %w", what, err)
		}
		filled += begins + what + closes + text + ends
		page = rest
	}
}

// ask is a block's first line.
type ask struct {
	kind, path string
	words      []string
	name       string // behind #; "" if the block has no number
	caption    string
}

func parse(what string) (a ask, err error) {
	what, a.caption, _ = strings.Cut(what, " | ")
	words := strings.Fields(what)
	if at := slices.IndexFunc(words, func(w string) bool { return w[0] == '#' }); at >= 0 {
		a.name = words[at][1:]
		words = slices.Delete(words, at, at+1)
	}
	if len(words) < 2 || kindNamed(words[0]).make == nil {
		return a, fmt.Errorf("a block is one of %v, and the path of what it shows", names())
	}
	a.kind, a.path, a.words = words[0], words[1], words[2:]
	if (a.name == "") != (a.caption == "") {
		return a, errors.New("a block that has a name (#name) has a caption (| caption), and the other way round")
	}
	return a, nil
}

// block makes what a block's first line asks for.
func (w *writer) block(what string) (string, error) {
	a, err := parse(what)
	if err != nil {
		return "", err
	}
	kind := kindNamed(a.kind)
	text, err := kind.make(w, a)
	switch {
	case w.results != "" && errors.Is(err, report.ErrNotMeasured):
		text = fmt.Sprintf("*The results in `%s` have nothing of this.*\n", w.results)
	case err != nil:
		return "", err
	}
	if a.name != "" {
		text = fmt.Sprintf("<a id=\"%s\"></a>\n**%s 0.** %s.\n\n%s", a.name, kind.counted, strings.TrimSuffix(a.caption, "."), text)
	}
	return "\n" + text + "\n", nil
}

// read reads the report that a block names. With other results it is all that the files
// of those have whose names are like that one's but for the date, of each scenario the
// newest. The error wraps report.ErrNotMeasured where there is no such file.
func (w *writer) read(path string) (*scenario.Report, error) {
	if w.results == "" {
		return readFile(filepath.Join(w.root, path))
	}
	paths, err := w.like(filepath.Base(path))
	if err != nil {
		return nil, err
	}
	var all *scenario.Report
	for _, path := range paths {
		r, err := readFile(path)
		switch {
		case err != nil:
			return nil, err
		case all == nil:
			all = r
			continue
		}
		for _, o := range r.Scenarios {
			if !slices.ContainsFunc(all.Scenarios, func(has scenario.Outcome) bool { return has.Name == o.Name }) {
				all.Scenarios = append(all.Scenarios, o)
			}
		}
	}
	return all, nil
}

// newest is the file of results that a block names, or the newest of other results.
func (w *writer) newest(path string) (string, error) {
	if w.results == "" {
		return filepath.Join(w.root, path), nil
	}
	paths, err := w.like(filepath.Base(path))
	if err != nil {
		return "", err
	}
	return paths[0], nil
}

func readFile(path string) (*scenario.Report, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return report.Read(file)
}

// stamped is how the names of results begin.
const stamped = "2006-01-02-1504"

// like are the other results with a name like that, the newest first.
func (w *writer) like(name string) ([]string, error) {
	if len(name) < len(stamped) {
		return nil, fmt.Errorf("%s is not named as results are: %s and what they are of", name, stamped)
	}
	kind := name[len(stamped):]
	paths, err := filepath.Glob(filepath.Join(w.results, strings.Repeat("?", len(stamped))+kind))
	if err == nil && len(paths) == 0 {
		err = fmt.Errorf("%w: there is no %s of any date in %s", report.ErrNotMeasured, kind, w.results)
	}
	slices.Sort(paths)
	slices.Reverse(paths)
	return paths, err
}
