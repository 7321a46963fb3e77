package upstream

import "bytes"

// isSpace tells the four bytes that JSON calls white space.
func isSpace(c byte) bool { return c == ' ' || c == '\n' || c == '\r' || c == '\t' }

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isHex(c byte) bool { return isDigit(c) || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F' }

// quoted takes a name or a text, from quote to quote. Bytes from 0x80 up are taken as they are, valid UTF-8 or not: what
// the upstream sent is passed on, and they cannot break a line.
func (t *tokens) quoted(kind byte) error {
	switch {
	case kind == nameToken:
		t.want = wantColon
	case t.wantsValue():
		t.want = wantNext
	default:
		return t.unexpected()
	}
	for i := t.at + 1; i < len(t.text); i++ {
		switch c := t.text[i]; {
		case c == '"':
			t.at = i + 1
			return nil
		case c < ' ':
			return t.fail(i, "a control character in a string must be escaped")
		case c == '\\':
			// Skipped as a whole, or the quote of \" would end the string.
			length := escape(t.text[i:])
			if length == 0 {
				return t.fail(i, "no such escape")
			}
			i += length - 1
		}
	}
	return t.fail(len(t.text), "a string has no end")
}

// escape is the length of the escape that text begins with, 0 if it is none.
func escape(text []byte) int {
	if len(text) < 2 {
		return 0
	}
	switch text[1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return 2
	case 'u':
		const length = len(`\u0000`)
		if len(text) >= length && isHex(text[2]) && isHex(text[3]) && isHex(text[4]) && isHex(text[5]) {
			return length
		}
	}
	return 0
}

// literals are the bare words of JSON.
var literals = [][]byte{[]byte("true"), []byte("false"), []byte("null")}

// bare takes a number or one of the literals. What follows is the next token's matter: in 12true, true may not stand
// where it does.
func (t *tokens) bare() error {
	if !t.wantsValue() {
		return t.unexpected()
	}
	rest := t.text[t.at:]
	length := number(rest)
	for _, literal := range literals {
		if bytes.HasPrefix(rest, literal) {
			length = len(literal)
		}
	}
	if length == 0 {
		return t.unexpected()
	}
	t.want = wantNext
	t.at += length
	return nil
}

// number is the length of the number that text begins with, 0 if it begins with none: an optional minus, digits without
// a leading zero, an optional fraction, an optional exponent.
func number(text []byte) int {
	// Its text is all that matters, so no value is made of it and no size of it is too large.
	i := 0
	if i < len(text) && text[i] == '-' {
		i++
	}
	whole := digits(text[i:])
	if whole == 0 || whole > 1 && text[i] == '0' {
		return 0
	}
	i += whole
	if i < len(text) && text[i] == '.' {
		fraction := digits(text[i+1:])
		if fraction == 0 {
			return 0
		}
		i += 1 + fraction
	}
	if i < len(text) && (text[i] == 'e' || text[i] == 'E') {
		i++
		if i < len(text) && (text[i] == '+' || text[i] == '-') {
			i++
		}
		exponent := digits(text[i:])
		if exponent == 0 {
			return 0
		}
		i += exponent
	}
	return i
}

// digits is how many digits text begins with.
func digits(text []byte) int {
	n := 0
	for n < len(text) && isDigit(text[n]) {
		n++
	}
	return n
}
