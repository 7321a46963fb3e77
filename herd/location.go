package herd

const (
	maxLatitude  = 90  // degrees north or south
	maxLongitude = 180 // degrees east or west
)

// ParseLocation reads a place in ISO 6709 decimal degrees, such as
// "+27.5916+086.5640": twice a sign, digits, and optionally a point and digits.
// The latitude is within 90 and the longitude within 180 degrees, exactly: the
// texts are compared, digit by digit, and may be of any length. It returns the
// two numbers, signs included, as views into text, and whether text is a place.
func ParseLocation(text []byte) (latitude, longitude []byte, ok bool) {
	end := degrees(text, maxLatitude)
	if end == 0 || degrees(text[end:], maxLongitude) != len(text)-end || end == len(text) {
		return nil, nil, false
	}
	return text[:end], text[end:], true
}

// degrees reads a signed number that is within bound, and returns its length: 0
// if text does not begin with one. Of up to three digits, and up to seven behind the
// point, it looks at all at once.
func degrees(text []byte, bound int) int {
	if len(text) == 0 || !isSign(text[0]) {
		return 0
	}
	w := eightFrom(text, 1) ^ eachByte*'0'
	count := leadingDigits(w)
	if count == 0 {
		return 0
	}
	if count > 3 {
		return anyDegrees(text, bound)
	}
	w <<= 64 - 8*count // the last digit to the highest byte, and nothing below the first
	whole := int(w>>56 + 10*(w>>48&0xff) + 100*(w>>40&0xff))
	n := 1 + count
	if n == len(text) || text[n] != '.' {
		return length(n, whole <= bound)
	}
	w = eightFrom(text, n+1) ^ eachByte*'0'
	if count = leadingDigits(w); count == 8 {
		return anyDegrees(text, bound)
	}
	// A float64 would call 90.00000000000000001 equal to 90. Here it is above the
	// bound, as any digit but 0 after the point of a number that has reached it.
	return length(n+1+count, count > 0 && (whole < bound || whole == bound && w<<(64-8*count) == 0))
}

// anyDegrees is degrees for a sign and digits, however many.
func anyDegrees(text []byte, bound int) int {
	whole, n := 0, 1
	for ; n < len(text) && isDigit(text[n]); n++ {
		// Stopping at the first digit that is too much, no number can overflow;
		// leading zeros may be as many as there are.
		if whole = whole*10 + int(text[n]-'0'); whole > bound {
			return 0
		}
	}
	if n == 1 || n == len(text) || text[n] != '.' {
		return length(n, n > 1)
	}
	point, part := n, byte(0)
	for n++; n < len(text) && isDigit(text[n]); n++ {
		part |= text[n] - '0'
	}
	return length(n, n > point+1 && (whole < bound || part == 0))
}

// length returns n if the number is good, and else 0.
func length(n int, good bool) int {
	if good {
		return n
	}
	return 0
}
