package scaled

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"proxyherd/bench/plots"
)

// stamp is how a run is called by its beginning.
const stamp = "2006-01-02-1504"

// sections are the page's tables, each with its heading and its figure, if it has one.
var sections = []struct{ heading, table, figure string }{
	{"Messages", "graphs", "messages"},
	{"Time", "reach", "reach"},
	{"What the parts of an update cost a server", "units", ""},
	{"One server, by the number of its neighbours", "degrees", "degrees"},
	{"Whole herds of five", "herds", ""},
	{"Links at rest", "rest", ""},
	{"Where one loop ends", "ends", ""},
	{"How many servers", "most", ""},
	{"The bill per million updates", "bill", "bill"},
	{"Beside a server of messages", "backbone", ""},
	{"NATS by itself", "bus", ""},
}

// Write writes DIR/<machine>/<date>-scaling.json, .md and the figures in SVG, and returns
// the paths, the page first.
func Write(dir string, r *Report) (paths []string, err error) {
	dir = filepath.Join(dir, r.Conditions.Machine)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	name := r.Conditions.Begun.Format(stamp) + "-scaling"
	write := func(file string, f func(io.Writer) error) {
		path := filepath.Join(dir, file)
		out, failed := os.Create(path)
		if failed == nil {
			failed = errors.Join(f(out), out.Close())
		}
		if failed != nil {
			err = errors.Join(err, fmt.Errorf("%s: %w", path, failed))
			return
		}
		paths = append(paths, path)
	}
	write(name+".md", func(w io.Writer) error { return page(w, r, name) })
	write(name+".json", func(w io.Writer) error { return JSON(w, r) })
	for _, figure := range Figures {
		write(name+"-"+figure.Name+".svg", func(w io.Writer) error {
			panels, err := figure.draw(r)
			if err != nil {
				return err
			}
			return plots.Write(w, plots.SVG, panels...)
		})
	}
	return paths, err
}

// page writes all tables with their figures.
func page(w io.Writer, r *Report, name string) error {
	var b strings.Builder
	fmt.Fprintf(&b, "# Scaling, %s\n\n", r.Conditions.Begun.Format("2 January 2006, 15:04 UTC"))
	b.WriteString("Medians of the rounds, and their ranges in brackets. docs/scaling.md tells what each table is.\n\n")
	conditions, err := Tables["conditions"](r)
	if err != nil {
		return err
	}
	b.WriteString(conditions)
	for _, s := range sections {
		table, err := Tables[s.table](r)
		if err != nil {
			return fmt.Errorf("the table %s: %w", s.table, err)
		}
		fmt.Fprintf(&b, "\n## %s\n\n", s.heading)
		if s.figure != "" {
			fmt.Fprintf(&b, "![%s](%s-%s.svg)\n\n", s.heading, name, s.figure)
		}
		b.WriteString(table)
	}
	_, err = io.WriteString(w, b.String())
	return err
}
