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
// if text does not begin with one.
func degrees(text []byte, bound int) int {
	if len(text) == 0 || text[0] != '+' && text[0] != '-' {
		return 0
	}
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
	// A float64 would call 90.00000000000000001 equal to 90. Here it is above the
	// bound, as any digit but 0 after the point of a number that has reached it.
	return length(n, n > point+1 && (whole < bound || part == 0))
}

// length returns n if the number is good, and else 0.
func length(n int, good bool) int {
	if good {
		return n
	}
	return 0
}
