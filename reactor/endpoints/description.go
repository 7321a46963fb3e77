package endpoints

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// What may be wrong with a description of an endpoint. The errors that wrap
// these quote the description and say what was expected.
var (
	ErrUnqualified       = errors.New("it has no type: write it as type:arguments, such as tcp:8080")
	ErrUnknownType       = errors.New("its type is unknown")
	ErrArgument          = errors.New("its arguments are not those of its type")
	ErrBadValue          = errors.New("one of its values cannot be used")
	ErrTrailingBackslash = errors.New(`it ends with a backslash that escapes nothing: write a backslash itself as \\`)
)

// description is a line such as tcp:example.org:port=80, cut up:
// twisted/internet/endpoints.py:1257 _tokenize and :1294 _parse. Fields are
// separated by colons, key=value is a keyword argument, and a backslash makes
// the next character an ordinary one.
type description struct {
	text       string
	kind       string // the first field
	positional []string
	keywords   []keyword // in the order in which they were given
}

type keyword struct{ key, value string }

// parse cuts text up. An error says what is wrong, not yet with which text.
func parse(text string) (d description, err error) {
	d.text = text
	var field strings.Builder
	key, isKeyword, fields := "", false, 0
	end := func() {
		switch {
		case isKeyword:
			d.keywords = append(d.keywords, keyword{key, field.String()})
		case fields == 0:
			d.kind = field.String()
		default:
			d.positional = append(d.positional, field.String())
		}
		field.Reset()
		isKeyword = false
		fields++
	}
	escaped := false
	for i := range len(text) { // bytes: the special ones are ASCII
		c := text[i]
		switch {
		case escaped:
			field.WriteByte(c)
			escaped = false
		case c == '\\':
			escaped = true
		case c == ':':
			end()
		case c == '=' && !isKeyword:
			key, isKeyword = field.String(), true
			field.Reset()
		default: // a later = belongs to the value
			field.WriteByte(c)
		}
	}
	if escaped {
		return d, ErrTrailingBackslash
	}
	end()
	if fields == 1 || d.kind == "" {
		return d, ErrUnqualified
	}
	return d, nil
}

// quoter escapes what is special in a field.
var quoter = strings.NewReplacer(`\`, `\\`, `:`, `\:`, `=`, `\=`)

// QuoteStringArgument escapes a value so that a description takes it as it is,
// with or without a keyword before it: twisted/internet/endpoints.py:1469
// quoteStringArgument. Twisted leaves = alone, so that there a value with one
// becomes a keyword.
func QuoteStringArgument(argument string) string { return quoter.Replace(argument) }

// arguments puts what was given in the places that names names, in that order
// for the positional ones. An argument that was not given is "".
func (d description) arguments(names ...string) (map[string]string, error) {
	if len(d.positional) > len(names) {
		return nil, fmt.Errorf("%w: it has %d without a name, and there are only %s",
			ErrArgument, len(d.positional), strings.Join(names, ", "))
	}
	given := map[string]string{}
	for i, value := range d.positional {
		given[names[i]] = value
	}
	for _, k := range d.keywords {
		if !slices.Contains(names, k.key) {
			return nil, fmt.Errorf("%w: there is no %q, only %s", ErrArgument, k.key, strings.Join(names, ", "))
		}
		if _, twice := given[k.key]; twice {
			return nil, fmt.Errorf("%w: %q is given twice", ErrArgument, k.key)
		}
		given[k.key] = k.value
	}
	return given, nil
}
