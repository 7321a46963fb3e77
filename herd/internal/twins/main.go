// Command twins writes docs/twins.md: the two designs of a server, herd/reactorherd
// and herd/goroutineherd, side by side. What it says of the source it reads there;
// what it says of costs it measures, and leaves as it was with -measure=false.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"log"
	"os"
	"path/filepath"
)

// page is what it writes, seen from the module's root.
const page = "docs/twins.md"

func main() {
	root := flag.String("root", ".", "the module's `folder`")
	measure := flag.Bool("measure", true, "measure what a line costs")
	// The machine's speed is another from one minute to the next.
	repeats := flag.Int("repeats", 3, "how often to run the benchmarks, some two minutes each; 0 leaves what they measured as it is")
	flag.Parse()
	if err := run(*root, *measure, *repeats); err != nil {
		log.Fatal(err)
	}
}

func run(root string, measure bool, repeats int) error {
	path := filepath.Join(root, page)
	before, err := os.ReadFile(path)
	if err != nil && !os.IsNotExist(err) {
		return err
	}
	measured := measuredIn(before)
	if measure {
		if measured, err = measureAll(root, repeats, measured); err != nil {
			return fmt.Errorf("measuring: %w", err)
		}
	}
	pairs, err := readPairs(root)
	if err != nil {
		return err
	}
	return os.WriteFile(path, write(pairs, measured), 0o644)
}

// The measured part stands between these two lines.
const (
	measuredBegins = "<!-- measured -->\n"
	measuredEnds   = "<!-- end of what was measured -->\n"
)

// measuredIn is the measured part of a page.
func measuredIn(text []byte) string {
	_, rest, _ := bytes.Cut(text, []byte(measuredBegins))
	measured, _, _ := bytes.Cut(rest, []byte(measuredEnds))
	return string(measured)
}
