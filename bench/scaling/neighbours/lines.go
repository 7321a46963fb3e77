package neighbours

import (
	"math/rand/v2"
	"strconv"
	"time"
)

// Clients is how many clients the updates are about: the server knows them all before it
// is measured, and they come in no order.
const Clients = 100_000

// lines makes updates, each newer than all before it.
type lines struct {
	random *rand.Rand
	latest int64 // nanoseconds since 1970
}

func newLines() lines { return lines{random: rand.New(rand.NewPCG(1, 2))} }

// append appends an update: what a client reports, or what a neighbour passes on.
func (s *lines) append(dst []byte, client int, own bool) []byte {
	s.latest = max(s.latest+1, time.Now().UnixNano())
	if own {
		dst = append(dst, "IAMAT c"...)
	} else {
		dst = append(dst, "AT N001 +0.000100000 c"...)
	}
	dst = appendAfter(dst, '0', 1_000_000+int64(client))
	dst = append(dst, ".load.test +34.068930-118.445127 "...)
	dst = strconv.AppendInt(dst, s.latest/1e9, 10)
	dst = appendAfter(dst, '.', 1e9+s.latest%1e9)
	return append(dst, '\n')
}

// appendAfter appends a number whose first digit, a 1 that keeps the zeros behind it, is
// replaced.
func appendAfter(dst []byte, first byte, number int64) []byte {
	at := len(dst)
	dst = strconv.AppendInt(dst, number, 10)
	dst[at] = first
	return dst
}

// next appends an update of any client.
func (s *lines) next(dst []byte, own bool) []byte {
	return s.append(dst, s.random.IntN(Clients), own)
}
