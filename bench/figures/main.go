// Command figures writes what has been measured into pages: no figure of a measurement is
// typed. In a page,
//
//	<!-- figures: summary bench/results/MACHINE/DATE.json -->
//	...
//	<!-- /figures -->
//
// is a block; what stands between is replaced by what the block's first line asks for,
// which is one of [kinds]. A block that has a name and a caption behind it,
//
//	<!-- figures: ratios bench/results/MACHINE/DATE.json throughput rate P=1,P=16 #speed | Replies beside C's -->
//
// is a table or a figure with a number, and [Table 0](#speed) in the text gets that number.
// What a sentence says of measurements can be held to them:
//
//	<!-- claim: bench/results/MACHINE/DATE.json throughput P=16 rate goroutine < reactor -->
//
//	go run ./bench/figures                 writes the blocks of all pages
//	go run ./bench/figures -check          only says which are not what they should be
//	go run ./bench/figures -page docs/report.md -results bench/results/MACHINE -out bin/report/report.md
//	                                       writes one page with the newest of other results
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// ErrStale is a page with a block that is not what its report says.
var ErrStale = errors.New("these pages do not show what was measured; go run ./bench/figures writes them")

func main() {
	check := flag.Bool("check", false, "write nothing, and fail if something would change")
	page := flag.String("page", "", "write this `page` alone, to -out")
	out := flag.String("out", "", "the `file` for -page")
	results := flag.String("results", "", "take the newest of each kind of results from this `folder`, for -page")
	flag.Parse()
	var err error
	if *page == "" {
		err = run(".", *check, os.Stdout)
	} else {
		err = other(".", *page, *out, *results, os.Stdout)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "figures:", err)
		os.Exit(1)
	}
}

// run goes through all pages under root.
func run(root string, check bool, out io.Writer) error {
	var stale []string
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && path != root && (entry.Name() == "bin" || entry.Name() == "node_modules"):
			return fs.SkipDir
		case entry.IsDir() || filepath.Ext(path) != ".md":
			return nil
		}
		w := writer{root: root, dir: filepath.Dir(path), pictures: filepath.Dir(path)}
		files, err := w.page(path)
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		for _, f := range files {
			if f.same() {
				continue
			}
			stale = append(stale, f.path)
			if check {
				continue
			}
			fmt.Fprintln(out, "written:", f.path)
			if err := f.write(); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil && check && len(stale) > 0 {
		err = fmt.Errorf("%w: %s", ErrStale, strings.Join(stale, ", "))
	}
	return err
}

// other writes a page with other results, and tells which of its claims they do not show.
func other(root, page, to, results string, out io.Writer) error {
	if to == "" {
		return errors.New("-page wants -out, the file to write")
	}
	page = filepath.Join(root, page)
	w := writer{root: root, dir: filepath.Dir(page), pictures: filepath.Dir(to), results: results}
	files, err := w.page(page)
	if err != nil {
		return fmt.Errorf("%s: %w", page, err)
	}
	files[0].path = to
	for _, f := range files {
		if err := f.write(); err != nil {
			return err
		}
	}
	for _, c := range w.broken {
		fmt.Fprintln(out, "these results do not show what the text says:", c)
	}
	return nil
}

// written is a file that is to have some content.
type written struct {
	path string
	text []byte
}

func (f written) same() bool {
	now, err := os.ReadFile(f.path)
	return err == nil && string(now) == string(f.text)
}

func (f written) write() error {
	if err := os.MkdirAll(filepath.Dir(f.path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(f.path, f.text, 0o644)
}
