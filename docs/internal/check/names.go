package main

import (
	"regexp"
	"strings"
)

var (
	testName = regexp.MustCompile(`^(?:Test|Fuzz|Benchmark|Example)[A-Z]\w*$`)
	// repoPath is a file or folder of ours, from the top.
	repoPath = regexp.MustCompile(`^(?:\./)?((?:reactor|factories|protocols|herd|cmd|bench|docs|\.ci)/[^\s*<>{}]+)$`)
	// goName is a package with a name of its own behind it, such as
	// herd/wirelog.Log; of a test maybe with that of a subtest.
	goName = regexp.MustCompile(`^([\w/]+)\.([A-Z]\w*)(?:/.*)?$`)
)

// checkNames checks tests and paths that sentences name as code.
func (t *tree) checkNames(p *page, looked *tally, report reporter) {
	for _, s := range p.spans {
		if testName.MatchString(s.text) {
			looked.names++
			if !t.tests[s.text] {
				report(s.line, "%s is in no test file", s.text)
			}
			continue
		}
		m := repoPath.FindStringSubmatch(s.text)
		if m == nil {
			continue
		}
		looked.paths++
		name := strings.TrimSuffix(m[1], "/...")
		if !t.exists(name) && !t.declaredIn(name) {
			report(s.line, "there is no %s", s.text)
		}
	}
}

// declaredIn reports whether a path is that of a name in a package.
func (t *tree) declaredIn(name string) bool {
	m := goName.FindStringSubmatch(name)
	return m != nil && t.exists(m[1]) && (!testName.MatchString(m[2]) || t.tests[m[2]])
}
