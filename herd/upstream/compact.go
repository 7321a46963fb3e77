package upstream

// Compact appends src to dst without the white space that JSON does not need, and changes nothing else: the order of
// keys, keys that come twice, the text of numbers (1.0e5, 270123456789012345678), escapes and bytes that are not UTF-8
// survive. What is appended never holds a newline.
//
// src must be exactly one JSON value by RFC 8259, with white space around it at most; neither a byte order mark nor a
// second value is taken, nor more than 10,000 levels of nesting. Else the error is ErrNotJSON, with what was wrong and
// where, and dst is returned as it was.
//
// src is not kept. dst may be src[:0], which compacts in place and, if src is not JSON, leaves it in pieces.
func Compact(dst, src []byte) ([]byte, error) {
	t := tokens{text: src}
	before := len(dst)
	// Tokens that touch each other are copied together: in an answer that is compact already, all of it at once.
	from, to := 0, 0
	for {
		kind, start, end, err := t.next()
		if err != nil {
			return dst[:before], err
		}
		if start != to || kind == endOfText {
			dst = append(dst, src[from:to]...)
			from = start
		}
		to = end
		if kind == endOfText {
			return dst, nil
		}
	}
}
