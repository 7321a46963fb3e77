package sim

import "strings"

// verb is what a client's line is, by the protocol's text.
type verb uint8

const (
	invalid verb = iota
	iamat
	whatsat
	overlong // too long a line, after which the server closes
	webPage  // a web browser's first line: the same
)

func (v verb) String() string {
	return [...]string{"invalid", "IAMAT", "WHATSAT", "overlong", "HTTP"}[v]
}

// command is a line of a client's as this package reads it.
type command struct {
	verb               verb
	line               string
	id, location, time string // time of an IAMAT; of a WHATSAT, location is the radius and time the limit
}

// longest is how long a client's line may be, in bytes.
const longest = 16384

func parseCommand(line string, first bool) command {
	c := command{line: line}
	fields := fieldsOf(line)
	switch {
	case len(line) > longest:
		c.verb = overlong
	case first && len(fields) > 1 && strings.HasPrefix(fields[len(fields)-1], "HTTP/1.") && len(fields[len(fields)-1]) == 8:
		c.verb = webPage
	case len(fields) == 4:
		c.id, c.location, c.time = fields[1], fields[2], fields[3]
		c.verb = c.read(fields[0])
	}
	return c
}

// fieldsOf cuts a line at white space, of which the protocol knows six bytes.
func fieldsOf(line string) (fields []string) {
	fields = make([]string, 0, 5)
	begin := -1
	for i := range len(line) {
		switch line[i] {
		case ' ', '\t', '\r', '\n', '\f', '\v':
			if begin >= 0 {
				fields = append(fields, line[begin:i])
			}
			begin = -1
		default:
			if begin < 0 {
				begin = i
			}
		}
	}
	if begin >= 0 {
		fields = append(fields, line[begin:])
	}
	return fields
}

func (c *command) read(first string) verb {
	switch first {
	case "IAMAT":
		_, isTime := parseMoment(c.time)
		whole, _, _ := strings.Cut(c.time, ".")
		if isTime && len(whole) <= 12 && isLocation(c.location) {
			return iamat
		}
	case "WHATSAT":
		limit, isNumber := parseMoment(c.time)
		whole, decimals, point := strings.Cut(c.location, ".")
		if isDigits(whole) && whole != "" && isDigits(decimals) && point == (decimals != "") &&
			isNumber && isDigits(c.time) && limit.seconds <= 100 {
			return whatsat
		}
	}
	return invalid
}
