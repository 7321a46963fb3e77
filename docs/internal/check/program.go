package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
)

// program is the herd's binary, which knows its own subcommands and flags.
type program struct {
	binary string
	help   map[string]string // of each subcommand, its flags and those of all
	names  map[string]bool   // of the subcommands
}

var listedCommand = regexp.MustCompile(`(?m)^  ([a-z]+) `)

// build makes the binary in a folder of its own, which stop removes.
func (p *program) build(root string) (stop func(), err error) {
	folder, err := os.MkdirTemp("", "docs-check-")
	if err != nil {
		return nil, err
	}
	stop = func() { _ = os.RemoveAll(folder) } // of the system's folder for such
	p.binary, p.help, p.names = filepath.Join(folder, "herd"), map[string]string{}, map[string]bool{}
	build := exec.Command("go", "build", "-o", p.binary, "./cmd/herd")
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		stop()
		return nil, fmt.Errorf("building the program that the pages speak of: %w\n%s", err, out)
	}
	for _, m := range listedCommand.FindAllStringSubmatch(p.ask("--help"), -1) {
		p.names[m[1]] = true
	}
	return stop, nil
}

// ask is what the program says to some words.
func (p *program) ask(words ...string) string {
	out, _ := exec.Command(p.binary, words...).CombinedOutput() // what it says is all that matters
	return string(out)
}

// check checks a command line of the program's.
func (p *program) check(words []string) (problem string) {
	name := words[0]
	if strings.HasPrefix(name, "-") {
		name = ""
	} else if !p.names[name] {
		return "there is no such subcommand"
	}
	help, asked := p.help[name]
	if !asked {
		help = p.ask(strings.Fields(name + " --help")...)
		p.help[name] = help
	}
	for _, w := range words {
		flag, _, _ := strings.Cut(w, "=")
		if strings.HasPrefix(flag, "--") && len(flag) > 2 && !regexp.MustCompile(regexp.QuoteMeta(flag)+`\b`).MatchString(help) {
			return "there is no flag " + flag
		}
	}
	return ""
}
