package main

import (
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf16"
)

// writeDocument writes a value as one line of JSON, in one write. What a terminal
// would not show but do is escaped, wherever it comes from.
func writeDocument(out io.Writer, value any) error {
	text, err := json.MarshalToString(value)
	if err != nil {
		return err
	}
	var b strings.Builder
	for _, r := range text {
		if r < unicode.MaxASCII || unicode.IsPrint(r) {
			b.WriteRune(r)
			continue
		}
		for _, unit := range utf16.AppendRune(nil, r) {
			fmt.Fprintf(&b, `\u%04x`, unit)
		}
	}
	_, err = io.WriteString(out, b.String()+"\n")
	return err
}
