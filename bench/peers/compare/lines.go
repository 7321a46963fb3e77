package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"proxyherd/bench/peers/marks"
	"proxyherd/bench/peers/peer"
	"proxyherd/bench/peers/tables"
)

// concerns are the words that the sources' marks may have, in the table's order. Faults
// are for the experiments, and the fence is a second service that only some have: they
// are not counted.
var concerns = []string{"framing", "commands", "flood", "handshake", "reconnection", "upstream", "log", "settings", marks.Rest}

const (
	faults = "faults"
	fence  = "fence"
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
	return tables.Table(append(append([][]string{header}, rows...), sum)), nil
}

// count returns how many lines of a server each concern has.
func count(root string, p peer.Peer) (map[string]int, error) {
	counts := marks.NewCounts()
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
			if err != nil {
				return nil, err
			}
			counts.Add(string(text))
		}
	}
	for concern := range counts.Lines {
		if !known(concern) {
			return nil, fmt.Errorf("%s: %q is %w", p.Name, concern, errUnknownConcern)
		}
	}
	return counts.Lines, nil
}

func known(concern string) bool {
	return concern == faults || concern == fence || slices.Contains(concerns, concern)
}
