// Package marks counts lines of code by the marks in the sources of a server: a comment
// such as "# -- framing --" says what the lines behind it are for.
//
// A mark may also stand behind a line, and is then of that line alone: "# -- fence --"
// behind one that was added for it, "# -- fence: changed --" behind one that was there
// before. Python, JavaScript, Java and Go are understood.
package marks

import (
	"regexp"
	"strings"
)

// Rest is what stands before a file's first mark.
const Rest = "rest"

var (
	before = regexp.MustCompile(`^\s*(?:#|//)\s*-- (\w+) --$`)
	behind = regexp.MustCompile(`\S\s+(?:#|//) -- (\w+)(: changed)? --$`)
)

// Counts are lines of code, neither blank nor comment alone, by what they are for.
type Counts struct {
	Lines   map[string]int
	Changed map[string]int // that were there before, and count among Lines as what they were
}

// NewCounts returns counts of nothing.
func NewCounts() Counts { return Counts{map[string]int{}, map[string]int{}} }

// Sum is how many lines there are in all.
func (c Counts) Sum() (sum int) {
	for _, n := range c.Lines {
		sum += n
	}
	return sum
}

// Add counts the lines of a file.
func (c Counts) Add(text string) {
	concern, within := Rest, "" // within: what ends the comment that we are in
	for _, line := range strings.Split(text, "\n") {
		if m := before.FindStringSubmatch(line); m != nil {
			concern = m[1]
			continue
		}
		code := strings.TrimSpace(line)
		switch {
		case within != "":
			if strings.HasSuffix(code, within) {
				within = ""
			}
		case code == "", strings.HasPrefix(code, "#"), strings.HasPrefix(code, "//"):
		case strings.HasPrefix(code, `"""`):
			if len(code) < 6 || !strings.HasSuffix(code, `"""`) {
				within = `"""`
			}
		case strings.HasPrefix(code, "/*"):
			if !strings.HasSuffix(code, "*/") {
				within = "*/"
			}
		default:
			c.line(code, concern)
		}
	}
}

// line counts a line of code.
func (c Counts) line(code, concern string) {
	switch m := behind.FindStringSubmatch(code); {
	case m == nil:
		c.Lines[concern]++
	case m[2] == "":
		c.Lines[m[1]]++
	default:
		c.Lines[concern]++
		c.Changed[m[1]]++
	}
}
