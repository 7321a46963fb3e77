package standin

import (
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// appendString appends a JSON string in the service's style. Twitter of 2012 wrote pure ASCII, with every other character
// as \uXXXX (those beyond the first 65,536 as a pair of them) and slashes as \/; json-iterator writes neither, so it is
// done here. Bytes that are not UTF-8 become U+FFFD.
func (s style) appendString(dst []byte, text string) []byte {
	dst = append(dst, '"')
	for _, r := range text {
		switch {
		case r == '"' || r == '\\' || r == '/' && s.slash:
			dst = append(dst, '\\', byte(r))
		case r == '\n':
			dst = append(dst, `\n`...)
		case r == '\r':
			dst = append(dst, `\r`...)
		case r == '\t':
			dst = append(dst, `\t`...)
		case ' ' <= r && r < utf8.RuneSelf-1:
			dst = append(dst, byte(r))
		case r >= utf8.RuneSelf && !s.ascii:
			dst = utf8.AppendRune(dst, r)
		case r > 0xFFFF:
			high, low := utf16.EncodeRune(r)
			dst = appendUnit(appendUnit(dst, high), low)
		default:
			dst = appendUnit(dst, r)
		}
	}
	return append(dst, '"')
}

// appendUnit appends one \uXXXX.
func appendUnit(dst []byte, unit rune) []byte {
	const hex = "0123456789abcdef"
	return append(dst, '\\', 'u', hex[unit>>12&15], hex[unit>>8&15], hex[unit>>4&15], hex[unit&15])
}

// escapeText escapes what Twitter escaped in a tweet's text, which is less than HTML asks for: quotes stay.
var escapeText = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// escapeSource escapes a tweet's source, where quotes are escaped too.
var escapeSource = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;")
