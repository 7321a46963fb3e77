package main

import (
	"net/url"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// checkLinks follows every link that stays in the project.
func (t *tree) checkLinks(p *page, looked *tally, report reporter) {
	for _, l := range p.links {
		looked.links++
		u, err := url.Parse(l.dest)
		switch {
		case err != nil:
			report(l.line, "the link %s: %v", l.dest, err)
			continue
		case u.Scheme == "http" || u.Scheme == "https":
			if u.Host == "" {
				report(l.line, "the link %s names no host", l.dest)
			}
			continue
		case u.Scheme != "":
			report(l.line, "the link %s: use https, or a path", l.dest)
			continue
		}
		to := p.path
		if u.Path != "" {
			to = path.Join(path.Dir(p.path), u.Path)
		}
		switch {
		case strings.HasPrefix(to, "..") || !t.exists(to):
			report(l.line, "the link %s leads nowhere: there is no %s", l.dest, to)
		case strings.HasSuffix(to, ".md") && u.Fragment != "":
			if target := t.pageAt(to); target == nil || !target.anchors[u.Fragment] {
				report(l.line, "the link %s leads to a heading that %s does not have", l.dest, to)
			}
		case u.Fragment != "":
			looked.lines++
			t.checkLine(l, to, u.Fragment, report)
		}
	}
}

func (t *tree) pageAt(name string) *page {
	for _, p := range t.pages {
		if p.path == name {
			return p
		}
	}
	return nil
}

var lineFragment = regexp.MustCompile(`^L(\d+)(?:-L(\d+))?$`)

// checkLine checks a link to a line: of a Go file, one whose text is a name must
// lead to where that is declared.
func (t *tree) checkLine(l link, file, fragment string, report reporter) {
	m := lineFragment.FindStringSubmatch(fragment)
	if m == nil {
		report(l.line, "the link %s: write #L12 or #L12-L20", l.dest)
		return
	}
	source, err := os.ReadFile(filepath.Join(t.root, file))
	if err != nil {
		report(l.line, "the link %s: %v", l.dest, err)
		return
	}
	lines := 1 + strings.Count(string(source), "\n")
	for _, number := range m[1:] {
		if n, _ := strconv.Atoi(number); n > lines {
			report(l.line, "the link %s: %s has %d lines", l.dest, file, lines)
			return
		}
	}
	if !strings.HasSuffix(file, ".go") {
		return
	}
	want, found, err := t.declared(file, l.text)
	switch {
	case err != nil:
		report(l.line, "the link %s: %v", l.dest, err)
	case !found:
		report(l.line, "the link %s is called %q, and %s declares no such thing: name what the line declares", l.dest, l.text, file)
	case strconv.Itoa(want) != m[1]:
		report(l.line, "the link %s: %s is at line %d; make docs-lines writes it", l.dest, l.text, want)
	}
}
