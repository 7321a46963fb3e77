package sim

import (
	"bytes"
	"slices"
	"strconv"
	"strings"
)

// answered checks a line against the first command that it can answer: answers
// come in the order of the commands, and nothing else comes.
func (c *client) answered(line []byte) {
	if c.world.watch.Note != nil { // or the words would be put together for nobody
		c.world.note("%s < %s", c.name, line)
	}
	if len(c.owed) == 0 {
		c.violated("nobody asked for %q", short(string(line)))
		return
	}
	o := &c.owed[0]
	switch {
	case o.asked:
		c.checkSource(o, line)
	case o.refused(line):
		c.checkRefusal(o)
	case o.verb == iamat:
		c.checkReport(o, line)
	case o.verb == whatsat:
		if c.checkShown(o, line) {
			o.asked = true
			return // its second line comes next
		}
	case o.verb == overlong && string(line) == "? line longer than 16384 bytes":
	default:
		c.violated("%q is answered with %q", short(o.line), short(string(line)))
	}
	c.owed = slices.Delete(c.owed, 0, 1) // in its place, as there is mostly one
}

// refused reports whether a line says that a command is invalid.
func (o *owed) refused(line []byte) bool {
	text, refusal := bytes.CutPrefix(line, []byte("? "))
	return refusal && string(text) == o.line
}

// checkRefusal takes the answer that a line is invalid.
func (c *client) checkRefusal(o *owed) {
	switch {
	case o.verb == iamat && (o.least != nil || c.world.fight.Setup.Records == 0):
		// Only a client that is new to the server may find no room.
		c.violated("a report is refused: %q", short(o.line))
	case o.verb == whatsat && o.least != nil:
		c.violated("%q is refused, and the server has shown %q before", short(o.line), short(o.least.line))
	}
}

// checkReport checks the answer to an IAMAT, whose difference is exact.
func (c *client) checkReport(o *owed, line []byte) {
	w := c.world
	r := w.reports.of(line)
	if !r.valid || r.server != c.to.name || r.id != o.id || r.location != o.location || r.time != o.time {
		c.violated("%q is answered with %q", short(o.line), short(string(line)))
		return
	}
	if !o.set && !c.to.set && c.life == c.to.life && (r.received.compare(o.sent) < 0 || r.received.compare(w.clock(c.to)) > 0) {
		c.violated("%q is answered with a difference that says it came at %d.%09d, and it was sent at %d.%09d",
			short(o.line), r.received.seconds, r.received.nanos, o.sent.seconds, o.sent.nanos)
	}
	if c.life == c.to.life {
		w.ledger.acknowledged(w, c.to, r)
	}
	c.sees(r)
}

// sees takes note of what the server has shown: it must not show an older one.
func (c *client) sees(r *report) {
	if c.life == c.to.life {
		newest(c.to.seen, r)
	}
}

// checkShown checks the first line of the answer to a WHATSAT.
func (c *client) checkShown(o *owed, line []byte) bool {
	r := c.world.reports.of(line)
	switch {
	case !r.valid || r.id != o.id:
		c.violated("%q is answered with %q", short(o.line), short(string(line)))
		return false
	case !c.world.ledger.knows(r):
		c.violated("%q is answered with %q, and nobody has reported that", short(o.line), short(r.line))
	case o.least != nil && r.compare(o.least) < 0:
		c.world.violated("monotonic", "%s at %s: %q is shown, and %q was before", c.name, c.to.name, short(r.line), short(o.least.line))
	}
	o.shown = r
	c.sees(r)
	return true
}

// checkSource checks the second line.
func (c *client) checkSource(o *owed, line []byte) {
	second := 1 + strings.IndexAny(o.shown.location[1:], "+-")
	limit, _ := strconv.Atoi(o.time)
	switch {
	case string(line) == sourceLine(o.shown.location[:second], o.shown.location[second:], o.location, limit):
	case bytes.HasPrefix(line, []byte(`{"error":`)) && (c.world.source.trouble || c.world.fight.Setup.Waiting > 0):
	default:
		c.violated("%q is answered with the line %q", short(o.line), short(string(line)))
	}
}
