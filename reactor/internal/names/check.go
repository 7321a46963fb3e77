package main

import (
	"fmt"
	"slices"
	"strings"
)

// problem is something that does not hold, and where.
type problem struct{ place, text string }

func (p problem) String() string { return p.place + ": " + p.text }

// book is everything that is compared: what Twisted has, what Go has, and what
// the pages say of both.
type book struct {
	index   index
	golang  *golang
	folders []string // whose exported names must be accounted for
	rows    []row
	ours    []ours
}

// problems are those of all checks.
func (b book) problems() []problem {
	return slices.Concat(b.checkRows(), b.checkTwistedNames(), b.checkGoNames(), b.checkExported(), b.checkReferences(), b.checkSources())
}

// checkRows compares each row with the index, and its words with each other.
func (b book) checkRows() (problems []problem) {
	last := row{}
	for _, r := range b.rows {
		found := func(format string, args ...any) {
			problems = append(problems, problem{r.place, fmt.Sprintf(format, args...)})
		}
		used, missing := map[int]bool{}, false
		for _, name := range r.names {
			line := slices.IndexFunc(b.index, func(e entry) bool {
				return e.module == r.module && e.name == name && slices.Contains(r.lines, e.line)
			})
			if line < 0 {
				found("%s is not in a line of %v of %s; the index has it in %v", name, r.lines, r.module, b.index.linesOf(r.module, name))
				missing = true
				continue
			}
			used[b.index[line].line] = true
		}
		if len(used) < len(r.lines) && !missing {
			found("the lines %v are more than those of its names", r.lines)
		}
		if r.module == last.module && r.lines[0] < last.lines[0] {
			found("line %d comes after line %d: rows are in the order of the module", r.lines[0], last.lines[0])
		}
		last = r
		switch {
		case r.how != same && r.how != different && r.how != notPorted:
			found("%q is none of %q, %q and %q", r.how, same, different, notPorted)
		case r.how != same && r.reason == "":
			found("%s is %s, and no reason is given", r.names[0], r.how)
		case r.how == same && r.reason != "":
			found("%s is the same, and yet a reason is given", r.names[0])
		case r.how == notPorted && len(r.goNames)+len(r.goFiles) > 0:
			found("%s is not ported, and yet a Go name is given", r.names[0])
		case r.how != notPorted && len(r.goNames) == 0:
			found("%s is %s, and no Go name is given", r.names[0], r.how)
		}
		if r.how == same {
			for _, name := range r.goNames {
				if !slices.ContainsFunc(r.names, func(twisted string) bool { return sameName(twisted, name) }) {
					found("%s is not the same name as %s", name, strings.Join(r.names, " or "))
				}
			}
		}
	}
	return problems
}

// sameName reports whether a Go name is Twisted's by the rules of docs/twisted.md:
// the first letter raised, the I of an interface and the Reactor after it left
// out, Err before an exception in the place of Error after it.
func sameName(twisted, goName string) bool {
	twisted, goName = lastPart(twisted), lastPart(goName)
	candidates := []string{
		strings.ToUpper(twisted[:1]) + twisted[1:],
		twisted, // private both there and here
		strings.TrimPrefix(twisted, "I"),
		strings.TrimPrefix(twisted, "IReactor"),
		"Err" + strings.TrimSuffix(twisted, "Error"),
		strings.ToLower(twisted[:1]) + twisted[1:], // a class that is private here
	}
	if private, ok := strings.CutPrefix(twisted, "_"); ok {
		candidates = append(candidates, strings.ToLower(private[:1])+private[1:])
	}
	return slices.Contains(candidates, goName)
}

func lastPart(name string) string { return name[strings.LastIndex(name, ".")+1:] }

// checkTwistedNames finds public names that have no row, nor a class that is not
// ported as a whole.
func (b book) checkTwistedNames() (problems []problem) {
	type name struct{ module, name string }
	rows, gone := map[name]bool{}, map[name]bool{}
	for _, r := range b.rows {
		for _, n := range r.names {
			rows[name{r.module, n}] = true
			if r.how == notPorted {
				gone[name{r.module, n}] = true
			}
		}
	}
	for _, e := range b.index.public() {
		class, _, _ := strings.Cut(e.name, ".")
		if !rows[name{e.module, e.name}] && !gone[name{e.module, class}] {
			problems = append(problems, problem{fmt.Sprintf("%s:%d", e.module, e.line), e.name + " has no row in the map"})
		}
	}
	return problems
}

// checkGoNames compares the Go names of the pages with the code.
func (b book) checkGoNames() (problems []problem) {
	for _, r := range b.rows {
		used := map[string]bool{}
		for _, name := range r.goNames {
			d, isEmbedded, ok := b.golang.find(name)
			used[d.file] = ok
			text := ""
			switch {
			case !ok:
				text = name + " does not exist"
			case !slices.Contains(r.goFiles, d.file):
				text = fmt.Sprintf("%s is in %s, not in %s", name, d.file, strings.Join(r.goFiles, ", "))
			case isEmbedded != r.embedded:
				text = fmt.Sprintf("that %s is embedded is %t, and the row says %t", name, isEmbedded, r.embedded)
			default:
				continue
			}
			problems = append(problems, problem{r.place, text})
		}
		for _, file := range r.goFiles {
			if !used[file] {
				problems = append(problems, problem{r.place, file + " has none of the row's names"})
			}
		}
	}
	for _, o := range b.ours {
		if _, _, ok := b.golang.find(o.goName); !ok && !isEveryType(o.goName) {
			problems = append(problems, problem{o.place, o.goName + " does not exist"})
		}
		if o.what == "" {
			problems = append(problems, problem{o.place, o.goName + " is ours alone, and no reason is given"})
		}
	}
	return problems
}

// everyType begins a method of ours that stands for that of every type: *.Error.
const everyType = "*."

func isEveryType(name string) bool { return strings.HasPrefix(name, everyType) }

// checkExported finds exported Go names that neither a row nor "Ours alone"
// names. A type that is ours alone brings its methods and constants along.
func (b book) checkExported() (problems []problem) {
	named := map[string]bool{}
	for _, r := range b.rows {
		for _, name := range r.goNames {
			named[name] = true
		}
	}
	alone := map[string]bool{}
	for _, o := range b.ours {
		alone[o.goName] = true
		if named[o.goName] {
			problems = append(problems, problem{o.place, o.goName + " is said to be ours alone, and a row of the map has it"})
		}
	}
	for _, d := range b.golang.exported(b.folders) {
		owner := d.name[:strings.LastIndex(d.name, ".")]
		switch {
		case named[d.name], alone[d.name], alone[owner], alone[d.constOf], d.isMember && alone[everyType+lastPart(d.name)]:
		default:
			problems = append(problems, problem{d.file, d.name + " is exported, and neither in the map nor ours alone"})
		}
	}
	return problems
}
