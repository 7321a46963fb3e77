package herd

import "bytes"

// The longest lines, in bytes, without their line end. A host need not keep
// more of a line than this to know that it is too long.
const (
	MaxClientLine = 16384
	MaxPeerLine   = 32768
)

// Verb is the first word of a client's line.
type Verb uint8

// Invalid stands for every line that is none of the others.
const (
	Invalid Verb = iota
	IAMAT        // a client says where it is
	WHATSAT      // a client asks what is near a client
)

// String returns the word as it stands in a line, or "invalid".
func (v Verb) String() string {
	switch v {
	case IAMAT:
		return "IAMAT"
	case WHATSAT:
		return "WHATSAT"
	}
	return "invalid"
}

// Command is what a client asks. Its slices are views into the line.
type Command struct {
	Verb Verb
	ID   []byte // the client that it is about

	// Of an IAMAT.
	Location []byte    // as ParseLocation takes it
	Time     []byte    // as ParseTimestamp takes it
	Client   Timestamp // the value of Time

	// Of a WHATSAT.
	Radius []byte // in km: digits, and optionally a point and digits
	Limit  int    // how many results; the largest int for a number that does not fit

	canonical bool // one blank between the line's fields, and none around them
}

// ParseCommand reads a client's line, given without its line end, and reports
// whether it is a command. If it is not, c's fields mean nothing. Whether a
// WHATSAT's numbers are within bounds is for Bounds to say.
func ParseCommand(line []byte, c *Command) bool {
	var fields [4][]byte
	canonical, whole := cutFields(line, fields[:])
	if !whole {
		return false
	}
	verb, third, fourth := fields[0], fields[2], fields[3]
	c.ID, c.canonical = fields[1], canonical
	var ok bool
	switch string(verb) {
	case "IAMAT":
		c.Verb, c.Location, c.Time = IAMAT, third, fourth
		if _, _, ok = ParseLocation(third); ok {
			c.Client, ok = ParseTimestamp(fourth)
		}
	case "WHATSAT":
		c.Verb, c.Radius = WHATSAT, third
		if ok = unsigned(third) == len(third); ok {
			c.Limit, ok = wholeNumber(fourth)
		}
	}
	return ok
}

// appendReport appends an IAMAT's ID, Location and Time with one blank between them, as
// they nearly always stand in its line.
func (c *Command) appendReport(dst, line []byte) []byte {
	if c.canonical {
		return append(dst, line[len("IAMAT "):]...)
	}
	dst = append(append(dst, c.ID...), ' ')
	dst = append(append(dst, c.Location...), ' ')
	return append(dst, c.Time...)
}

// wholeNumber reads decimal digits, which must be all of text. A number that is
// too large for an int is the largest int: it is above every bound either way.
func wholeNumber(text []byte) (n int, ok bool) {
	const largest = int(^uint(0) >> 1)
	for _, c := range text {
		if !isDigit(c) {
			return 0, false
		}
		if n > (largest-9)/10 {
			n = largest
			continue
		}
		n = n*10 + int(c-'0')
	}
	return n, len(text) > 0
}

// EndsInHTTPVersion reports whether a line ends in " HTTP/1." and a digit, white
// space after it aside. A client whose first line does so is a web browser, and
// what follows may be commands that a web page wants to post.
func EndsInHTTPVersion(line []byte) bool {
	const version = " HTTP/1."
	line = bytes.TrimRight(line, " \t\r\n\f\v")
	last := len(line) - 1
	return last >= len(version) && isDigit(line[last]) && bytes.HasSuffix(line[:last], []byte(version))
}
