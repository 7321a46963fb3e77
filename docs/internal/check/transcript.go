package main

import (
	"fmt"
	"regexp"
	"strings"
)

// transcript is what a block of code shows of a shell: commands, each with what it
// answers. A comment before the block says what the check does with it:
//
//	<!-- run -->                               runs it, at the top of the project
//	<!-- run beside make herd -->              the same, while the built-in herd is up
//	<!-- run until TEXT -->                    interrupts it when TEXT has come
//	<!-- not run: why -->                      it shows what was seen once
//
// What comes must have the shape of what is shown: figures, hex numbers and spaces
// may be others. A line of "..." stands for any lines, and one that ends in it for
// any end. "with other lines" behind run or herd lets others come between those that
// are shown.
type transcript struct {
	marker string
	steps  []shown
}

// shown is one command and what it says.
type shown struct {
	line    int
	command string
	output  []string
}

// transcripts are a page's.
func (p *page) transcripts() (all []transcript) {
	for _, block := range p.code {
		t := transcript{marker: block.marker}
		for i, line := range strings.Split(strings.TrimRight(block.text, "\n"), "\n") {
			switch command, isCommand := strings.CutPrefix(line, "$ "); {
			case isCommand:
				t.steps = append(t.steps, shown{line: block.line + i, command: command})
			case len(t.steps) > 0:
				last := &t.steps[len(t.steps)-1]
				last.output = append(last.output, line)
			}
		}
		if len(t.steps) > 0 {
			all = append(all, t)
		}
	}
	return all
}

var knownMarker = regexp.MustCompile(`^(run( beside make herd)?( with other lines)?|run until .+|not run: .+)$`)

// typed is a line that a reader may type.
var typed = regexp.MustCompile(`(?m)^(\$ .|(?:bin/)?herd [a-z-]+( |$)|make [a-z]|go (run|build|test|tool) )`)

// checkTranscripts checks that each block with a command says whether it is run.
func (t *tree) checkTranscripts(p *page, report reporter) {
	for _, block := range p.code {
		if typed.MatchString(block.text) && !knownMarker.MatchString(block.marker) {
			report(block.line, "before this block, say <!-- run -->, <!-- run beside make herd -->, <!-- run until TEXT --> or <!-- not run: why -->; it has %q", block.marker)
		}
	}
}

var (
	// hexNumber has eight digits or more: no word has as many letters from a to f.
	hexNumber = regexp.MustCompile(`\b[0-9a-f]{8,}\b|\b0x[0-9a-f]+\b`)
	number    = regexp.MustCompile(`[+-]?\d[\d,]*(\.\d+)?`)
	spaces    = regexp.MustCompile(`\s+`)
)

// shape is what two runs of a command have in common, of one line.
func shape(line string) string {
	line = hexNumber.ReplaceAllString(line, "0")
	line = number.ReplaceAllString(line, "0")
	return strings.TrimSpace(spaces.ReplaceAllString(line, " "))
}

// compare says how what a command has said differs in its shape from what is shown;
// "" if it does not.
func (s *shown) compare(said []string, others bool) string {
	open := others // further lines may come here
	for _, want := range s.output {
		if want == "..." {
			open = true
			continue
		}
		at := 0
		for open && at < len(said) && !alike(want, said[at]) {
			at++
		}
		if at == len(said) {
			return fmt.Sprintf("%q was not said", want)
		}
		if !alike(want, said[at]) {
			return fmt.Sprintf("%q is shown, and it says %q", want, said[at])
		}
		said, open = said[at+1:], others
	}
	if len(said) > 0 && !open {
		return fmt.Sprintf("it says %q besides", said[0])
	}
	return ""
}

func alike(want, said string) bool {
	if beginning, cut := strings.CutSuffix(want, "..."); cut {
		return strings.HasPrefix(shape(said), shape(beginning))
	}
	return shape(want) == shape(said)
}
