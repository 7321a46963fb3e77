package main

import (
	"regexp"
	"strings"
)

// checkCommands checks every command in a page's code: that its make target, its
// subcommand and flags, or its packages are there.
func (t *tree) checkCommands(p *page, looked *tally, report reporter) {
	for _, block := range p.code {
		if block.language != "" && block.language != "sh" && block.language != "text" && block.language != "console" {
			continue
		}
		for i, line := range strings.Split(block.text, "\n") {
			t.checkCommand(line, block.line+i, looked, report)
		}
	}
	for _, s := range p.spans {
		t.checkCommand(s.text, s.line, looked, report)
	}
}

var (
	prompt = regexp.MustCompile(`^\s*\$ `)
	// assigned is an environment variable before a command.
	assigned = regexp.MustCompile(`^(?:[A-Z_]+=\S* )+`)
	// piped is the last command of a pipe.
	piped = regexp.MustCompile(`^.*\| (bin/herd|herd) `)
	word  = regexp.MustCompile(`^-{0,2}[a-z-]+$`)
	// remark is what a list of commands says of one.
	remark = regexp.MustCompile(`\s{2,}\S.*$|\s+#.*$`)
)

// checkCommand checks a line, if it is a command of ours.
func (t *tree) checkCommand(line string, number int, looked *tally, report reporter) {
	line = prompt.ReplaceAllString(line, "")
	line = piped.ReplaceAllString(line, "$1 ")
	line = remark.ReplaceAllString(assigned.ReplaceAllString(line, ""), "")
	words := strings.Fields(line)
	if len(words) < 2 {
		return
	}
	var problem string
	switch words[0] {
	case "make":
		problem = t.checkMake(words[1:])
	case "herd", "bin/herd":
		if !word.MatchString(words[1]) {
			return // what the program prints begins so too
		}
		problem = t.herd.check(words[1:])
	case "go":
		problem = t.checkGo(words[1:])
	default:
		return
	}
	looked.commands++
	if problem != "" {
		report(number, "%s: %s", line, problem)
	}
}

var makeSetting = regexp.MustCompile(`^([A-Z_]+)=`)

func (t *tree) checkMake(words []string) (problem string) {
	for _, w := range words {
		if m := makeSetting.FindStringSubmatch(w); m != nil {
			if !t.makeVar[m[1]] {
				return "the Makefile takes no " + m[1]
			}
		} else if !t.targets[w] {
			return "the Makefile has no target " + w
		}
	}
	return ""
}

// checkGo checks the packages that a go command names by their folders.
func (t *tree) checkGo(words []string) (problem string) {
	for _, w := range words {
		if folder, ours := strings.CutPrefix(w, "./"); ours {
			folder = strings.TrimSuffix(strings.TrimSuffix(folder, "..."), "/")
			if folder != "" && !t.exists(folder) {
				return "there is no package " + w
			}
		}
	}
	return ""
}
