// Command imports draws who imports whom, from the code, for docs/architecture.md:
//
//	go run ./docs/internal/imports        write docs/imports.svg
//
// Each package stands above all that it imports. An arrow that others imply is left
// out, and packages that only test, or are commands of the documentation, too.
package main

import (
	"fmt"
	"os"
)

// picture is the file that is written, from the project's top.
const picture = "docs/imports.svg"

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "imports:", err)
		os.Exit(1)
	}
}

func run() error {
	all, err := list(".")
	if err != nil {
		return err
	}
	return os.WriteFile(picture, draw(arrange(all)), 0o644)
}
