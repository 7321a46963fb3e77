package main

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"proxyherd/bench/plots"
	"proxyherd/bench/report"
	"proxyherd/bench/scaling/scaled"
	"proxyherd/bench/scenario"
)

// kind is what a block may be.
type kind struct {
	counted string // Table or Figure
	make    func(w *writer, a ask) (string, error)
}

// kinds are all there are. The words that each takes stand behind the path.
var kinds map[string]kind

func init() { // as they call each other through w.block
	kinds = map[string]kind{
		"summary":    {"Table", ofReport(0, func(r *scenario.Report, _ ask) (string, error) { return whole(report.Summary(r)) })},
		"conditions": {"Table", ofReport(0, func(r *scenario.Report, _ ask) (string, error) { return whole(report.ConditionsOf(r)) })},

		// SCENARIO METRIC POINT,POINT
		"ratios": {"Table", ofReport(3, func(r *scenario.Report, a ask) (string, error) {
			return report.Ratios(r, a.words[0], a.words[1], points(a.words[2])...)
		})},
		"values": {"Table", ofReport(3, func(r *scenario.Report, a ask) (string, error) {
			return report.Values(r, a.words[0], a.words[1], points(a.words[2])...)
		})},

		// SCENARIO POINT METRIC,METRIC
		"metrics": {"Table", ofReport(3, func(r *scenario.Report, a ask) (string, error) {
			return report.Metrics(r, a.words[0], points(a.words[1])[0], strings.Split(a.words[2], ",")...)
		})},

		// PEER PEER SCENARIO:POINT:METRIC ...
		"pair": {"Table", ofReport(3, pair)},
		// The same of PATH,PATH: the ratios that each of these runs has found.
		"runs": {"Table", runs},

		// SCENARIO METRIC
		"curve": {"Figure", drawn(2, func(r *scenario.Report, a ask) ([]plots.Panel, error) {
			return report.Curve(r, a.words[0], a.words[1])
		})},
		// SCENARIO, as it is drawn beside the results, or some of its panels
		"figure": {"Figure", drawn(1, panels)},

		// PAGE#HEADING, and rows=FIRST;SECOND, columns=1,3 or table=2 of those under it
		"quote": {"Table", quote},

		// FILE FUNCTION,FUNCTION FILE FUNCTION,FUNCTION
		"listing": {"Figure", listing},
	}
}

// ofScaling begins the names of the tables of what make scaling has found.
const ofScaling = "scaling-"

// kindNamed is a kind by its name; without make if there is none.
func kindNamed(name string) kind {
	table, found := strings.CutPrefix(name, ofScaling)
	if show := scaled.Tables[table]; found && show != nil {
		return kind{"Table", func(w *writer, a ask) (string, error) { return w.scaling(a.path, show) }}
	}
	return kinds[name]
}

func names() []string {
	all := slices.Collect(maps.Keys(kinds))
	for name := range scaled.Tables {
		all = append(all, ofScaling+name)
	}
	slices.Sort(all)
	return all
}

// scaling makes a block of what make scaling has found.
func (w *writer) scaling(path string, show func(*scaled.Report) (string, error)) (string, error) {
	path, err := w.newest(path)
	if err != nil {
		return "", err
	}
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	r, err := scaled.Read(file)
	if err != nil {
		return "", err
	}
	text, err := show(r)
	if err != nil {
		return "", err
	}
	return whole(text)
}

var errWords = errors.New("the block has too few words behind its path")

// ofReport makes a block of a report, from at least so many words.
func ofReport(fewest int, show func(*scenario.Report, ask) (string, error)) func(*writer, ask) (string, error) {
	return func(w *writer, a ask) (string, error) {
		if len(a.words) < fewest {
			return "", errWords
		}
		r, err := w.read(a.path)
		if err != nil {
			return "", err
		}
		return show(r, a)
	}
}

func whole(text string) (string, error) {
	if text == "" {
		return "", fmt.Errorf("the report has nothing of that: %w", report.ErrNotMeasured)
	}
	return text, nil
}

