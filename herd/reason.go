package herd

import (
	"errors"
	"fmt"
)

// A reason is an error with a second, short name: the sentence is for people,
// the name is for counters and for searching logs.
type reason struct{ name, sentence string }

func (r *reason) Error() string { return r.sentence }

func newReason(name, sentence string) error { return &reason{name, sentence} }

// Reason returns the short snake_case name of an error of this package that
// ends a link or drops a neighbour's line, such as "wrong_herd" for anything
// that wraps ErrWrongHerd. For any other error, and for nil, it is empty.
func Reason(err error) string {
	if r, ok := errors.AsType[*reason](err); ok {
		return r.name
	}
	return ""
}

// quote quotes text from outside for an error's sentence, so that it cannot
// forge a log line, and cuts it where it is long.
func quote[T ~string | ~[]byte](text T) string {
	const enough = 64
	if len(text) > enough {
		return fmt.Sprintf("%q and %d bytes more", text[:enough], len(text)-enough)
	}
	return fmt.Sprintf("%q", text)
}
