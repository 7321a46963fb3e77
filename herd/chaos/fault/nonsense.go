package fault

import (
	"bytes"
	"math/rand/v2"
)

// What is mutated: whole lines, as they would be right. Their clients are nobody's.
var (
	commands = []string{
		"IAMAT hostile.one +34.068930-118.445127 1700000000.123456789\n",
		"WHATSAT hostile.one 10 5\n",
		"WHATSAT hostile.one 10 5\nIAMAT hostile.two +1+1 1700000001\r\n\n",
		"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
	}
	requests = []string{
		"GET /status.json HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer nobody-knows-this-token\r\n\r\n",
		"POST /metrics HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n",
		"GET /debug/pprof/profile HTTP/1.0\r\n\r\n",
		"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
	}
	peerLines = []string{
		"AT Farmar +0.000000001 hostile.three +1+1 1700000000\n",
		"HELLO 1 herd Farmar Meeks dialler 300 - 0000000000000001 00\n",
		"PROVE 00\n",
		"REFUSED\n",
	}
)

// longest is more than any line may have.
const longest = 40_000

// nonsense makes bytes that are right in part, or not at all.
func nonsense(random *rand.Rand, right []string) []byte {
	text := []byte(right[random.IntN(len(right))])
	switch random.IntN(7) {
	case 0: // random bytes
		text = make([]byte, random.IntN(2000))
		for i := range text {
			text[i] = byte(random.Uint32())
		}
	case 1: // an endless line
		text = bytes.Repeat([]byte{byte('a' + random.IntN(26))}, longest)
	case 2: // NULs
		text = append(make([]byte, random.IntN(5000)), text...)
	case 3: // half a line
		text = text[:random.IntN(len(text))]
	case 4: // many bytes changed
		for range 1 + random.IntN(8) {
			text[random.IntN(len(text))] = byte(random.Uint32())
		}
	case 5: // one field endless
		at := random.IntN(len(text))
		text = append(text[:at:at], append(bytes.Repeat([]byte("9"), random.IntN(longest)), text[at:]...)...)
	case 6: // again and again
		text = bytes.Repeat(text, 1+random.IntN(50))
	}
	return text
}
