//go:build !amd64

package wirelog

// copyLine copies the line that text begins with to dst, if it is whole and stands in a record
// as it is, and returns its length without its LF; else a negative number. dst is at least as
// long as text.
func copyLine(dst, text []byte) int { return copyLineByWords(dst, text) }
