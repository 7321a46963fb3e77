package main

import (
	"bytes"
	"fmt"
	"strings"
)

// logical is a line of Python together with the lines that continue it.
type logical struct {
	line   int // where it begins, from 1
	indent int // blanks before it
	text   string
}

// logicalLines joins what brackets, strings or backslashes continue, empties
// the strings, and drops comments and what is empty then.
func logicalLines(text []byte) ([]logical, error) {
	c := cursor{text: text, line: 1}
	var lines []logical
	for !c.atEnd() {
		l := logical{line: c.line, indent: c.blanks()}
		var err error
		if l.text, err = c.rest(); err != nil {
			return nil, fmt.Errorf("in the statement of line %d: %w", l.line, err)
		}
		if l.text != "" {
			lines = append(lines, l)
		}
	}
	return lines, nil
}

// cursor goes through a text once.
type cursor struct {
	text []byte // what is left
	line int
}

func (c *cursor) atEnd() bool { return len(c.text) == 0 }

// take goes n bytes on.
func (c *cursor) take(n int) {
	c.line += bytes.Count(c.text[:n], []byte("\n"))
	c.text = c.text[n:]
}

// blanks goes over the indentation and measures it: a tab goes to a multiple of
// eight, as in Python.
func (c *cursor) blanks() (n int) {
	for !c.atEnd() {
		switch c.text[0] {
		case ' ':
			n++
		case '\t':
			n = n/8*8 + 8
		default:
			return n
		}
		c.take(1)
	}
	return n
}

// rest reads to the end of the logical line.
func (c *cursor) rest() (string, error) {
	var out strings.Builder
	for depth := 0; !c.atEnd(); {
		switch b := c.text[0]; b {
		case '\n':
			c.take(1)
			if depth == 0 {
				return strings.TrimSpace(out.String()), nil
			}
			out.WriteByte(' ')
		case '#':
			if end := bytes.IndexByte(c.text, '\n'); end >= 0 {
				c.take(end)
			} else {
				c.take(len(c.text))
			}
		case '\\':
			c.take(min(2, len(c.text)))
			out.WriteByte(' ')
		case '"', '\'':
			if err := c.skipString(b); err != nil {
				return "", err
			}
			out.WriteString(`""`)
		default:
			switch b {
			case '(', '[', '{':
				depth++
			case ')', ']', '}':
				depth--
			}
			out.WriteByte(b)
			c.take(1)
		}
	}
	return strings.TrimSpace(out.String()), nil
}

// skipString goes over a string of either kind, to its closing quote.
func (c *cursor) skipString(quote byte) error {
	end := []byte{quote, quote, quote}
	if !bytes.HasPrefix(c.text, end) {
		end = end[:1]
	}
	for i := len(end); i < len(c.text); i++ {
		switch {
		case c.text[i] == '\\':
			i++
		case bytes.HasPrefix(c.text[i:], end):
			c.take(i + len(end))
			return nil
		}
	}
	return fmt.Errorf("the string that begins in line %d has no end", c.line)
}
