package load

import (
	"time"

	"proxyherd/herd/upstream/standin/gazetteer"
)

// mostClients is how many ids there are: their number has seven digits.
const mostClients = 10_000_000

// triples are the texts "000" to "999", so that numbers are written three digits at once.
var triples = func() (table [1000][3]byte) {
	for i := range table {
		table[i] = [3]byte{byte('0' + i/100), byte('0' + i/10%10), byte('0' + i%10)}
	}
	return table
}()

// appendID appends the id of a client: "c0001234.load.test".
func appendID(b []byte, client uint32) []byte {
	b = append(b, 'c', byte('0'+client/1_000_000))
	b = append(b, triples[client/1000%1000][:]...)
	b = append(b, triples[client%1000][:]...)
	return append(b, ".load.test"...)
}

// clock tells the time and writes it. The wall clock is read once, and then goes as the
// monotonic one does.
type clock struct {
	start  time.Time
	wall   int64 // of start, in nanoseconds since 1970
	second int64
	text   []byte // of second, with a point behind it
}

func newClock() clock {
	now := time.Now()
	return clock{start: now, wall: now.UnixNano()}
}

// now returns nanoseconds since 1970.
func (c *clock) now() int64 { return c.wall + int64(time.Since(c.start)) }

// append appends a time with nine decimals.
func (c *clock) append(b []byte, at int64) []byte {
	second, nanos := at/1e9, at%1e9
	if c.text == nil || second != c.second {
		c.second, c.text = second, append(appendNumber(c.text[:0], second), '.')
	}
	b = append(b, c.text...)
	b = append(b, triples[nanos/1_000_000][:]...)
	b = append(b, triples[nanos/1000%1000][:]...)
	return append(b, triples[nanos%1000][:]...)
}

func appendNumber(b []byte, n int64) []byte {
	if n >= 10 {
		b = appendNumber(b, n/10)
	}
	return append(b, byte('0'+n%10))
}

// appendDegrees appends a number of degrees with its sign and six decimals, and so many
// digits before the point.
func appendDegrees(b []byte, degrees float64, digits int) []byte {
	sign := byte('+')
	if degrees < 0 {
		sign, degrees = '-', -degrees
	}
	micros := int(degrees*1e6 + 0.5)
	whole, part := micros/1_000_000, micros%1_000_000
	b = append(b, sign)
	b = append(b, triples[whole][3-digits:]...)
	b = append(b, '.')
	b = append(b, triples[part/1000][:]...)
	return append(b, triples[part%1000][:]...)
}

func appendLocation(b []byte, lat, lon float64) []byte {
	return appendDegrees(appendDegrees(b, lat, 2), lon, 3)
}

// farthest is a distance that reaches every place from everywhere, in km.
const farthest = 20_016

// somePlaces is how many places clients are at, or travel between: enough to be spread
// over the earth, and few enough to stay in a core's cache.
const somePlaces = 1024

// places returns some places of the gazetteer, from all over the earth.
func places() []gazetteer.Place {
	all := gazetteer.Nearby(0, 0, farthest, 1<<20)
	some := make([]gazetteer.Place, somePlaces)
	for i := range some {
		some[i] = all[i*len(all)/len(some)]
	}
	return some
}
