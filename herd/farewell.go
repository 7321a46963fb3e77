package herd

import (
	"fmt"
)

// ErrBadFarewell says that a BYE line cannot be read; it is dropped.
var ErrBadFarewell = newReason("bad_farewell", "the BYE line cannot be read")

const farewellVerb = "BYE"

// AppendFarewell appends the line, with its end, with which a server closes a
// link on which both speak heartbeats, so that the other end's log says why:
//
//	BYE <reason>
//
// The reason is a short name, as Reason has it.
func AppendFarewell(dst []byte, reason string) []byte {
	return fmt.Appendf(dst, "%s %s\n", farewellVerb, reason)
}

// ParseFarewell reads a BYE line, given without its end. The error wraps
// ErrBadFarewell.
func ParseFarewell(line []byte) (reason string, err error) {
	fields := splitFields(line)
	if len(fields) != 2 || fields[0] != farewellVerb || !validCap(fields[1]) {
		return "", fmt.Errorf("%w: %s", ErrBadFarewell, quote(line))
	}
	return fields[1], nil
}
