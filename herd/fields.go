package herd

import "encoding/binary"

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
	end := start
	for end < len(line) && !isSpace(line[end]) {
		end++
	}
	return line[start:end], line[end:]
}

// cutFields fills in the fields of a line, and reports whether it has as many.
func cutFields(line []byte, fields [][]byte) bool {
	for i := range fields {
		fields[i], line = cutField(line)
	}
	surplus, _ := cutField(line)
	return len(surplus) == 0 && len(fields[len(fields)-1]) > 0
}

// isSpace compares before it looks up: nearly every byte is above a blank.
func isSpace(c byte) bool { return c <= ' ' && space[c] }

// eightDigits returns the value of the eight digits that text begins with, and
// whether it begins with as many. Reading them at once takes half the time.
func eightDigits(text []byte) (value int64, ok bool) {
	if len(text) < 8 {
		return 0, false
	}
	const (
		each = 0x0101010101010101 // times a byte: that byte, eight times
		high = each * 0x80
	)
	// Less '0', a digit is at most 9, so neither it nor it plus 0x76 has a high
	// bit. Any other byte has one, or gives one to itself or a byte above it.
	w := binary.LittleEndian.Uint64(text) - each*'0'
	if (w|(w+each*0x76))&high != 0 {
		return 0, false
	}
	// Neighbours are joined to numbers of two, four and eight digits, the first
	// digit in the lowest byte.
	w = w*10 + w>>8
	w = w&0x00ff00ff00ff00ff*100 + w>>16&0x00ff00ff00ff00ff
	w = w&0x0000ffff0000ffff*10000 + w>>32&0x0000ffff0000ffff
	return int64(w & 0xffffffff), true
}

func isDigit(c byte) bool { return c-'0' < 10 }

// withoutEnd returns a line without its line end.
func withoutEnd(line []byte) []byte { return line[:len(line)-1] }
