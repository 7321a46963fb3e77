package contract

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// Report is what came of a check.
type Report struct {
	// Wrong is where an answer breaks the contract: a field that is missing, or that is something else than documented.
	Wrong []string

	// Unknown is the paths of fields that no line lists: a service may have got them since. Each but once.
	Unknown []string

	// Checked is how many values were held against a line.
	Checked int
}

// Check holds an answer against the rules.
func (r Rules) Check(answer []byte) Report {
	c := checker{rules: r}
	d := json.NewDecoder(bytes.NewReader(answer))
	d.UseNumber() // an id has more digits than a float64
	var value any
	err := d.Decode(&value)
	if _, more := d.Token(); err == nil && more != io.EOF {
		err = errMore
	}
	object, isObject := value.(map[string]any)
	switch {
	case err != nil:
		c.wrong("", "the answer is not JSON: %v", err)
	case !isObject:
		c.wrong("", "the answer is not an object")
	default:
		c.object("", "", object)
	}
	return c.Report
}

var errMore = errors.New("something follows on the value")

// checker goes through one answer.
type checker struct {
	rules Rules
	Report
}

// wrong notes what is wrong at a place of the answer.
func (c *checker) wrong(at, format string, arguments ...any) {
	c.Wrong = append(c.Wrong, strings.TrimPrefix(at+": ", ": ")+fmt.Sprintf(format, arguments...))
}

// object checks the fields of an object; path is where its rules are, at where it stands.
func (c *checker) object(path, at string, fields map[string]any) {
	// First what is missing, in the order of the list, so that a report reads like it.
	for _, r := range c.rules.list {
		if _, has := fields[r.name]; r.parent == path && r.always && !has && r.name != "[]" {
			c.wrong(join(at, r.name), "it is missing")
		}
	}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		c.value(join(path, name), join(at, name), fields[name])
	}
}

// value checks one value, and what it holds.
func (c *checker) value(path, at string, value any) {
	r, known := c.rules.byPath[path]
	// No mistake of the service's: an API may grow. What is inside of it is not looked at.
	if !known {
		if !slices.Contains(c.Unknown, path) {
			c.Unknown = append(c.Unknown, path)
		}
		return
	}
	c.Checked++
	if !slices.ContainsFunc(r.types, func(name string) bool { return types[name](value) }) {
		shown, _ := json.Marshal(value) // it was decoded from JSON
		c.wrong(at, "it is %.80s, not %s", shown, strings.Join(r.types, " or "))
		return
	}
	// any says that its inside is documented elsewhere.
	if slices.Contains(r.types, "any") {
		return
	}
	switch value := value.(type) {
	case map[string]any:
		c.object(path, at, value)
	case []any:
		for i, element := range value {
			c.value(path+"[]", fmt.Sprintf("%s[%d]", at, i), element)
		}
	}
}

// join makes the path of a field.
func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}
