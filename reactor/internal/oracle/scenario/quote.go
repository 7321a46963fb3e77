package scenario

import (
	"strconv"
	"strings"
)

// Quote writes bytes as one word, the same on both sides: between double
// quotes, the printable ASCII characters but blank, quote and backslash stand
// for themselves, and every other byte is \x and two hexadecimal digits.
func Quote[T string | []byte](data T) string {
	const digits = "0123456789abcdef"
	var out strings.Builder
	out.WriteByte('"')
	for i := range len(data) {
		switch c := data[i]; {
		case c <= ' ' || c > '~' || c == '"' || c == '\\':
			out.WriteString(`\x`)
			out.WriteByte(digits[c>>4])
			out.WriteByte(digits[c&15])
		default:
			out.WriteByte(c)
		}
	}
	out.WriteByte('"')
	return out.String()
}

// Unquote undoes Quote. ok is false for what Quote does not write.
func Unquote(word string) (data []byte, ok bool) {
	inner, opened := strings.CutPrefix(word, `"`)
	inner, closed := strings.CutSuffix(inner, `"`)
	if !opened || !closed {
		return nil, false
	}
	for len(inner) > 0 {
		if inner[0] != '\\' {
			data = append(data, inner[0])
			inner = inner[1:]
			continue
		}
		if len(inner) < 4 || inner[1] != 'x' {
			return nil, false
		}
		value, err := strconv.ParseUint(inner[2:4], 16, 8)
		if err != nil {
			return nil, false
		}
		data = append(data, byte(value))
		inner = inner[4:]
	}
	return data, true
}
