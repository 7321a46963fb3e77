package wirelog

// copyLine copies the line that text begins with to dst, if it is whole and stands in a record
// as it is, and returns its length without its LF; else a negative number. dst is at least as
// long as text, has no byte in common with it, and holds anything after the line.
//
// It looks at each byte once, where [copyLineByWords] does three times: for the end, for what is
// not plain, and to copy it.
func copyLine(dst, text []byte) int {
	if len(text) < 16 {
		return copyLineByWords(dst, text)
	}
	dst = dst[:len(text)] // copyPlain trusts its caller
	n := copyPlain(&dst[0], &text[0], len(text))
	if n >= 0 && text[n] != '\n' {
		return -1
	}
	return n
}

// copyPlain copies n bytes, at least 16, up to the first that is not plain, and returns where
// that is; -1 if there is none. The bytes after it, up to the n-th, may be copied too.
//
//go:noescape
func copyPlain(dst, text *byte, n int) int
