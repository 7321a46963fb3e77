// Package report writes what the bench has measured: as JSON with every number, as a page
// of Markdown with tables, and as figures.
package report

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	jsoniter "github.com/json-iterator/go"

	"proxyherd/bench/plots"
	"proxyherd/bench/scenario"
)

// stamp is how a run is called by its beginning.
const stamp = "2006-01-02-1504"

// Write writes DIR/<machine>/<date>.json, .md and a figure in SVG for each scenario, and
// returns the paths, the page first.
func Write(dir string, r *scenario.Report) (paths []string, err error) {
	dir = filepath.Join(dir, r.Conditions.Machine)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	name := r.Conditions.Begun.Format(stamp)
	write := func(name string, f func(io.Writer) error) {
		path := filepath.Join(dir, name)
		file, failed := os.Create(path)
		if failed == nil {
			failed = errors.Join(f(file), file.Close())
		}
		if failed != nil {
			err = errors.Join(err, fmt.Errorf("%s: %w", path, failed))
			return
		}
		paths = append(paths, path)
	}
	figures := map[string]string{}
	for i := range r.Scenarios {
		o := &r.Scenarios[i]
		panels := Figure(o)
		if len(panels) == 0 {
			continue // nothing of it could be measured
		}
		figures[o.Name] = name + "-" + o.Name + ".svg"
		write(figures[o.Name], func(w io.Writer) error { return plots.Write(w, plots.SVG, panels...) })
	}
	write(name+".json", func(w io.Writer) error { return JSON(w, r) })
	write(name+".md", func(w io.Writer) error { return Markdown(w, r, figures) })
	if err != nil {
		return nil, err
	}
	last := len(paths) - 1
	return append([]string{paths[last]}, paths[:last]...), nil
}

// plain is JSON that a person can read and compare.
var plain = jsoniter.Config{SortMapKeys: true, IndentionStep: 1}.Froze()

// JSON writes every number of a report.
func JSON(w io.Writer, r *scenario.Report) error {
	text, err := plain.Marshal(r)
	if err != nil {
		return err
	}
	_, err = w.Write(append(text, '\n'))
	return err
}

// Read reads what JSON wrote.
func Read(reader io.Reader) (*scenario.Report, error) {
	r := &scenario.Report{}
	if err := plain.NewDecoder(reader).Decode(r); err != nil {
		return nil, fmt.Errorf("reading a report: %w", err)
	}
	return r, nil
}
