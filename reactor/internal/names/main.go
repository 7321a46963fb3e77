// Command names holds docs/twisted.md to what both sides have: the map of Twisted's
// names to ours, and the table of the names that are ours alone.
//
// What Twisted has is in twisted-13.2.0.tsv beside it: names and line numbers,
// read from Twisted's source at tag twisted-13.2.0. What Go has is read from
// the packages. It compares:
//
//   - each row of the map with the index and with the code;
//   - the public names of the index, and the exported names of the packages,
//     with the map: each must be accounted for;
//   - each place of Twisted's that a comment names, such as
//     twisted/protocols/basic.py:508 LineReceiver, with the index.
//
// Run it at the root of the module, without arguments, and with
//
//	go run ./reactor/internal/names -source DIR
//
// to see besides that the index is what a checkout of Twisted says, or with
// -write to make it so.
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
)

// Where things are, from the root of the module.
const (
	indexFile = "reactor/internal/names/twisted-13.2.0.tsv"
	page      = "docs/twisted.md"
)

var (
	errProblems = errors.New("the map of names does not hold")
	errStale    = errors.New("the index is not what the source says: is it at tag twisted-13.2.0? Then run this with -write")
	errNoSource = errors.New("-write needs -source, a checkout of Twisted at tag twisted-13.2.0")
)

func main() {
	source := flag.String("source", "", "a checkout of Twisted at tag twisted-13.2.0, to compare the index with")
	write := flag.Bool("write", false, "write the index from -source")
	flag.Parse()
	if err := run(".", *source, *write, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "names:", err)
		os.Exit(1)
	}
}

// run does what the command does in the module at root.
func run(root, source string, write bool, out io.Writer) error {
	if write && source == "" {
		return errNoSource
	}
	if source != "" {
		if err := compare(root, source, write); err != nil {
			return err
		}
	}
	b, err := readBook(os.DirFS(root), exporting, internal)
	if err != nil {
		return err
	}
	problems := b.problems()
	for _, p := range problems {
		fmt.Fprintln(out, p)
	}
	if len(problems) > 0 {
		return fmt.Errorf("%w: %d problems", errProblems, len(problems))
	}
	fmt.Fprintf(out, "%d public names of Twisted's and %d of ours are accounted for, in %d rows\n",
		len(b.index.public()), len(b.golang.exported(b.folders)), len(b.rows))
	return nil
}

// compare holds the index to Twisted's source, or writes it from that.
func compare(root, source string, write bool) error {
	fresh, err := scanSource(source, mirrored)
	if err != nil {
		return err
	}
	if write {
		return os.WriteFile(root+"/"+indexFile, fresh.text(), 0o644)
	}
	text, err := os.ReadFile(root + "/" + indexFile)
	if err != nil {
		return fmt.Errorf("reading the index of names: %w", err)
	}
	if !bytes.Equal(text, fresh.text()) {
		return errStale
	}
	return nil
}

// readBook reads the index, the pages and the code. exporting are the folders
// whose exported names must be accounted for, internal others with names that
// the map may have.
func readBook(files fs.FS, exporting, internal []string) (b book, err error) {
	b.folders = exporting
	if b.index, err = readIndex(files, indexFile); err != nil {
		return b, err
	}
	if b.rows, err = readMap(files, page); err != nil {
		return b, err
	}
	if b.ours, err = readOurs(files, page); err != nil {
		return b, err
	}
	b.golang, err = readGo(files, slices.Concat(exporting, internal))
	return b, err
}
