// Command check reads every Markdown file of the project and says what in it is
// not true: a link that leads nowhere, a line number that has moved on, a make
// target, a subcommand, a flag, a test or a file that is not there.
//
//	go run ./docs/internal/check         say what is wrong, and exit with 1 if anything is
//	go run ./docs/internal/check -fix    write the right line numbers first
//
// It opens no connection: addresses on the web are only looked at.
package main

import (
	"flag"
	"fmt"
	"os"
)

func main() {
	fix := flag.Bool("fix", false, "write the right numbers into links to lines")
	flag.Parse()
	if err := run(*fix); err != nil {
		fmt.Fprintln(os.Stderr, "check:", err)
		os.Exit(2)
	}
}

func run(fix bool) error {
	t, err := openTree(".")
	if err != nil {
		return err
	}
	if fix {
		if err := t.fixLines(); err != nil {
			return err
		}
	}
	problems, looked, err := t.check()
	if err != nil {
		return err
	}
	for _, p := range problems {
		fmt.Println(p)
	}
	fmt.Println(looked)
	if len(problems) > 0 {
		os.Exit(1)
	}
	return nil
}
