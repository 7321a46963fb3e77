package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"proxyherd/bench/peers/peer"
)

// concerns are the words that the sources' marks may have, in the table's order. What
// stands before a file's first mark is rest. Faults are for the experiments, and the
// fence is a second service that only some have: they are not counted.
var concerns = []string{"framing", "commands", "flood", "handshake", "reconnection", "upstream", "log", "settings", rest}

const (
	rest   = "rest"
	faults = "faults"
	fence  = "fence"
)

// mark is a comment such as "# -- framing --", and added one behind a line that is there
// for the fence alone.
var (
	mark  = regexp.MustCompile(`^\s*(?:#|//)\s*-- (\w+) --$`)
	added = regexp.MustCompile(`\S\s+(?:#|//) -- ` + fence + ` --$`)
)

// errUnknownConcern is a mark that no row of the table is for.
var errUnknownConcern = errors.New("no concern that is counted")

// linesTable counts lines of code: neither blank nor comment alone.
func linesTable(root string) (string, error) {
	header := []string{"lines of code"}
	rows := make([][]string, len(concerns))
	for i, concern := range concerns {
		rows[i] = []string{concern}
	}
	sum := []string{"sum"}
	for _, p := range peer.All() {
		counts, err := count(root, p)
		if err != nil {
			return "", err
		}
		header = append(header, p.Name)
		total := 0
		for i, concern := range concerns {
			rows[i] = append(rows[i], fmt.Sprint(counts[concern]))
			total += counts[concern]
		}
		sum = append(sum, fmt.Sprint(total))
	}
	return table(append(append([][]string{header}, rows...), sum)), nil
}

// count returns how many lines of a server each concern has.
func count(root string, p peer.Peer) (map[string]int, error) {
	counts := map[string]int{}
	for _, folder := range []string{p.Folder, p.Shared} {
		if folder == "" {
			continue
		}
		files, err := filepath.Glob(filepath.Join(root, "bench", "peers", folder, "*"+p.Ext))
		if err != nil || len(files) == 0 {
			return nil, fmt.Errorf("%s: no source found: %w", folder, errors.Join(err, os.ErrNotExist))
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err == nil {
				err = countFile(string(text), counts)
			}
			if err != nil {
				return nil, fmt.Errorf("%s: %w", file, err)
			}
		}
	}
	return counts, nil
}

func countFile(text string, counts map[string]int) error {
	concern, within := rest, "" // within: what ends the comment that we are in
	for _, line := range strings.Split(text, "\n") {
		if m := mark.FindStringSubmatch(line); m != nil {
			concern = m[1]
			if !known(concern) {
				return fmt.Errorf("%q is %w", concern, errUnknownConcern)
			}
			continue
		}
		code := strings.TrimSpace(line)
		switch {
		case within != "":
			if strings.HasSuffix(code, within) {
				within = ""
			}
		case added.MatchString(line):
		case code == "", strings.HasPrefix(code, "#"), strings.HasPrefix(code, "//"):
		case strings.HasPrefix(code, `"""`):
			if len(code) < 6 || !strings.HasSuffix(code, `"""`) {
				within = `"""`
			}
		case strings.HasPrefix(code, "/*"):
			if !strings.HasSuffix(code, "*/") {
				within = "*/"
			}
		default:
			counts[concern]++
		}
	}
	return nil
}

func known(concern string) bool { return concern == faults || concern == fence || slices.Contains(concerns, concern) }
