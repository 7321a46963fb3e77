package main

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// reference is a place of Twisted's that a comment names:
// "twisted/protocols/basic.py:508 LineReceiver", or after that ":542" or "to 638".
type reference struct {
	module     string
	line, last int    // the same, unless it is a range
	name       string // "" if none follows
}

// cited finds a line of a module, or after that of the same module, what makes a
// range of it, and the word that follows.
var cited = regexp.MustCompile(`([\w/.-]*\.py)?:(\d+)\b(?: to :?(\d+)\b)?(?: ([A-Za-z_][\w.]*))?`)

// readReferences finds the references in a comment. It fails on a module that
// is not given with its whole path.
func readReferences(text string) (all []reference, err error) {
	if !strings.Contains(text, ".py") {
		return nil, nil // as most do not
	}
	text = strings.Join(strings.Fields(text), " ")
	module := ""
	for _, m := range cited.FindAllStringSubmatch(text, -1) {
		if m[1] != "" {
			module = m[1]
		}
		if module == "" {
			continue // a time of day, a port: nothing of Twisted's was named
		}
		if !strings.HasPrefix(module, "twisted/") {
			return nil, fmt.Errorf("%s:%s: write the module as twisted/.../name.py", module, m[2])
		}
		r := reference{module: module, name: strings.TrimRight(m[4], ".")}
		if r.line, err = strconv.Atoi(m[2]); err != nil {
			return nil, fmt.Errorf("%s:%s: the line: %w", module, m[2], err)
		}
		if r.last, err = strconv.Atoi(m[3]); err != nil {
			r.last = r.line
		}
		all = append(all, r)
	}
	return all, nil
}

// checkReferences compares the references in all comments with the index.
func (b book) checkReferences() (problems []problem) {
	for _, c := range b.golang.comments {
		references, err := readReferences(c.text)
		if err != nil {
			problems = append(problems, problem{c.place, err.Error()})
		}
		for _, r := range references {
			if text := b.index.disagrees(r); text != "" {
				problems = append(problems, problem{c.place, text})
			}
		}
	}
	return problems
}

// disagrees says what is wrong with a reference, "" if nothing is. A word that
// follows it is a name if the module has one like it, or if it looks like one.
func (x index) disagrees(r reference) string {
	for _, line := range []int{r.line, r.last} {
		if len(x.at(r.module, line)) == 0 {
			return fmt.Sprintf("%s:%d defines nothing", r.module, line)
		}
	}
	defined := x.at(r.module, r.last)
	if r.name == "" || slices.ContainsFunc(defined, func(name string) bool { return name == r.name || lastPart(name) == r.name }) {
		return ""
	}
	if lines := x.linesOf(r.module, r.name); len(lines) > 0 {
		return fmt.Sprintf("%s is in line %d of %s, not in line %d, which has %s", r.name, lines[0], r.module, r.last, strings.Join(defined, " and "))
	}
	if looksLikeName.MatchString(r.name) {
		return fmt.Sprintf("%s has no %s; line %d has %s", r.module, r.name, r.last, strings.Join(defined, " and "))
	}
	return ""
}

// looksLikeName tells a name from a word of prose.
var looksLikeName = regexp.MustCompile(`^[A-Z_]|[a-z][A-Z]|_|\.`)

// checkSources finds Go names that a row has and whose comment names other
// places than the rows of the name. An exported type, function or value must
// name one; a method or field, and what is private, need not.
func (b book) checkSources() (problems []problem) {
	rows := map[string][]row{}
	for _, r := range b.rows {
		for _, name := range r.goNames {
			rows[name] = append(rows[name], r)
		}
	}
	for _, d := range b.golang.declared() {
		references, _ := readReferences(d.doc) // an error is checkReferences' to tell
		must := d.exported && !d.isMember && slices.Contains(b.folders, path.Dir(d.file))
		if rows[d.name] == nil || len(references) == 0 && !must {
			continue
		}
		if !slices.ContainsFunc(rows[d.name], func(r row) bool { return slices.ContainsFunc(references, r.isAt) }) {
			r := rows[d.name][0]
			problems = append(problems, problem{d.file, fmt.Sprintf("the comment of %s does not name its source, %s:%d", d.name, r.module, r.lines[0])})
		}
	}
	return problems
}

// isAt reports whether a row is about a place that a reference names.
func (r row) isAt(to reference) bool {
	return r.module == to.module && slices.ContainsFunc(r.lines, func(line int) bool { return to.line <= line && line <= to.last })
}
