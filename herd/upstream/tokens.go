package upstream

import (
	"errors"
	"fmt"
)

// ErrNotJSON says that a text is not one JSON value as RFC 8259 defines it.
var ErrNotJSON = errors.New("the text is not valid JSON")

// maxDepth is how many arrays and objects may stand inside each other: what encoding/json and json-iterator take.
const maxDepth = 10000

// kind of a token. Brackets, colon and comma are their own kind.
const (
	endOfText byte = 0
	nameToken byte = 'k' // the key of an object's member, with its quotes
	textToken byte = '"' // any other string, with its quotes
	bareToken byte = 'b' // a number, true, false or null
)

// want is what the grammar allows at the present place.
type want byte

const (
	wantValue        want = iota // at the beginning, after a colon, after a comma in an array
	wantFirstElement             // after [: a value or ]
	wantFirstName                // after {: a name or }
	wantName                     // after a comma in an object
	wantColon                    // after a name
	wantNext                     // after a value: a comma or what closes, or the end of the text
)

// tokens reads a JSON text token by token and checks it as it goes: a sequence of tokens that comes to endOfText is one
// valid value. Nothing is decoded and nothing is called recursively, so neither deep nesting nor a number of a million
// digits costs more than its length.
//
// json-iterator does not do here, for three reasons that a test of this package shows: it takes a raw control character,
// so a newline too, in a string that has an escape before it; it takes -01; and it refuses 1e400 since no float64 holds
// it, though it is a number like any other to one who only passes it on.
type tokens struct {
	text []byte
	at   int    // where the next token, or white space before it, begins
	open []byte // the brackets that are open, the innermost last
	want want
}

// next reads one token and returns its kind and where in the text it stands. After endOfText there is no more. An error
// is ErrNotJSON with what was wrong and where.
func (t *tokens) next() (kind byte, start, end int, err error) {
	for t.at < len(t.text) && isSpace(t.text[t.at]) {
		t.at++
	}
	start = t.at
	if start == len(t.text) {
		if t.want == wantNext && len(t.open) == 0 {
			return endOfText, start, start, nil
		}
		return 0, start, start, t.fail(start, "it ends too soon")
	}
	switch kind = t.text[start]; kind {
	case '{', '[':
		err = t.opened(kind)
	case '}', ']':
		err = t.closed(kind)
	case ',', ':':
		err = t.separated(kind)
	case '"':
		if t.want == wantName || t.want == wantFirstName {
			kind = nameToken
		}
		err = t.quoted(kind)
	default:
		kind = bareToken
		err = t.bare()
	}
	return kind, start, t.at, err
}

// fail makes the error for a place in the text.
func (t *tokens) fail(at int, what string) error {
	return fmt.Errorf("%w: %s (byte %d)", ErrNotJSON, what, at)
}

// unexpected is the error for a token that may not stand here.
func (t *tokens) unexpected() error {
	return t.fail(t.at, fmt.Sprintf("%q may not stand here", t.text[t.at]))
}

// wantsValue tells whether a value may begin here.
func (t *tokens) wantsValue() bool { return t.want == wantValue || t.want == wantFirstElement }

// inside is the innermost open bracket, 0 outside of all.
func (t *tokens) inside() byte {
	if len(t.open) == 0 {
		return 0
	}
	return t.open[len(t.open)-1]
}

// opened takes { or [.
func (t *tokens) opened(bracket byte) error {
	if !t.wantsValue() {
		return t.unexpected()
	}
	if len(t.open) == maxDepth {
		return t.fail(t.at, fmt.Sprintf("it is nested more than %d deep", maxDepth))
	}
	t.open = append(t.open, bracket)
	t.want = wantFirstName
	if bracket == '[' {
		t.want = wantFirstElement
	}
	t.at++
	return nil
}

// closed takes } or ].
func (t *tokens) closed(bracket byte) error {
	opening, empty := byte('{'), wantFirstName
	if bracket == ']' {
		opening, empty = '[', wantFirstElement
	}
	if t.inside() != opening || t.want != wantNext && t.want != empty {
		return t.unexpected()
	}
	t.open = t.open[:len(t.open)-1]
	t.want = wantNext
	t.at++
	return nil
}

// separated takes a comma or a colon.
func (t *tokens) separated(mark byte) error {
	switch {
	case mark == ':' && t.want == wantColon:
		t.want = wantValue
	case mark == ',' && t.want == wantNext && t.inside() == '[':
		t.want = wantValue
	case mark == ',' && t.want == wantNext && t.inside() == '{':
		t.want = wantName
	default:
		return t.unexpected()
	}
	t.at++
	return nil
}
