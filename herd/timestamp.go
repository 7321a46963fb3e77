package herd

import (
	"cmp"
	"time"
)

const (
	nanosPerSecond = 1_000_000_000

	maxTimeDigits       = 12 // integer digits of a client's time
	maxDifferenceDigits = 13 // of a difference: of two times far apart, one below zero
	fractionDigits      = 9  // nanoseconds, and no finer
	maxUint64Digits     = 20
)

// Timestamp is a time since 1970 in UTC, or the signed difference of two such
// times, exact in nanoseconds: Sec + Nsec/1e9, where 0 <= Nsec < 1e9. So
// -0.000000001 is {Sec: -1, Nsec: 999999999}.
//
// One int64 of nanoseconds would overflow in the year 2262, and clients' clocks
// may say anything; a float64's step is 238 ns near today.
type Timestamp struct {
	Sec  int64
	Nsec int32
}

// Unix returns the Timestamp of sec seconds and nsec nanoseconds, where nsec may
// be any number. It takes what time.Time's Unix and Nanosecond return.
func Unix(sec int64, nsec int) Timestamp {
	sec += int64(nsec / nanosPerSecond)
	nsec %= nanosPerSecond
	if nsec < 0 {
		nsec += nanosPerSecond
		sec--
	}
	return Timestamp{sec, int32(nsec)}
}

// Add returns t + d. Seconds wrap around on overflow, as int64 does; no sum of
// texts that ParseTimestamp and ParseDifference accept comes near.
func (t Timestamp) Add(d Timestamp) Timestamp {
	sum := Timestamp{t.Sec + d.Sec, t.Nsec + d.Nsec}
	if sum.Nsec >= nanosPerSecond {
		sum.Nsec -= nanosPerSecond
		sum.Sec++
	}
	return sum
}

// Sub returns t - u, with the same bounds as Add.
func (t Timestamp) Sub(u Timestamp) Timestamp {
	diff := Timestamp{t.Sec - u.Sec, t.Nsec - u.Nsec}
	if diff.Nsec < 0 {
		diff.Nsec += nanosPerSecond
		diff.Sec--
	}
	return diff
}

// Cmp returns -1, 0 or +1 as t is before, equal to or after u.
func (t Timestamp) Cmp(u Timestamp) int {
	if t.Sec != u.Sec {
		return cmp.Compare(t.Sec, u.Sec)
	}
	return cmp.Compare(t.Nsec, u.Nsec)
}

// fromDuration returns d as a difference.
func fromDuration(d time.Duration) Timestamp {
	return Unix(int64(d/time.Second), int(d%time.Second))
}

// ParseTimestamp reads a client's time: 1 to 12 digits, optionally followed by a
// point and 1 to 9 digits. No sign and no exponent. It reports whether text is
// such a time.
func ParseTimestamp(text []byte) (Timestamp, bool) {
	sec, n := digits(text, maxTimeDigits)
	if n == 0 {
		return Timestamp{}, false
	}
	if n == len(text) {
		return Timestamp{Sec: sec}, true
	}
	nsec, ok := fraction(text[n:])
	return Timestamp{sec, nsec}, ok
}

// ParseDifference reads a difference as servers write it: a sign, 1 to 13
// digits, a point and exactly 9 digits. It reports whether text is one.
func ParseDifference(text []byte) (Timestamp, bool) {
	if len(text) == 0 || text[0] != '+' && text[0] != '-' {
		return Timestamp{}, false
	}
	sec, n := digits(text[1:], maxDifferenceDigits)
	rest := text[1+n:]
	if n == 0 || len(rest) != 1+fractionDigits {
		return Timestamp{}, false
	}
	nsec, ok := fraction(rest)
	d := Timestamp{sec, nsec}
	if text[0] == '-' {
		d = Timestamp{}.Sub(d)
	}
	return d, ok
}

// AppendDifference appends d as servers write it, always signed and with nine
// decimals: "+0.563873386". It is exact for every Timestamp.
func AppendDifference(dst []byte, d Timestamp) []byte {
	sign, sec, nsec := byte('+'), uint64(d.Sec), d.Nsec
	if d.Sec < 0 {
		// The magnitude of -1 + 0.9 is 0.1: take the fraction from the next second.
		sign, sec = '-', -sec
		if nsec > 0 {
			sec, nsec = sec-1, nanosPerSecond-nsec
		}
	}
	// Written from its end, to be appended at once.
	const point = 1 + maxUint64Digits
	var text [point + 1 + fractionDigits]byte
	text[point], text[point+1] = '.', '0'+byte(nsec/100_000_000)
	putEightDigits((*[8]byte)(text[point+2:]), uint32(nsec%100_000_000))
	i := point - 1
	for ; sec >= 10; i-- {
		text[i] = '0' + byte(sec%10)
		sec /= 10
	}
	text[i] = '0' + byte(sec)
	i--
	text[i] = sign
	return append(dst, text[i:]...)
}

// digits reads the decimal digits that text begins with, and returns their value
// and how many they are: 0 for none, and for more than most.
func digits(text []byte, most int) (value int64, n int) {
	if eight, ok := eightDigits(text); ok {
		value, n = eight, 8
	}
	for n < len(text) && isDigit(text[n]) {
		if n == most {
			return 0, 0
		}
		value = value*10 + int64(text[n]-'0')
		n++
	}
	return value, n
}

// fraction reads a point and 1 to 9 digits, which must be all of text, as
// nanoseconds.
func fraction(text []byte) (nsec int32, ok bool) {
	if len(text) < 2 || len(text) > 1+fractionDigits || text[0] != '.' {
		return 0, false
	}
	value, n := digits(text[1:], fractionDigits)
	if 1+n != len(text) {
		return 0, false
	}
	for ; n < fractionDigits; n++ {
		value *= 10
	}
	return int32(value), true
}
