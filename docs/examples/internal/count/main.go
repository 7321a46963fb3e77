// Command count writes the table of docs/examples/README.md: how many lines of
// code Twisted's examples have, and ours. Run it in the module's folder.
//
//	go run ./docs/examples/internal/count
//
// A line counts if there is something on it besides blanks, comments and
// docstrings. Twisted's numbers are in twisted.tsv, for those who have not its
// source; -twisted counts them again, in a checkout of tag twisted-13.2.0.
package main

import (
	"flag"
	"log"
	"os"
	"path/filepath"
)

// The files, in the module's folder.
const (
	examples = "docs/examples"
	pageFile = examples + "/README.md"
	tsvFile  = examples + "/internal/count/twisted.tsv"
)

func main() {
	twisted := flag.String("twisted", "", "count Twisted's files again, in this `folder`")
	flag.Parse()
	if err := run(".", *twisted); err != nil {
		log.Fatal("count: ", err)
	}
}

// run writes the page's table, and before it twisted.tsv if twisted is a folder.
func run(root, twisted string) error {
	if twisted != "" {
		counts, err := measure(twisted)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(root, tsvFile), counts.tsv(), 0o644); err != nil {
			return err
		}
	}
	page, err := os.ReadFile(filepath.Join(root, pageFile))
	if err != nil {
		return err
	}
	page, err = write(page, root)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(root, pageFile), page, 0o644)
}
