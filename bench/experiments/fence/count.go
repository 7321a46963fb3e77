package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"proxyherd/bench/peers/marks"
	"proxyherd/bench/peers/tables"
)

// concern is the sources' mark.
const concern = "fence"

// counted is what a host took.
type counted struct {
	Host    string `json:"host"`
	Files   int    `json:"files"`   // of the fence itself
	Lines   int    `json:"lines"`   // of code in them
	Shared  int    `json:"shared"`  // lines of them that another host has too
	Touched int    `json:"touched"` // files of the existing server
	Added   int    `json:"added"`   // lines in those
	Changed int    `json:"changed"` // lines in those
	Started int    `json:"started"` // lines in a program made to start both; 0 where the server's own does

	Locks      []string `json:"locks"`      // where a lock is taken, as file:line
	Goroutines []string `json:"goroutines"` // where a goroutine is started
	Turns      []string `json:"turns"`      // where the rest is left to another turn of a loop
}

// What a host has to do for there being others at work, as it is written.
var (
	lock      = regexp.MustCompile(`\.Lock\(\)`)
	goroutine = regexp.MustCompile(`\.running\.Go\(`)
	turn      = regexp.MustCompile(`CallLater\(|task\.cooperate\(|setImmediate\(`)
)

// countAll counts what each host took.
func countAll(root string) (all []counted, err error) {
	files := map[string]int{} // how many hosts have it
	for _, h := range hosts {
		for _, path := range h.fence {
			files[path]++
		}
	}
	for _, h := range hosts {
		c, err := h.count(root, files)
		if err != nil {
			return nil, err
		}
		all = append(all, c)
	}
	return all, nil
}

func (h host) count(root string, files map[string]int) (c counted, err error) {
	c = counted{Host: h.name, Files: len(h.fence), Touched: len(h.server), Locks: []string{}, Goroutines: []string{}, Turns: []string{}}
	for _, path := range h.fence {
		text, err := read(root, path)
		if err != nil {
			return c, err
		}
		lines := marks.NewCounts()
		lines.Add(text)
		c.Lines += lines.Sum()
		if files[path] > 1 {
			c.Shared += lines.Sum()
		}
		c.Locks = append(c.Locks, places(path, text, lock)...)
		c.Goroutines = append(c.Goroutines, places(path, text, goroutine)...)
		c.Turns = append(c.Turns, places(path, text, turn)...)
	}
	for _, path := range h.server {
		text, err := read(root, path)
		if err != nil {
			return c, err
		}
		lines := marks.NewCounts()
		lines.Add(text)
		c.Added += lines.Lines[concern]
		c.Changed += lines.Changed[concern]
	}
	if h.start != "" {
		text, err := read(root, h.start)
		if err != nil {
			return c, err
		}
		lines := marks.NewCounts()
		lines.Add(text)
		c.Started = lines.Lines[concern]
	}
	return c, nil
}

func read(root, path string) (string, error) {
	text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(path)))
	return string(text), err
}

// places is where a source has something, comments aside.
func places(path, text string, what *regexp.Regexp) (list []string) {
	for i, line := range strings.Split(text, "\n") {
		code, _, _ := strings.Cut(line, "//")
		if what.MatchString(code) {
			list = append(list, fmt.Sprintf("%s:%d", path, i+1))
		}
	}
	return list
}

// countsTable has a column for each host.
func countsTable(all []counted) string {
	rows := [][]string{{"what it took"}, {"lines of the fence itself"}, {"of them shared by both designs"}, {"files of it"}, {"the server's own files touched"},
		{"lines added there"}, {"lines changed there"}, {"lines that join it in a main of its own"},
		{"places that take a lock"}, {"goroutines started, by place"}, {"places that leave the rest to another turn"}}
	for i, c := range all {
		column := []int{c.Lines, c.Shared, c.Files, c.Touched, c.Added, c.Changed, c.Started, len(c.Locks), len(c.Goroutines), len(c.Turns)}
		rows[0] = append(rows[0], hosts[i].title)
		for j, n := range column {
			rows[1+j] = append(rows[1+j], fmt.Sprint(n))
		}
	}
	return tables.Table(rows)
}
