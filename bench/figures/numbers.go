package main

import (
	"fmt"
	"regexp"
)

var (
	// captioned is the beginning of a caption: its name, and what is counted.
	captioned = regexp.MustCompile(`(<a id="([a-z-]+)"></a>\n\*\*)(Table|Figure) \d+\.`)
	// referred is a link to a caption.
	referred = regexp.MustCompile(`\[(Table|Figure) \d+\]\(#([a-z-]+)\)`)
)

// numbered gives captions their numbers, tables and figures each in their order, and
// links to them the same.
func numbered(page string) string {
	last := map[string]int{}
	labels := map[string]string{}
	page = captioned.ReplaceAllStringFunc(page, func(found string) string {
		m := captioned.FindStringSubmatch(found)
		last[m[3]]++
		labels[m[2]] = fmt.Sprintf("%s %d", m[3], last[m[3]])
		return m[1] + labels[m[2]] + "."
	})
	return referred.ReplaceAllStringFunc(page, func(found string) string {
		name := referred.FindStringSubmatch(found)[2]
		if labels[name] == "" {
			return found // the check of links tells that it leads nowhere
		}
		return fmt.Sprintf("[%s](#%s)", labels[name], name)
	})
}
