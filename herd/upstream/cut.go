package upstream

import (
	"bytes"

	jsoniter "github.com/json-iterator/go"
)

// CutList shortens the array under path to limit elements (none, for a limit below 1) and keeps every other byte. Path
// is a key of the outermost object, then one of the object found there, and so on; where it leads to no array, or to
// one that is short enough, there is nothing to cut. A key that comes several times is followed each time: readers
// differ in which one they believe.
//
// The error is ErrNotJSON. If nothing is cut the result is line itself, else it is a new slice; line is never changed.
func CutList(line []byte, path []string, limit int) ([]byte, error) {
	c := cutter{tokens: tokens{text: line}, limit: max(limit, 0)}
	if err := c.value(path); err != nil {
		return nil, err
	}
	if _, _, _, err := c.next(); err != nil {
		return nil, err
	}
	if c.kept == 0 {
		return line, nil
	}
	return append(c.out, line[c.kept:]...), nil
}

// cutter goes through a text and copies what is kept.
type cutter struct {
	tokens
	limit int
	out   []byte // what is kept of text[:kept]
	kept  int    // 0 until something is cut: the path's array cannot stand at the very beginning
}

// value goes through the value that comes next, where path is still to be followed. It calls itself once for each key
// of the path, never for the nesting of the text.
func (c *cutter) value(path []string) error {
	kind, _, _, err := c.next()
	if err != nil {
		return err
	}
	switch {
	case kind == '[' && len(path) == 0:
		return c.array()
	case kind == '{' && len(path) > 0:
		return c.object(path)
	case kind == '{' || kind == '[':
		return c.leave(len(c.open) - 1)
	}
	return nil
}

// object goes through the members of an object that has just been opened.
func (c *cutter) object(path []string) error {
	for {
		kind, start, end, err := c.next()
		switch {
		case err != nil:
			return err
		case kind == '}':
			return nil
		case kind == ',':
			continue
		}
		// No other token than a name can come here, the grammar sees to that.
		if _, _, _, err := c.next(); err != nil { // the colon
			return err
		}
		if isName(c.text[start:end], path[0]) {
			err = c.value(path[1:])
		} else {
			err = c.skip()
		}
		if err != nil {
			return err
		}
	}
}

// array goes through the elements of an array that has just been opened, and cuts what is too much.
func (c *cutter) array() error {
	level, elements := len(c.open), 0
	cut := c.at // where the limit is reached: here for a limit of 0, else at the end of that element
	for {
		kind, start, end, err := c.next()
		if err != nil {
			return err
		}
		if len(c.open) < level { // it was the bracket that closes the array
			if elements > c.limit {
				c.out = append(c.out, c.text[c.kept:cut]...)
				c.kept = start
			}
			return nil
		}
		if kind == ',' {
			continue
		}
		if kind == '{' || kind == '[' {
			if err := c.leave(level); err != nil {
				return err
			}
			end = c.at
		}
		if elements++; elements == c.limit {
			cut = end
		}
	}
}

// skip goes through a value of no interest.
func (c *cutter) skip() error {
	level := len(c.open)
	kind, _, _, err := c.next()
	if err == nil && (kind == '{' || kind == '[') {
		err = c.leave(level)
	}
	return err
}

// leave goes on until no more than level brackets are open.
func (c *cutter) leave(level int) error {
	for len(c.open) > level {
		if _, _, _, err := c.next(); err != nil {
			return err
		}
	}
	return nil
}

// isName tells whether a name with its quotes means key. One without an escape means what it says; json-iterator decodes
// the others.
func isName(quoted []byte, key string) bool {
	if bytes.IndexByte(quoted, '\\') < 0 {
		return string(quoted[1:len(quoted)-1]) == key
	}
	name := jsoniter.ParseBytes(jsoniter.ConfigDefault, quoted)
	return name.ReadString() == key && name.Error == nil
}
