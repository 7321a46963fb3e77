package wirelog

import (
	"bytes"
	"encoding/binary"
)

// copyLineByWords is copyLine in Go.
func copyLineByWords(dst, text []byte) int {
	n := bytes.IndexByte(text, '\n')
	if n < 0 || !allPlain(text[:n]) {
		return -1
	}
	return copy(dst, text[:n])
}

// allPlain tells whether all of text stands as it is. It has one branch for all, as lines
// differ in their lengths, and a processor can then not foresee where one ends.
func allPlain(text []byte) bool {
	if len(text) < 16 {
		return plainPrefix(text) == len(text)
	}
	found := oddOf16(text[len(text)-16:]) // some of which are looked at twice
	for ; len(text) > 16; text = text[16:] {
		found |= oddOf16(text)
	}
	return found == 0
}

// oddOf16 is 0 if the first sixteen bytes of text are plain.
func oddOf16(text []byte) uint64 {
	return odd(binary.LittleEndian.Uint64(text)) | odd(binary.LittleEndian.Uint64(text[8:]))
}
