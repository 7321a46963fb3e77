package wirelog

import (
	"encoding/binary"
	"math/bits"
	"strconv"
	"time"
	"unicode/utf8"
)

// timeLayout is RFC 3339 with exactly six decimals, so times sort as text.
const timeLayout = "2006-01-02T15:04:05.000000Z"

// clock writes times. It keeps the last one's text: what is read and what is written in one
// turn have the same, and a busy log writes tens of thousands within a second.
type clock struct {
	second int64
	micros int64
	text   []byte // of micros; nil before the first
}

func (c *clock) append(b []byte, micros int64) []byte {
	if c.text == nil || micros != c.micros {
		c.set(micros)
	}
	return append(b, c.text...)
}

func (c *clock) set(micros int64) {
	second, fraction := micros/1e6, micros%1e6
	if fraction < 0 {
		second, fraction = second-1, fraction+1e6
	}
	if c.text == nil || second != c.second {
		c.second, c.text = second, time.Unix(second, 0).UTC().AppendFormat(c.text[:0], timeLayout)
	}
	c.micros = micros
	digits := c.text[len(c.text)-len("000000Z"):]
	putThree(digits, uint32(fraction)/1000)
	putThree(digits[3:], uint32(fraction)%1000)
}

// putThree writes a number below 1,000 with three digits.
func putThree(b []byte, n uint32) {
	b[0], b[1], b[2] = byte('0'+n/100), byte('0'+n/10%10), byte('0'+n%10)
}

// plain says which bytes stand in a quoted text as they are.
var plain = func() (table [256]bool) {
	for c := byte(' '); c < 0x7f; c++ {
		table[c] = c != '"' && c != '\\'
	}
	return table
}()

// appendQuoted appends text as a Go string literal that strconv.Unquote turns
// back into the same bytes. What is printable stays, so that ids can be found;
// everything else becomes an escape.
func appendQuoted(b, text []byte) []byte {
	const hex = "0123456789abcdef"
	b = append(b, '"')
	for len(text) > 0 {
		n := plainPrefix(text)
		b, text = append(b, text[:n]...), text[n:]
		if len(text) == 0 {
			break
		}
		size := 1
		switch c := text[0]; {
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
		case c == '\r':
			b = append(b, '\\', 'r')
		case c == '\n':
			b = append(b, '\\', 'n')
		case c == '\t':
			b = append(b, '\\', 't')
		case c < utf8.RuneSelf:
			b = append(b, '\\', 'x', hex[c>>4], hex[c&15])
		default:
			var r rune
			r, size = utf8.DecodeRune(text)
			if r == utf8.RuneError && size == 1 || !strconv.IsPrint(r) {
				for _, c := range text[:size] {
					b = append(b, '\\', 'x', hex[c>>4], hex[c&15])
				}
			} else {
				b = append(b, text[:size]...)
			}
		}
		text = text[size:]
	}
	return append(b, '"')
}

// plainPrefix is how many bytes at the start of text stand as they are. Nearly all do, so
// it looks at eight at a time.
func plainPrefix(text []byte) int {
	i := 0
	for ; i+8 <= len(text); i += 8 {
		if found := odd(binary.LittleEndian.Uint64(text[i:])); found != 0 {
			return i + bits.TrailingZeros64(found)/8
		}
	}
	for i < len(text) && plain[text[i]] {
		i++
	}
	return i
}

// odd has the top bit of the first of eight bytes that is not plain, and none below it; 0:
// all are plain. One of the four terms has that bit: the first if the byte is not ASCII, the
// second if it is DEL, the third a backslash, and the last a quote or below a space, all of
// which come first where quotes and spaces change places. A borrow can set the bits of bytes
// above such a one too.
func odd(w uint64) uint64 {
	const ones, tops = 0x0101010101010101, 0x8080808080808080
	return (w | (w + ones) | ((w ^ ones*'\\') - ones) | ((w ^ ones*('"'^' ')) - ones*(' '+1))) & tops
}

// appendWord appends a key, value or name: bare where that cannot be misread.
func appendWord(b []byte, word string) []byte {
	if bare(word) {
		return append(b, word...)
	}
	return appendQuoted(b, []byte(word))
}

func bare(word string) bool {
	for i := range len(word) {
		if c := word[i]; !plain[c] || c == ' ' || c == '=' {
			return false
		}
	}
	return word != ""
}

// appendConn appends a connection as it stands in each of its records.
func appendConn(b []byte, kind Kind, number uint64, name string) []byte {
	b = append(b, kind.String()...)
	b = strconv.AppendUint(append(b, '#'), number, 10)
	if name != "" {
		b = appendWord(append(b, '='), name)
	}
	return b
}
