package main

import (
	"fmt"
	"os"
	"strings"
)

// programName is how the user called this program, for commands to paste.
func programName() string { return quoteArg(os.Args[0]) }

// quoteArg writes a text so that a shell takes it as one argument.
func quoteArg(text string) string {
	harmless := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("/._-:+@,=%", r)
	}
	if text != "" && strings.IndexFunc(text, func(r rune) bool { return !harmless(r) }) < 0 {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}

// count writes a number of things: "1 link", "5 links".
func count(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

func orDash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}

// oneLine writes an error where only a line can go.
func oneLine(err error) string { return strings.ReplaceAll(err.Error(), "\n", "; ") }
