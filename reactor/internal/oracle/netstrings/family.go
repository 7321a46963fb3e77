package netstrings

import (
	"fmt"
	"math/rand/v2"

	"proxyherd/reactor/internal/oracle/scenario"
)

// Family is the scenarios of NetstringReceiver: chunks, limits and streams that
// are not made of netstrings. Not played: DataReceived within StringReceived,
// which ours queues and Twisted delivers at once; an error from it, which
// Twisted does not know; and a line end in a prefix (NS10).
var Family = scenario.Family{
	Name:     "netstrings",
	Generate: generate,
	Play:     play,
	Statements: []string{"max", "data", "send", "lose", "raise", "connect",
		"string: max", "string: send", "string: lose", "string: raise", "string: connect"},
	Events: []string{"string", "returned", "write", "lose", "raised"},
}

// generate makes a script: settings, what happens in callbacks, then chunks.
func generate(r *rand.Rand) scenario.Script {
	d := &scenario.Draw{Rand: r}
	limit := 99999
	if d.Chance(60) {
		limit = aLimit(d)
		d.Say("max %d", limit)
	}
	for range d.IntN(3) {
		d.Say("in string %d: %s", d.Between(1, 4), action(d))
	}
	for _, chunk := range d.Chunks(stream(d, limit)) {
		d.Say("data %s", scenario.Quote(chunk))
		if d.Chance(8) {
			d.Say("%s", action(d))
		}
	}
	return d.Script
}

func aLimit(d *scenario.Draw) int { return scenario.Pick(d, 1, 5, 9, 10, 11, 99, 100, 101) }

func action(d *scenario.Draw) string {
	switch a := scenario.Pick(d, "max", "max", "send", "lose", "raise", "connect"); a {
	case "max":
		return fmt.Sprint(a, " ", aLimit(d))
	case "send":
		return a + " " + scenario.Quote(d.Bytes(d.IntN(12), "ab,:1"))
	default:
		return a
	}
}

// stream is netstrings, for the most part good ones up to the limit.
func stream(d *scenario.Draw, limit int) (data []byte) {
	for range d.Between(1, 6) {
		n := min(limit, d.IntN(13))
		if d.Chance(15) {
			n = min(limit, 101) + d.Between(-1, 1)
		}
		length, colon, comma := fmt.Sprint(n), ":", ","
		switch d.IntN(30) { // a fault
		case 0:
			length = scenario.Pick(d, "", "00", "007", "-1", "+1", "\x203", "3\x20", "x", "12a")
		case 1:
			length = scenario.Pick(d, "99999", "100000", "999999", "1000000", "123456789012345678901234567890")
		case 2:
			colon = scenario.Pick(d, ";", "", ",", "::")
		case 3:
			comma = scenario.Pick(d, ".", "", "a,")
		}
		data = append(data, length+colon...)
		data = append(data, d.Bytes(n, "ab,:10\x00\xff")...)
		data = append(data, comma...)
	}
	return data
}
