package herd

import (
	"encoding/binary"
	"math/bits"
)

// space marks the six bytes that separate fields. The tests of package unicode
// would also take 0x85 and 0xA0, which are parts of letters in UTF-8.
var space = [256]bool{' ': true, '\t': true, '\r': true, '\n': true, '\f': true, '\v': true}

// cutField returns the first field of a line and what follows it. The field is
// empty if there is none.
func cutField(line []byte) (field, rest []byte) {
	start := 0
	for start < len(line) && isSpace(line[start]) {
		start++
	}
	end := start + fieldLength(line[start:])
	return line[start:end], line[end:]
}

// fieldLength returns how many bytes of text are before its first white space. It looks
// at eight at once, as white space is below '!' and next to nothing else is.
func fieldLength(text []byte) (n int) {
	for len(text)-n >= 8 {
		// A byte below '!' gets a high bit that it had not, and takes one from the byte above
		// it. So the lowest of these bits tells the truth, and no other is looked at.
		w := binary.LittleEndian.Uint64(text[n:])
		low := (w - eachByte*'!') &^ w & highBits
		if low == 0 {
			n += 8
			continue
		}
		n += bits.TrailingZeros64(low) / 8
		if space[text[n]] {
			return n
		}
		n++ // another control character
	}
	for n < len(text) && !isSpace(text[n]) {
		n++
	}
	return n
}

// cutFields fills in the fields of a line, and reports whether it has as many, and whether
// it has one blank between them and none around them, as nearly all have. A line of less
// than eight bytes is never called so.
func cutFields(line []byte, fields [][]byte) (canonical, ok bool) {
	if cutCanonical(line, fields) {
		return true, true
	}
	for i := range fields {
		fields[i], line = cutField(line)
	}
	surplus, _ := cutField(line)
	return false, len(surplus) == 0 && len(fields[len(fields)-1]) > 0
}

// cutCanonical is cutFields for a canonical line, and reports false for any other. It goes
// through the line once, eight bytes at a time.
func cutCanonical(line []byte, fields [][]byte) bool {
	if len(line) < 8 {
		return false
	}
	start, n, last := 0, 0, len(fields)-1
	for at := 0; at < len(line); at += 8 {
		var w uint64
		if rest := len(line) - at; rest >= 8 {
			w = binary.LittleEndian.Uint64(line[at:])
		} else {
			// The line's last eight bytes, without those that were looked at.
			w = ^uint64(0)<<(8*rest) | binary.LittleEndian.Uint64(line[len(line)-8:])>>(64-8*rest)
		}
		// A byte from '!' on gets a high bit, unless it had one: of these no byte takes any from
		// another, so that each tells the truth.
		for low := ^((w&^highBits + eachByte*(0x80-'!')) | w) & highBits; low != 0; low &= low - 1 {
			end := at + bits.TrailingZeros64(low)/8
			if line[end] != ' ' || end == start || n == last {
				return false
			}
			fields[n] = line[start:end]
			start = end + 1
			n++
		}
	}
	fields[n] = line[start:]
	return n == last && start < len(line)
}

// isSpace compares before it looks up: nearly every byte is above a blank.
func isSpace(c byte) bool { return c <= ' ' && space[c] }

const (
	eachByte = 0x0101010101010101 // times a byte: that byte, eight times
	highBits = eachByte * 0x80
)

// eightFrom returns eight bytes of text, the first of them in the lowest byte, with 0 for
// those behind its end. from is within the text or at its end.
func eightFrom(text []byte, from int) (w uint64) {
	rest := len(text) - from
	switch {
	case rest >= 8:
		return binary.LittleEndian.Uint64(text[from:])
	case len(text) >= 8: // its last eight, without those before
		return binary.LittleEndian.Uint64(text[len(text)-8:]) >> (64 - 8*rest)
	}
	for i, c := range text[from:] {
		w |= uint64(c) << (8 * i)
	}
	return w
}

// leadingDigits returns how many of eight bytes, each of which was xored with '0', are
// digits before the first that is none.
func leadingDigits(w uint64) int {
	// A digit is at most 9, so neither it nor it plus 0x76 has a high bit. Any other byte
	// has one; what it gives to the bytes above it is not looked at.
	return bits.TrailingZeros64((w|(w+eachByte*0x76))&highBits) / 8
}

// eightDigits returns the value of the eight digits that text begins with, and
// whether it begins with as many. Reading them at once takes half the time.
func eightDigits(text []byte) (value int64, ok bool) {
	if len(text) < 8 {
		return 0, false
	}
	// Less '0', a digit is at most 9, so neither it nor it plus 0x76 has a high
	// bit. Any other byte has one, or gives one to itself or a byte above it.
	w := binary.LittleEndian.Uint64(text) - eachByte*'0'
	if (w|(w+eachByte*0x76))&highBits != 0 {
		return 0, false
	}
	// Neighbours are joined to numbers of two, four and eight digits, the first
	// digit in the lowest byte.
	w = w*10 + w>>8
	w = w&0x00ff00ff00ff00ff*100 + w>>16&0x00ff00ff00ff00ff
	w = w&0x0000ffff0000ffff*10000 + w>>32&0x0000ffff0000ffff
	return int64(w & 0xffffffff), true
}

// putEightDigits writes a value below 100,000,000 as eight digits: eightDigits backwards.
func putEightDigits(text *[8]byte, value uint32) {
	// Numbers of eight, four and two digits are cut in the middle, the upper half to the
	// lowest bytes. The factors divide by 100 and by 10, for numbers that are so small.
	w := uint64(value/10_000) | uint64(value%10_000)<<32
	upper := w * 10_486 >> 20 & 0x0000007f0000007f
	w = upper | (w-upper*100)<<16
	upper = w * 103 >> 10 & 0x000f000f000f000f
	w = upper | (w-upper*10)<<8
	binary.LittleEndian.PutUint64(text[:], w+eachByte*'0')
}

// isSign asks for '+' and '-' at once: which of the two it is nobody can foretell, a
// processor neither.
func isSign(c byte) bool { return (c-'+')&^('-'-'+') == 0 }

func isDigit(c byte) bool { return c-'0' < 10 }

// withoutEnd returns a line without its line end.
func withoutEnd(line []byte) []byte { return line[:len(line)-1] }
