// Command check reads every Markdown file of the project and says what in it is
// not true: a link that leads nowhere, a line number that has moved on, a make
// target, a subcommand, a flag, a test or a file that is not there.
//
//	go run ./docs/internal/check         say what is wrong, and exit with 1 if anything is
//	go run ./docs/internal/check -fix    write the right line numbers first
//	go run ./docs/internal/check -play   also run the commands that are shown with
//	                                     their output, and compare: see transcript
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
	play := flag.Bool("play", false, "run the commands that are shown with what they say")
	flag.Parse()
	if err := run(*fix, *play); err != nil {
		fmt.Fprintln(os.Stderr, "check:", err)
		os.Exit(2)
	}
}

func run(fix, play bool) error {
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
	played := 0
	if play {
		differ, n, err := t.play()
		if err != nil {
			return err
		}
		problems, played = append(problems, differ...), n
	}
	for _, p := range problems {
		fmt.Println(p)
	}
	fmt.Printf("%v; %d commands run\n", looked, played)
	if len(problems) > 0 {
		os.Exit(1)
	}
	return nil
}
