package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"proxyherd/bench/peers/tables"
)

const (
	// page is where the tables are shown.
	page = "docs/geofence.md"
	// results is where they are kept.
	results = "bench/results"
)

// result is all that the experiment has to tell.
type result struct {
	When     time.Time         `json:"when"`
	Machine  string            `json:"machine"`
	Versions map[string]string `json:"versions"` // by host
	Counts   []counted         `json:"counts"`
	Mistakes []found           `json:"mistakes"`
	Speed    []speed           `json:"speed"`
}

// errNoResult is that nothing was kept yet.
var errNoResult = errors.New("there is no result")

// newest finds the newest result that was kept, and where.
func newest(root string) (r result, path string, err error) {
	kept, err := filepath.Glob(filepath.Join(root, results, "*", "*-fence.json"))
	if err != nil || len(kept) == 0 {
		return r, "", fmt.Errorf("%w in %s: %w", errNoResult, results, errors.Join(err, os.ErrNotExist))
	}
	path = slices.MaxFunc(kept, func(a, b string) int { return strings.Compare(filepath.Base(a), filepath.Base(b)) })
	text, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(text, &r)
	}
	return r, path, err
}

// tables are the page's, by name.
func (r result) tables() map[string]string {
	return map[string]string{
		"counts":   countsTable(r.Counts),
		"mistakes": mistakesTable(r.Mistakes),
		"speed":    speedTable(r.Speed),
	}
}

// markdown is the result to read beside its JSON.
func (r result) markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "# A fence joined to four servers, %s UTC\n\n", r.When.UTC().Format("2 January 2006, 15:04"))
	fmt.Fprintf(&b, "[docs/geofence.md](../../../%s) tells what was done. The machine: %s.\n", page, r.Machine)
	rows := [][]string{{"host", "runs on"}}
	for _, h := range hosts {
		rows = append(rows, []string{h.title, r.Versions[h.name]})
	}
	made := r.tables()
	for _, t := range []string{tables.Table(rows), made["counts"], made["mistakes"], made["speed"]} {
		b.WriteString("\n" + t)
	}
	return b.String()
}

// keep writes the result, what it is to read, and the page's tables.
func (r result) keep(root, path string) error {
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	shown := filepath.Join(root, page)
	before, err := os.ReadFile(shown)
	if err != nil {
		return err
	}
	after, err := tables.Fill(before, r.tables())
	if err != nil {
		return err
	}
	return errors.Join(
		os.WriteFile(path, append(text, '\n'), 0o644),
		os.WriteFile(strings.TrimSuffix(path, ".json")+".md", []byte(r.markdown()), 0o644),
		os.WriteFile(shown, after, 0o644))
}

// output is the first line that a command says, empty if it says nothing.
func output(args []string) string {
	if len(args) == 0 {
		return ""
	}
	out, err := exec.Command(args[0], args[1:]...).Output()
	if err != nil {
		return ""
	}
	first, _, _ := strings.Cut(string(out), "\n")
	return strings.TrimSpace(first)
}
