package herd

import (
	"bytes"
	"encoding/binary"
	"math/big"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// The slow and obvious readings of the grammar, which the fast ones are held to.
var (
	slowPlace      = regexp.MustCompile(`^([+-][0-9]+(?:\.[0-9]+)?)([+-][0-9]+(?:\.[0-9]+)?)$`)
	slowTime       = regexp.MustCompile(`^[0-9]{1,12}(\.[0-9]{1,9})?$`)
	slowDifference = regexp.MustCompile(`^[+-][0-9]{1,13}\.[0-9]{9}$`)
	slowRadius     = regexp.MustCompile(`^[0-9]+(\.[0-9]+)?$`)
	slowLimit      = regexp.MustCompile(`^[0-9]+$`)
)

func slowFields(line []byte) (fields []string) {
	for _, f := range bytes.FieldsFunc(line, func(r rune) bool { return strings.ContainsRune(" \t\r\n\f\v", r) }) {
		fields = append(fields, string(f))
	}
	return fields
}

// rat returns the exact value of a decimal number.
func rat(t testing.TB, text string) *big.Rat {
	t.Helper()
	r, ok := new(big.Rat).SetString(text)
	if !ok {
		t.Fatalf("the test itself is wrong: %q is no number", text)
	}
	return r
}

func slowLocation(t testing.TB, text string) bool {
	m := slowPlace.FindStringSubmatch(text)
	if m == nil {
		return false
	}
	lat, lon := rat(t, m[1]), rat(t, m[2])
	return lat.Abs(lat).Cmp(big.NewRat(maxLatitude, 1)) <= 0 && lon.Abs(lon).Cmp(big.NewRat(maxLongitude, 1)) <= 0
}

func slowCommand(t testing.TB, line []byte) bool {
	f := slowFields(line)
	switch {
	case len(f) != 4:
		return false
	case f[0] == "IAMAT":
		return slowLocation(t, f[2]) && slowTime.MatchString(f[3])
	case f[0] == "WHATSAT":
		return slowRadius.MatchString(f[2]) && slowLimit.MatchString(f[3])
	}
	return false
}

func slowAT(t testing.TB, line []byte) bool {
	f := slowFields(line)
	return len(line) <= MaxPeerLine && len(f) == 6 && f[0] == "AT" &&
		slowDifference.MatchString(f[2]) && slowLocation(t, f[4]) && slowTime.MatchString(f[5])
}

// slowValue is a Timestamp as an exact number.
func slowValue(t Timestamp) *big.Rat {
	v := new(big.Rat).SetInt64(t.Sec)
	return v.Add(v, big.NewRat(int64(t.Nsec), nanosPerSecond))
}

// slowCompare is the order of two AT lines, in the words of its definition.
func slowCompare(t testing.TB, a, b string, future time.Duration) int {
	fa, fb := slowFields([]byte(a)), slowFields([]byte(b))
	effective := func(f []string) *big.Rat {
		client := rat(t, f[5])
		latest := new(big.Rat).Add(client, rat(t, f[2]))
		latest.Add(latest, big.NewRat(int64(future), nanosPerSecond))
		if client.Cmp(latest) < 0 {
			return client
		}
		return latest
	}
	order := []int{effective(fa).Cmp(effective(fb)), rat(t, fa[5]).Cmp(rat(t, fb[5]))}
	for _, field := range []int{1, 4, 5, 2} { // server, location, time, difference
		order = append(order, strings.Compare(fa[field], fb[field]))
	}
	for _, c := range order {
		if c != 0 {
			return c
		}
	}
	return 0
}

// slowSipHash is SipHash with so many rounds for each word and so many at the
// end, in the words of its definition.
func slowSipHash(key HashKey, each, last int, text []byte) uint64 {
	padded := append(slices.Clone(text), make([]byte, 8-len(text)%8)...)
	padded[len(padded)-1] = byte(len(text))

	v0, v1, v2, v3 := sipStart(binary.LittleEndian.Uint64(key[:8]), binary.LittleEndian.Uint64(key[8:]))
	for word := range slices.Chunk(padded, 8) {
		v3 ^= binary.LittleEndian.Uint64(word)
		for range each {
			v0, v1, v2, v3 = sipRound(v0, v1, v2, v3)
		}
		v0 ^= binary.LittleEndian.Uint64(word)
	}
	v2 ^= 0xff
	for range last {
		v0, v1, v2, v3 = sipRound(v0, v1, v2, v3)
	}
	return v0 ^ v1 ^ v2 ^ v3
}

// slowRange returns the hashes of those of these AT lines that are in a range of
// the digest, by hash.
func slowRange(key HashKey, bits, number int, lines []string) map[uint64]string {
	in := map[uint64]string{}
	for _, line := range lines {
		id := new(big.Int).SetUint64(slowSipHash(key, 1, 3, []byte(slowFields([]byte(line))[3])))
		if id.Rsh(id, uint(64-bits)).Int64() == int64(number) {
			in[slowSipHash(key, 1, 3, []byte(line))] = line
		}
	}
	return in
}

// random makes lines that are right, or nearly, so that both sides of every rule
// are met often.
type random struct{ *rand.Rand }

func newRandom(seed uint64) random { return random{rand.New(rand.NewPCG(seed, 0))} }

func (r random) oneOf(texts ...string) string { return texts[r.IntN(len(texts))] }

func (r random) bytes(n int) []byte {
	text := make([]byte, n)
	for i := range text {
		text[i] = byte(r.IntN(256))
	}
	return text
}

func (r random) digits(least, most int) string {
	text := make([]byte, least+r.IntN(most-least+1))
	for i := range text {
		text[i] = byte('0' + r.IntN(10))
	}
	return string(text)
}

// number is an unsigned decimal number, often close to one of the bounds.
func (r random) number() string {
	switch r.IntN(4) {
	case 0:
		return r.oneOf("90", "180", "090", "0180", "90.0", "180.000", "90.00000000000000000001", "89.99999999999999999999",
			"180.00000000000000000000001", "179.9999999999999999999999", "0", "00000000000000000000000000000012", "99999999999999999999")
	case 1:
		return r.digits(1, 2)
	case 2:
		return r.digits(1, 3) + "." + r.digits(1, 12)
	}
	return r.oneOf("27.5916", "086.5640", ".5", "5.", "", ".", "1e5", "1.2.3", "+1", "inf", "NaN", "0x10", "1_0", "٣")
}

func (r random) location() string {
	return r.oneOf("+", "-", "+", "-", "+", "") + r.number() + r.oneOf("+", "-", "+", "-", "+", "") + r.number()
}

func (r random) time() string {
	switch r.IntN(4) {
	case 0:
		return r.digits(1, 14)
	case 1:
		return r.digits(9, 11) + "." + r.digits(0, 10)
	case 2:
		return r.digits(1, 12) + r.oneOf(".", "", ",5", "-1", "e3", " ")
	}
	return "1353118103.108893381"
}

func (r random) difference() string {
	return r.oneOf("+", "-", "+", "-", "") + r.digits(0, 15) + r.oneOf(".", ".", ".", "") + r.digits(8, 10)
}

func (r random) blank() string {
	return r.oneOf(" ", " ", " ", " ", " ", " ", "\t", "  ", "\r", "\f", "\v", " \t\r\f\v ", "\u00a0", "\u0085", "\x00", "")
}

// line joins fields with blanks, and now and then spoils one byte.
func (r random) line(fields ...string) []byte {
	line := r.oneOf("", "", "", " ", "\t\v")
	for i, f := range fields {
		if i > 0 {
			line += r.blank()
		}
		line += f
	}
	spoilt := []byte(line + r.oneOf("", "", "", " ", "\r", " surplus"))
	if r.IntN(8) == 0 && len(spoilt) > 0 {
		spoilt[r.IntN(len(spoilt))] = byte(r.IntN(256))
	}
	return spoilt
}

func (r random) id() string {
	return r.oneOf("kiwi.cs.ucla.edu", "x", "\xff\xfe", "気仙沼", "AT", "+1-1", "\x00\x01", strings.Repeat("long", 40))
}

func (r random) command() []byte {
	switch r.IntN(8) {
	case 0:
		return r.line(r.oneOf("iamat", "AT", "WHATSATX", "", "IAMAT"), r.id(), r.location())
	case 1, 2, 3:
		return r.line("WHATSAT", r.id(), r.number(), r.oneOf("0", "2", "100", "101", "007", "-1", "+2", "2.0", "99999999999999999999999"))
	}
	return r.line("IAMAT", r.id(), r.location(), r.time())
}

func (r random) at() []byte {
	const good = 3 // of four fields: more fields, fewer lines that are right
	pick := func(right string, any func() string) string {
		if r.IntN(1+good) < good {
			return right
		}
		return any()
	}
	return r.line(r.oneOf("AT", "AT", "AT", "AT", "at", "IAMAT"), r.oneOf("Farmar", "Meeks", "?"),
		pick("-86400.000000001", r.difference), r.id(), pick("-27.5916+180", r.location), pick("0001.5", r.time))
}
