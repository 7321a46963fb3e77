package herd

import (
	"bytes"
	"fmt"
	"time"
)

// What can be wrong with a neighbour's line. ParseAT wraps them with what it
// found; Reason knows their short names.
var (
	ErrPeerLineTooLong = newReason("line_too_long", "the line is longer than a neighbour may send")
	ErrNotAT           = newReason("not_at", "the line does not begin with AT")
	ErrFieldCount      = newReason("field_count", "an AT line has six fields")
	ErrBadDifference   = newReason("bad_difference", "the difference is not a sign, 1 to 13 digits, a point and 9 digits")
	ErrBadLocation     = newReason("bad_location", "the location is not two signed numbers within 90 and 180 degrees")
	ErrBadTime         = newReason("bad_time", "the time is not 1 to 12 digits, with at most 9 digits after a point")
)

// Record is one report of a client's place, as an AT line tells it to every
// server. Its slices are views into a line or a store, and live as long as that.
type Record struct {
	Server     []byte // who received the report
	Difference []byte // when it was received, less the client's time
	ID         []byte // whose report it is
	Location   []byte
	Time       []byte // the client's own

	Client   Timestamp // the value of Time
	Received Timestamp // Client and Difference together

	line []byte // the canonical line, if there is one to view

	// hint is perhaps the ID's, for a store that would have to work it out.
	hint hint
}

// ParseAT reads an AT line, given without its line end, into r. Fields may be
// separated by any white space, and white space may surround them. The error
// wraps one of the Err values above; r's fields then mean nothing.
func ParseAT(line []byte, r *Record) error {
	if len(line) > MaxPeerLine {
		return fmt.Errorf("%w: it has %d bytes, and %d are allowed", ErrPeerLineTooLong, len(line), MaxPeerLine)
	}
	var fields [6][]byte
	canonical, whole := cutFields(line, fields[:])
	if verb := fields[0]; string(verb) != "AT" {
		return fmt.Errorf("%w: %s", ErrNotAT, quote(verb))
	}
	if !whole {
		return fmt.Errorf("%w: %s", ErrFieldCount, quote(line))
	}
	r.Server, r.Difference, r.ID, r.Location, r.Time = fields[1], fields[2], fields[3], fields[4], fields[5]
	if err := r.evaluate(); err != nil {
		return err
	}
	r.line, r.hint = nil, hint{} // what r was before
	if canonical {
		r.line = line
	}
	return nil
}

// report makes r the record of a client's report to a server, as ParseAT would
// read it from its AT line, which is given without its end, and reports whether
// ParseAT would. It does not read that line again: c's fields have been read by
// the same rules, and the client's time and the difference together are now.
func (r *Record) report(line, server, difference []byte, c *Command, now Timestamp) bool {
	// One by one: a Record as a whole would be made first, and then copied.
	r.Server, r.Difference, r.ID, r.Location, r.Time = server, difference, c.ID, c.Location, c.Time
	r.Client, r.Received = c.Client, now
	r.line, r.hint = line, hint{}
	return len(line) <= MaxPeerLine && len(difference) <= len("+.")+maxDifferenceDigits+fractionDigits
}

// evaluate checks the fields that a line was cut into and works out their values.
func (r *Record) evaluate() error {
	difference, ok := ParseDifference(r.Difference)
	if !ok {
		return fmt.Errorf("%w: %s", ErrBadDifference, quote(r.Difference))
	}
	if _, _, ok = ParseLocation(r.Location); !ok {
		return fmt.Errorf("%w: %s", ErrBadLocation, quote(r.Location))
	}
	if r.Client, ok = ParseTimestamp(r.Time); !ok {
		return fmt.Errorf("%w: %s", ErrBadTime, quote(r.Time))
	}
	r.Received = r.Client.Add(difference)
	return nil
}

// lineLength returns the length of r's canonical line, without its end.
func (r *Record) lineLength() int {
	return len("AT     ") + len(r.Server) + len(r.Difference) + len(r.ID) + len(r.Location) + len(r.Time)
}

// AppendLine appends r's AT line in its canonical form, with its line end: one
// blank between fields, none around them. Servers store and pass on this form
// alone, whatever a neighbour wrote, so that all of them hold the same bytes.
func (r *Record) AppendLine(dst []byte) []byte {
	if r.line != nil {
		return append(append(dst, r.line...), '\n')
	}
	return appendAT(dst, r.Server, r.Difference, r.ID, r.Location, r.Time)
}

// appendAT appends an AT line of these fields with its line end.
func appendAT(dst, server, difference, id, location, time []byte) []byte {
	dst = append(append(dst, "AT "...), server...)
	dst = append(append(dst, ' '), difference...)
	dst = append(append(dst, ' '), id...)
	dst = append(append(dst, ' '), location...)
	dst = append(append(dst, ' '), time...)
	return append(dst, '\n')
}

// Effective returns the time by which r is ordered: what the client's clock
// said, but no more than future ahead of when the report was received. So a
// client whose clock is a year ahead can still move, and none is refused for
// its clock.
func (r *Record) Effective(future time.Duration) Timestamp {
	return r.effective(fromDuration(future))
}

func (r *Record) effective(future Timestamp) Timestamp {
	latest := r.Received.Add(future)
	if r.Client.Cmp(latest) < 0 {
		return r.Client
	}
	return latest
}

// Compare returns a number below, equal to or above 0 as report a of a client is
// older than, the same as or newer than its report b. It is a total order, read
// from the AT lines alone, so all servers with the same future agree on it,
// whatever their clocks say and in whatever order the reports come: effective
// time, then the client's time, then server, location, time and difference, each
// as bytes. Only reports with the same AT line are equal.
func Compare(a, b *Record, future time.Duration) int {
	return a.compare(b, fromDuration(future))
}

func (r *Record) compare(other *Record, future Timestamp) int {
	if c := r.effective(future).Cmp(other.effective(future)); c != 0 {
		return c
	}
	if c := r.Client.Cmp(other.Client); c != 0 {
		return c
	}
	if c := bytes.Compare(r.Server, other.Server); c != 0 {
		return c
	}
	if c := bytes.Compare(r.Location, other.Location); c != 0 {
		return c
	}
	if c := bytes.Compare(r.Time, other.Time); c != 0 {
		return c
	}
	return bytes.Compare(r.Difference, other.Difference)
}
