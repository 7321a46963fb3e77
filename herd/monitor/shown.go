package monitor

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// shownMost is how many bytes of a name are shown.
const shownMost = 256

// Shown is a name of any bytes as text that does no harm where it is shown, and by
// which it can be told from others: what is printable stays, and each other byte, and
// a backslash, is \x and two digits. So a terminal's escapes, marks that turn the
// direction of writing, and bytes that are no UTF-8 are seen as what they are. Of a
// name that is too long the beginning is shown, and how many bytes there are.
func Shown(name []byte) string {
	if isPlain(name) {
		return string(name)
	}
	const hex = "0123456789abcdef"
	var b strings.Builder
	shown := name
	if len(name) > shownMost {
		shown = name[:shownMost]
	}
	for len(shown) > 0 {
		r, size := utf8.DecodeRune(shown)
		if r == utf8.RuneError && size == 1 || r == '\\' || !strconv.IsPrint(r) {
			for _, c := range shown[:size] {
				b.Write([]byte{'\\', 'x', hex[c>>4], hex[c&15]})
			}
		} else {
			b.Write(shown[:size])
		}
		shown = shown[size:]
	}
	if len(name) > shownMost {
		b.WriteString("\u2026 (" + strconv.Itoa(len(name)) + " bytes)")
	}
	return b.String()
}

// isPlain reports whether a name is shown as it is, as nearly all are.
func isPlain(name []byte) bool {
	if len(name) > shownMost {
		return false
	}
	for _, c := range name {
		if c <= ' ' || c > '~' || c == '\\' {
			return false
		}
	}
	return true
}
