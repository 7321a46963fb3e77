package herd

import (
	"bytes"
	"errors"
	"fmt"
)

// ErrBadBounds says that a WHATSAT's bounds cannot be used.
var ErrBadBounds = errors.New("not the bounds of an upstream")

// DefaultMaxLimit is the largest limit of a WHATSAT, unless the upstream's is
// smaller.
const DefaultMaxLimit = 100

// Bounds is what the upstream behind a WHATSAT can be asked. The zero Bounds
// fit Twitter's search of 2012: its documentation gives no largest radius, so
// the upstream itself answers for it, and the largest limit is DefaultMaxLimit.
type Bounds struct {
	MaxRadius string // in km: digits, and optionally a point and digits; empty: none
	MaxLimit  int    // 1 and up; 0: DefaultMaxLimit
}

// check returns an error that wraps ErrBadBounds unless Allow can work with b.
func (b *Bounds) check() error {
	if b.MaxRadius != "" && unsigned([]byte(b.MaxRadius)) != len(b.MaxRadius) {
		return fmt.Errorf("%w: the largest radius is %q; write km as digits, such as 50 or 7.5", ErrBadBounds, b.MaxRadius)
	}
	if b.MaxLimit < 0 {
		return fmt.Errorf("%w: the largest limit is %d; write 0 for the default, or more", ErrBadBounds, b.MaxLimit)
	}
	return nil
}

// Allow reports whether a radius and a limit, of the form that ParseCommand
// accepts, are within b. They are compared exactly, whatever their length.
func (b *Bounds) Allow(radius []byte, limit int) bool {
	most := b.MaxLimit
	if most == 0 {
		most = DefaultMaxLimit
	}
	return limit <= most && (b.MaxRadius == "" || compareNumbers(radius, []byte(b.MaxRadius)) <= 0)
}

// compareNumbers compares the values of two unsigned numbers, each of digits and
// optionally a point and digits.
func compareNumbers(a, b []byte) int {
	aWhole, aPart, _ := bytes.Cut(a, point)
	bWhole, bPart, _ := bytes.Cut(b, point)
	aWhole, bWhole = bytes.TrimLeft(aWhole, "0"), bytes.TrimLeft(bWhole, "0")
	// Without leading zeros the longer of two whole numbers is the larger, and
	// those of one length compare as texts; fractions compare as texts once the
	// zeros that mean nothing are off their ends.
	if len(aWhole) != len(bWhole) {
		return len(aWhole) - len(bWhole)
	}
	if c := bytes.Compare(aWhole, bWhole); c != 0 {
		return c
	}
	return bytes.Compare(bytes.TrimRight(aPart, "0"), bytes.TrimRight(bPart, "0"))
}

var point = []byte{'.'}

// unsigned returns the length of the number that text begins with: digits, and
// optionally a point and digits. It is 0 if there is none, or if the point has
// no digits on both sides.
func unsigned(text []byte) int {
	n := 0
	for n < len(text) && isDigit(text[n]) {
		n++
	}
	if n == 0 || n == len(text) || text[n] != '.' {
		return n
	}
	point := n
	for n++; n < len(text) && isDigit(text[n]); {
		n++
	}
	if n == point+1 {
		return 0
	}
	return n
}
