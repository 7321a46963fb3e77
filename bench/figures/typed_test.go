package main

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// typed are the pages in which no figure of a measurement may stand outside a block.
var typed = []string{"../../docs/report.md"}

// What digits may be in a sentence: not those of a measurement.
var allowed = []*regexp.Regexp{
	regexp.MustCompile(`(?m)^## \d+\. `),                       // a section's number
	regexp.MustCompile(`(?s)## References\n.*`),                // years and pages
	regexp.MustCompile(`\[\d+\](?:\(#references\))?`),          // a reference
	regexp.MustCompile(`\[(?:Table|Figure) \d+\]\(#[a-z-]+\)`), // a number that is generated
	regexp.MustCompile(`\*\*(?:Table|Figure) \d+\.\*\*`),       // the same, in its caption
	regexp.MustCompile(`\b\d+\.\d+\.\d+\b`),                    // a version
	regexp.MustCompile(`\b(?:Python|Twisted) \d+(?:\.\d+)?\b`), // a version
	regexp.MustCompile(`\bV8\b`),                               // Node.js's compiler
	regexp.MustCompile(`section \d+`),                          // a section of the page
	regexp.MustCompile(`<!-- (?:figures|claim): [^\n]* -->`),   // what is asked for
	regexp.MustCompile(`\(#[a-z-]+\)`),                         // a link within the page
}

// code may have digits where it is a name, a file and a line, or a constant of the
// protocol: not where it is a number, with or without a unit.
var (
	code   = regexp.MustCompile("`[^`\n]*`")
	number = regexp.MustCompile(`^[\d.,\s]+(?:%|[µu]s|ms|s|ns|B|kB|MB|GB|KiB|MiB|k/s|1/s|/s)?$`)
)

// amounts are words that say how much was measured.
var amounts = regexp.MustCompile(`(?i)\b(?:half(?:\s|$)|halves\b|third of|quarter|twice|double|doubles|thrice|tenfold|\w+fold|per ?cent|` +
	`(?:two|three|four|five|six|seven|eight|nine|ten|hundred|thousand) times|times (?:as|more|less|faster|slower)|` +
	`(?:micro|milli|nano)seconds?|kilobytes?|megabytes?|gigabytes?)`)

// blocks are a page's: of each its caption is typed, and nothing else.
var blocks = regexp.MustCompile(`(?s)` + begins + `[^\n]*?(?: \| ([^\n]*))? -->\n.*?` + ends)

// typedIn are the figures, and the words for some, that stand in a page's sentences.
func typedIn(page string) (found []string) {
	page = blocks.ReplaceAllString(page, "$1")
	for _, pattern := range allowed {
		page = pattern.ReplaceAllString(page, "")
	}
	page = code.ReplaceAllStringFunc(page, func(span string) string {
		if number.MatchString(strings.Trim(span, "`")) {
			return span
		}
		return ""
	})
	for _, line := range strings.Split(page, "\n") {
		if strings.ContainsAny(line, "0123456789") || amounts.MatchString(line) {
			found = append(found, line)
		}
	}
	return found
}

func TestNoFigureOfAMeasurementIsTyped(t *testing.T) {
	for _, path := range typed {
		page, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range typedIn(string(page)) {
			t.Errorf("%s: a figure outside a block, in %q", path, line)
		}
	}
}

func TestATypedFigureIsFound(t *testing.T) {
	for _, line := range []string{
		"It answers 80,000 requests a second.",
		"It takes `12.5 us`.",
		"It takes `12`.",
		"It is twice as fast.",
		"It takes ten times the memory.",
		"A third of the time is the kernel's.",
		"It has a latency of a few milliseconds.",
		"The ratio is 0.83 (see [4]).",
		"<!-- figures: summary r.json -->\n| 1 |\n<!-- /figures --> and 12 more",
		"<!-- figures: summary r.json #a | It takes 12 us -->\n| 1 |\n<!-- /figures -->",
	} {
		if len(typedIn(line)) != 1 {
			t.Errorf("%q: found %q", line, typedIn(line))
		}
	}
	for _, line := range []string{
		"## 3. Threats", "Twisted 13.2.0 on Python 2.7, and 22.4.0", "see [4], section 9", "[Table 12](#idle)",
		"`P=16`, `internet/base.py:786`, `IAMAT id 1 2`", "the five servers, and one more",
		"<!-- figures: summary r.json -->\n| 1 |\n<!-- /figures -->", "<!-- claim: r.json x P=1 rate a < b -->",
	} {
		if found := typedIn(line); found != nil {
			t.Errorf("%q: found %q", line, found)
		}
	}
}
