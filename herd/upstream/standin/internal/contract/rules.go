// Package contract says what the answers of each service must look like, by the fields that its documentation lists, and
// checks an answer against that: an example, the stand-in's, or the service's own.
//
// The lists are files, testdata/KIND.fields for answers and testdata/KIND-error.fields for errors, beside examples that
// were composed from the same documentation. One line is one field: its path, what it is, and whether it is always there.
package contract

import (
	"fmt"
	"strings"
)

// rule is what one field may be.
type rule struct {
	path   string   // from the outermost object: data[].geo.place_id
	parent string   // the object that it is a field of: data[].geo; "" for the outermost one
	name   string   // in that object; "[]" for what a list holds
	types  []string // names of types
	always bool     // whether it is in every such object
}

// Rules are the fields of one sort of answer, as they are documented.
type Rules struct {
	list   []rule
	byPath map[string]rule
}

// parseRules reads a list of fields. A line is PATH TYPE|TYPE... always|sometimes; after # there is a comment. What a list
// holds is the path of the list and [].
func parseRules(text string) (Rules, error) {
	rules := Rules{byPath: map[string]rule{}}
	number := 0
	for line := range strings.Lines(text) {
		number++
		line, _, _ = strings.Cut(line, "#")
		fields := strings.Fields(line)
		if len(fields) == 0 {
			continue
		}
		if len(fields) != 3 || fields[2] != "always" && fields[2] != "sometimes" {
			return Rules{}, fmt.Errorf("line %d: %q is not PATH TYPE always|sometimes", number, strings.TrimSpace(line))
		}
		r := rule{path: fields[0], types: strings.Split(fields[1], "|"), always: fields[2] == "always"}
		for _, name := range r.types {
			if types[name] == nil {
				return Rules{}, fmt.Errorf("line %d: there is no type %q", number, name)
			}
		}
		r.parent, r.name = split(r.path)
		if _, known := rules.byPath[r.parent]; r.parent != "" && !known {
			return Rules{}, fmt.Errorf("line %d: %s has no line before it", number, r.parent)
		}
		if _, twice := rules.byPath[r.path]; twice {
			return Rules{}, fmt.Errorf("line %d: %s is listed twice", number, r.path)
		}
		rules.list = append(rules.list, r)
		rules.byPath[r.path] = r
	}
	return rules, nil
}

// split takes the last step off a path.
func split(path string) (parent, name string) {
	if parent, isElement := strings.CutSuffix(path, "[]"); isElement {
		return parent, "[]"
	}
	at := strings.LastIndexByte(path, '.')
	return path[:max(at, 0)], path[at+1:]
}