// points are names with commas between them, and _ for a blank. A comma between a digit and
// three of them is a point's own.
func points(list string) []string {
	list = thousands.ReplaceAllString(strings.ReplaceAll(list, "_", " "), "$1\x00$2")
	names := strings.Split(list, ",")
	for i := range names {
		names[i] = strings.ReplaceAll(names[i], "\x00", ",")
	}
	return names
}

var thousands = regexp.MustCompile(`(\d),(\d{3})`)

func pair(r *scenario.Report, a ask) (string, error) {
	list, err := questions(a.words[2:])
	if err != nil {
		return "", err
	}
	return report.Pair(r, a.words[0], a.words[1], list...)
}

// runs shows how far runs agree on the ratio of two peers. Its path is several, with commas
// between them.
func runs(w *writer, a ask) (string, error) {
	if len(a.words) < 3 {
		return "", errWords
	}
	paths := strings.Split(a.path, ",")
	if w.results == "" {
		for i := range paths {
			paths[i] = filepath.Join(w.root, paths[i])
		}
	} else {
		var err error
		if paths, err = w.like(filepath.Base(paths[0])); err != nil {
			return "", err
		}
		slices.Reverse(paths) // the oldest first, as a page has them
	}
	var all []*scenario.Report
	for _, path := range paths {
		r, err := readFile(path)
		if err != nil {
			return "", err
		}
		all = append(all, r)
	}
	list, err := questions(a.words[2:])
	if err != nil {
		return "", err
	}
	return report.Runs(all, a.words[0], a.words[1], list...)
}

// questions are SCENARIO:POINT:METRIC each.
func questions(words []string) (list []report.Question, err error) {
	for _, word := range words {
		q, err := question(strings.Split(word, ":"))
		if err != nil {
			return nil, err
		}
		list = append(list, q)
	}
	return list, nil
}

// question is made of a scenario, a point with _ for a blank, and a metric.
func question(parts []string) (report.Question, error) {
	if len(parts) != 3 {
		return report.Question{}, fmt.Errorf("%q is no question: SCENARIO:POINT:METRIC", strings.Join(parts, ":"))
	}
	return report.Question{Scenario: parts[0], Point: strings.ReplaceAll(parts[1], "_", " "), Metric: parts[2]}, nil
}

// drawn makes a block of a picture, which stands in a folder beside the page that has
// the page's name.
func drawn(fewest int, draw func(*scenario.Report, ask) ([]plots.Panel, error)) func(*writer, ask) (string, error) {
	return ofReportIn(fewest, func(w *writer, r *scenario.Report, a ask) (string, error) {
		panels, err := draw(r, a)
		if err != nil {
			return "", err
		}
		var text bytes.Buffer
		if err := plots.Write(&text, plots.SVG, panels...); err != nil {
			return "", err
		}
		name := path.Join("report", a.name+".svg")
		w.files = append(w.files, written{filepath.Join(w.pictures, filepath.FromSlash(name)), text.Bytes()})
		return fmt.Sprintf("![%s](%s)\n", strings.TrimSuffix(a.caption, "."), name), nil
	})
}

// ofReportIn is ofReport for what leaves a picture too.
func ofReportIn(fewest int, show func(*writer, *scenario.Report, ask) (string, error)) func(*writer, ask) (string, error) {
	return func(w *writer, a ask) (string, error) {
		if a.name == "" {
			return "", errors.New("a picture needs a name and a caption")
		}
		return ofReport(fewest, func(r *scenario.Report, a ask) (string, error) { return show(w, r, a) })(w, a)
	}
}

// panels are a scenario's, all or those with the numbers that are named.
func panels(r *scenario.Report, a ask) (list []plots.Panel, err error) {
	all := report.FigureOf(r, a.words[0])
	if len(all) == 0 {
		return nil, fmt.Errorf("%w: %s", report.ErrNotMeasured, a.words[0])
	}
	if len(a.words) == 1 {
		return all, nil
	}
	for _, number := range strings.Split(a.words[1], ",") {
		var n int
		if _, err := fmt.Sscan(number, &n); err != nil || n < 1 || n > len(all) {
			return nil, fmt.Errorf("%s has %d panels, and no panel %q", a.words[0], len(all), number)
		}
		list = append(list, all[n-1])
	}
	return list, nil
}
