package upstream

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"
)

// ErrKey says that a text cannot be a key.
var ErrKey = errors.New("not a key")

// Key is what a service knows its user by. It never shows itself: whatever it is printed with, "[key]" comes out, and
// printed as a part of something else no more than an address in memory. The zero value is no key.
type Key struct {
	text *string // behind a pointer, which fmt does not follow into a field that is not exported
}

// maxKey is far beyond any key, and within what servers take in a header.
const maxKey = 4096

// NewKey makes a key of its text: 1 to 4,096 bytes of printable ASCII without a space, so that it fits into a header. The
// error is ErrKey and does not repeat the text.
func NewKey(text string) (Key, error) {
	switch {
	case text == "":
		return Key{}, fmt.Errorf("%w: it is empty", ErrKey)
	case len(text) > maxKey:
		return Key{}, fmt.Errorf("%w: it has more than %d bytes", ErrKey, maxKey)
	case strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r > '~' }):
		return Key{}, fmt.Errorf("%w: it holds a space, a line end or a character that is not ASCII", ErrKey)
	}
	return Key{&text}, nil
}

// IsZero tells whether this is no key.
func (k Key) IsZero() bool { return k.text == nil }

// Format prints "[key]" for every verb, and nothing for no key.
func (k Key) Format(to fmt.State, _ rune) {
	if !k.IsZero() {
		// A fmt.State collects the text: it has no error to tell.
		_, _ = io.WriteString(to, hiddenKey)
	}
}

// hiddenKey stands where the key stood.
const hiddenKey = "[key]"

// reveal is the text of the key, "" for no key. It goes into a request and nowhere else.
func (k Key) reveal() string {
	if k.IsZero() {
		return ""
	}
	return *k.text
}

// in tells whether a text holds the key.
func (k Key) in(text []byte) bool { return !k.IsZero() && bytes.Contains(text, []byte(*k.text)) }

// hide makes an error whose text holds the key, as it is or as it stands in an address, one that does not.
func (k Key) hide(err error) error {
	if k.IsZero() || err == nil {
		return err
	}
	text := strings.NewReplacer(*k.text, hiddenKey, url.QueryEscape(*k.text), hiddenKey).Replace(err.Error())
	if text == err.Error() {
		return err
	}
	return &hidden{err, text}
}

// hidden is an error with another text.
type hidden struct {
	error
	text string
}

func (h *hidden) Error() string { return h.text }

// Is answers for the error inside, which Unwrap would hand out with its text.
func (h *hidden) Is(target error) bool { return errors.Is(h.error, target) }
